#include <skarma/cli/output/search_progress.hpp>

#include <fmt/format.h>

namespace skarma::cli {

std::string search_text(const SearchState& state, double seconds, bool stopping) {
  std::string text =
      fmt::format("{}/{} fits, {} elapsed", state.n_done, state.n_all, clock_text(seconds));
  if (stopping) {
    text += ", stopping (Ctrl-C again ends at once)";
  } else if (state.n_done == state.n_all) {
    text += ", fitting the best on all samples";
  } else if (state.n_done > 0) {
    const auto left = static_cast<double>(state.n_all - state.n_done);
    text += fmt::format(", {} left",
                        clock_text(seconds * left / static_cast<double>(state.n_done) + 0.5));
  }
  if (!state.best.empty()) text += ", best " + state.best;
  return text;
}

SearchLine::SearchLine(const Console& console, std::size_t n_fits, ParameterNames shown,
                       bool wanted)
    : shown_(std::move(shown)),
      state_{.n_all = n_fits},
      line_(console, wanted, [&](double seconds) {
        return search_text(state(), seconds, console.stop.stop_requested());
      }) {}

SearchState SearchLine::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void SearchLine::update(const SearchProgress& progress) {
  if (!line_.is_drawn()) return;
  const std::lock_guard lock(mutex_);
  state_.n_done = progress.n_done;
  state_.n_all = progress.n_all;
  if (progress.best_params == nullptr) return;
  state_.best = fmt::format("{:.4f} at {}", progress.best_score,
                            parameters_text(*progress.best_params, shown_));
}

}  // namespace skarma::cli
