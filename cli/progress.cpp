#include <skarma/cli/progress.hpp>

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

/// Whole seconds as 0:07, 12:30 or 1:02:03.
std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(seconds);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace

std::string progress_text(const ProgressState& state, std::size_t width) {
  std::string text =
      fmt::format("{}/{} fits, {} elapsed", state.n_done, state.n_all, clock_text(state.seconds));
  if (state.stopping) {
    text += ", stopping (Ctrl-C again ends at once)";
  } else if (state.n_done == state.n_all) {
    text += ", fitting the best on all samples";
  } else if (state.n_done > 0) {
    const auto left = static_cast<double>(state.n_all - state.n_done);
    text += fmt::format(", {} left",
                        clock_text(state.seconds * left / static_cast<double>(state.n_done) + 0.5));
  }
  if (!state.best.empty()) text += ", best " + state.best;
  return text.substr(0, width);
}

ProgressLine::ProgressLine(const Console& console, std::size_t n_fits, ParameterNames shown,
                           bool wanted)
    : console_(console), shown_(std::move(shown)) {
  state_.n_all = n_fits;
  if (!wanted || !console_.live) return;
  drawer_ = std::jthread([this](const std::stop_token& ended) { draw_until(ended); });
}

ProgressLine::~ProgressLine() {
  if (!drawer_.joinable()) return;
  drawer_.request_stop();
  drawer_.join();
  std::fputs(kClearLine, console_.err);
  std::fflush(console_.err);
}

void ProgressLine::update(const SearchProgress& progress) {
  if (!drawer_.joinable()) return;
  const std::lock_guard lock(mutex_);
  state_.n_done = progress.n_done;
  state_.n_all = progress.n_all;
  if (progress.best_params == nullptr) return;
  state_.best = fmt::format("{:.4f} at {}", progress.best_score,
                            parameters_text(*progress.best_params, shown_));
}

void ProgressLine::draw_until(const std::stop_token& ended) {
  std::unique_lock lock(mutex_);
  while (!ended.stop_requested()) {
    const ProgressState state = state_;
    lock.unlock();  // a terminal that stands still must not hold up the search
    draw(state);
    lock.lock();
    wake_.wait_for(lock, ended, kRedraw, [] { return false; });
  }
}

void ProgressLine::draw(ProgressState state) const {
  state.stopping = console_.stop.stop_requested();
  state.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const std::size_t width = terminal_width(console_.err);
  const std::string line = kClearLine + progress_text(state, width - 1);
  std::fputs(line.c_str(), console_.err);
  std::fflush(console_.err);
}

}  // namespace skarma::cli
