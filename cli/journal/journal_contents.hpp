#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <skarma/cli/journal/journal_file.hpp>
#include <skarma/model_selection/cv_results.hpp>
#include <skarma/model_selection/fit_report.hpp>
#include <skarma/model_selection/search/journal.hpp>

namespace skarma::cli {

/// All that a journal has, read at once: for who looks at one.
struct JournalContents {
  struct Candidate {
    std::int64_t id;     // its own, whatever grids have been searched
    std::size_t number;  // its place in the search
    std::string digest;
    std::string params;                     // a JSON object
    std::map<std::size_t, FitResult> fits;  // by fold
  };

  explicit JournalContents(const JournalFile& file);

  /// Fits without an error, and with one.
  std::size_t n_done() const;
  std::size_t n_failed() const;
  std::size_t n_fits() const { return search.n_candidates * search.n_folds; }
  /// cv_results of the candidates all of whose folds are there.
  CvResults cv_results() const;

  SearchDescription search;
  std::vector<Candidate> candidates;  // in the order of their numbers
};

/// Whether the fit, or one of its scores, has failed: it is done again when the search goes on.
bool has_failed(const FitResult& result);

}  // namespace skarma::cli
