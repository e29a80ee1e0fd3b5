#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include <skarma/cli/output/console.hpp>

namespace skarma::cli {

/// Whole seconds as 0:07, 12:30 or 1:02:03.
std::string clock_text(double seconds);

/// A line on standard error that is rewritten in place while something runs, cut to the terminal's
/// width, and cleared at the end. Nothing is drawn unless `wanted` and standard error is a
/// terminal, or where the system refuses a thread.
class LiveLine {
 public:
  /// What the line says after `seconds`; called from a thread of the line's own.
  using Text = std::function<std::string(double seconds)>;

  LiveLine(const Console& console, bool wanted, Text text);
  ~LiveLine();
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  bool is_drawn() const { return drawer_.joinable(); }

 private:
  void draw_until(const std::stop_token& ended);
  void draw() const;

  const Console& console_;
  const Text text_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread drawer_;  // last: it uses all of the above
};

}  // namespace skarma::cli
