#pragma once

#include <mutex>
#include <string>

#include <skarma/cli/output/live_line.hpp>
#include <skarma/cli/output/result_table.hpp>
#include <skarma/model_selection/grid_search.hpp>

namespace skarma::cli {

/// How far a search is, as its line shows it.
struct SearchState {
  std::size_t n_done = 0;
  std::size_t n_all = 0;
  std::string best{};  // "0.9836 at alpha=10.0"; empty before the first candidate is complete
};

/// Fits done of all, elapsed, time left, best so far.
std::string search_text(const SearchState& state, double seconds, bool stopping);

/// The live line of a search.
class SearchLine {
 public:
  SearchLine(const Console& console, std::size_t n_fits, ParameterNames shown, bool wanted = true);

  /// May be called from any thread.
  void update(const SearchProgress& progress);

 private:
  SearchState state() const;

  const ParameterNames shown_;
  mutable std::mutex mutex_;
  SearchState state_;
  LiveLine line_;  // last: it reads the state
};

}  // namespace skarma::cli
