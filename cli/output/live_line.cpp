#include <skarma/cli/output/live_line.hpp>

#include <new>
#include <system_error>

#include <fmt/format.h>

namespace skarma::cli {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr const char* kClearLine = "\r\x1b[2K";

}  // namespace

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(seconds);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

LiveLine::LiveLine(const Console& console, bool wanted, Text text)
    : console_(console), text_(std::move(text)) {
  if (!wanted || !console_.live) return;
  try {
    drawer_ = std::jthread([this](const std::stop_token& ended) { draw_until(ended); });
  } catch (const std::system_error&) {
    // no thread is to be had: the work goes on without a line
  }
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
    try {
      draw();
    } catch (const std::bad_alloc&) {
      // the line of this moment is missing
    }
    wake_.wait_for(lock, ended, kRedraw, [] { return false; });
  }
}

void LiveLine::draw() const {
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
  const std::string text = text_(passed.count());
  const std::string line =
      kClearLine + text.substr(0, terminal_width(console_.err).value_or(80) - 1);
  std::fputs(line.c_str(), console_.err);
  std::fflush(console_.err);
}

}  // namespace skarma::cli
