#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include <skarma/cli/console.hpp>
#include <skarma/cli/search_report.hpp>
#include <skarma/model_selection/grid_search.hpp>

namespace skarma::cli {

/// How far a search is, as the line shows it.
struct ProgressState {
  std::size_t n_done = 0;
  std::size_t n_all = 0;
  double seconds = 0.0;
  std::string best{};  // "0.9836 at alpha=10.0"; empty before the first candidate is complete
  bool stopping = false;
};

/// The line, cut to `width` columns: fits done of all, elapsed, time left, best so far.
std::string progress_text(const ProgressState& state, std::size_t width);

/// A line on standard error that is rewritten in place while a search runs, and cleared at the end.
/// Does nothing unless `wanted` and standard error is a terminal.
class ProgressLine {
 public:
  ProgressLine(const Console& console, std::size_t n_fits, ParameterNames shown,
               bool wanted = true);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// May be called from any thread.
  void update(const SearchProgress& progress);

 private:
  void draw_until(const std::stop_token& ended);
  void draw(ProgressState state) const;

  const Console& console_;
  const ParameterNames shown_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  ProgressState state_;
  std::condition_variable_any wake_;
  std::jthread drawer_;  // last: it uses all of the above
};

}  // namespace skarma::cli
