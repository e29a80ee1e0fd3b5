#include <skarma/cli/output/console.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace skarma::cli {
namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

/// Whether escape sequences do something useful there.
bool is_capable_terminal(std::FILE* file) {
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::strcmp(terminal, "dumb") == 0;
  return isatty(fileno(file)) == 1 && !dumb;
}

}  // namespace

OutputError::OutputError(int code)
    : std::runtime_error(std::string("cannot write to standard output: ") + std::strerror(code)),
      code_(code) {}

bool OutputError::reader_gone() const { return code_ == EPIPE; }

void Console::print(std::string_view text) const {
  const bool written = std::fwrite(text.data(), 1, text.size(), out) == text.size();
  if (!written || std::fflush(out) != 0) throw OutputError(errno);
}

void Console::note(std::string_view line) const {
  std::fwrite(line.data(), 1, line.size(), err);
  std::fputc('\n', err);
  std::fflush(err);
}

void PatientPrinter::print(std::string_view text) {
  if (failure_ != nullptr) return;
  try {
    console_.print(text);
  } catch (const OutputError&) {
    if (!patient_) throw;
    failure_ = std::current_exception();
  }
}

void PatientPrinter::finish() const {
  if (failure_ != nullptr) std::rethrow_exception(failure_);
}

std::optional<std::size_t> terminal_width(std::FILE* terminal) {
  winsize size{};
  if (ioctl(fileno(terminal), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

Console standard_console(std::stop_token stop) {
  return {.out = stdout,
          .err = stderr,
          .colour = is_capable_terminal(stdout) && !is_set("NO_COLOR"),
          .live = is_capable_terminal(stderr),
          .width = terminal_width(stdout).value_or(SIZE_MAX),
          .stop = std::move(stop)};
}

}  // namespace skarma::cli
