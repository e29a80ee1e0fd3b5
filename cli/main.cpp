// The program `skarma`. Ctrl-C asks for an end, and a closed pipe is an error to read, not a signal
// to die of.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <skarma/cli/app.hpp>
#include <skarma/cli/exit_code.hpp>
#include <skarma/cli/output/console.hpp>
#include <skarma/cli/signals.hpp>

namespace {

/// A standard stream that was closed would be the number of the next file that is opened, which
/// could be a model. What takes its place cannot be used either.
void occupy_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) != -1) continue;
    if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) return;
  }
}

int run(int argc, char** argv) {
  const skarma::cli::InterruptWatcher interrupts;
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const int code = skarma::cli::run(arguments, skarma::cli::standard_console(interrupts.token()));
  return code == skarma::cli::kInterrupted ? interrupts.exit_code() : code;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  occupy_standard_streams();
  try {
    return run(argc, argv);
  } catch (const std::exception&) {
    std::fputs("skarma: there is not enough memory to start\n", stderr);
    return skarma::cli::kFailed;
  }
}
