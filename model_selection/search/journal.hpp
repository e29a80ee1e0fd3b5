#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <skarma/estimators/params/param_value.hpp>
#include <skarma/model_selection/fit_report.hpp>
#include <skarma/model_selection/search/trial.hpp>

namespace skarma {

/// 128 bits of XXH3 over canonical bytes: equal for equal bytes, and else different but for chances
/// of 2^-64 in billions of them. It is no defence against somebody who wants two to be equal.
struct Digest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  std::string text() const;  // 32 hexadecimal digits
  auto operator<=>(const Digest&) const = default;
};

/// Raised by a commit after which a fit of the same data and parameters gives other numbers.
constexpr int kResultsVersion = 1;

/// All that the numbers of a search depend on but its candidates: what computes them, the class and
/// each parameter of the estimator, digests of data and folds, the scorers. Names and values.
using SearchParts = std::vector<std::pair<std::string, std::string>>;

/// What there is to know of a search before its first fit.
struct SearchDescription {
  SearchParts parts;
  std::vector<std::string> metrics;  // in the order of a FitResult's scores
  bool has_train_scores = false;
  std::size_t n_candidates = 0;
  std::size_t n_folds = 0;
};

/// What `here` differs in from `there`, in words that follow "is of": "other data", "another
/// search: alpha is 0.1 there, and 0.2 here". Empty where nothing does.
std::string difference(const SearchParts& there, const SearchParts& here);

/// A fit of a search by what it is of: the digest of its candidate's parameters, and its fold.
struct FitKey {
  Digest candidate;
  std::size_t fold = 0;
};

/// Where a search keeps what its fits came to, so that it goes on after whatever ended it. One
/// search has it at a time in a process, and calls it one call at a time. What it throws ends the
/// search; what was appended stays.
class Journal {
 public:
  virtual ~Journal() = default;

  /// Called before the first fit. Whether nobody had opened it before. Throws std::invalid_argument
  /// where somebody had, for a search that differs in a part, and says in which.
  virtual bool open(const SearchDescription& search) = 0;
  /// What was appended for this fit, by this process or another one.
  virtual std::optional<FitResult> find(const FitKey& key) = 0;
  /// Keeps a result for good, before it returns. A fit without an error that is there stays, and
  /// the answer is false; one that had failed is replaced.
  virtual bool append(const FitKey& key, const Trial& trial, const ParamSet& params,
                      const FitResult& result) = 0;
};

}  // namespace skarma
