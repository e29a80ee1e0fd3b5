#include <skarma/cli/live_line.hpp>

#include <sys/ioctl.h>

#include <fmt/format.h>

namespace skarma::cli {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr const char* kClearLine = "\r\x1b[2K";

std::size_t terminal_width(std::FILE* terminal) {
  winsize size{};
  if (ioctl(fileno(terminal), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(seconds);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

LiveLine::LiveLine(const Console& console, bool wanted, Text text)
    : console_(console), text_(std::move(text)) {
  if (!wanted || !console_.live) return;
  drawer_ = std::jthread([this](const std::stop_token& ended) { draw_until(ended); });
}

LiveLine::~LiveLine() {
  if (!drawer_.joinable()) return;
  drawer_.request_stop();
  drawer_.join();
  std::fputs(kClearLine, console_.err);
  std::fflush(console_.err);
}

void LiveLine::draw_until(const std::stop_token& ended) {
  std::unique_lock lock(mutex_);
  while (!ended.stop_requested()) {
    draw();
    wake_.wait_for(lock, ended, kRedraw, [] { return false; });
  }
}

void LiveLine::draw() const {
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
  const std::string text = text_(passed.count());
  const std::string line = kClearLine + text.substr(0, terminal_width(console_.err) - 1);
  std::fputs(line.c_str(), console_.err);
  std::fflush(console_.err);
}

}  // namespace skarma::cli
