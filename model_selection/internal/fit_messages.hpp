#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <skarma/model_selection/fit_report.hpp>

namespace skarma {

/// Texts, and how often each was said.
class TextCounts {
 public:
  /// A text for which there is no memory counts as "out of memory".
  void add(const std::string& text) noexcept;
  /// Each text with its count, in the texts' order.
  std::map<std::string, std::size_t> counts() const;

 private:
  std::map<std::string, std::size_t> counts_;
  std::size_t n_unsaid_ = 0;
};

/// What the fits of a search or a cross-validation warn of and fail with, counted as they come.
class FitMessages {
 public:
  void add(const FitResult& result) noexcept;

  /// What the fits themselves warn about: each distinct text with its count, of `n_fits`.
  std::vector<std::string> fit_warnings(std::size_t n_fits) const;
  /// What scikit-learn warns about after such fits: failed fits, each distinct error with its
  /// count, and failed scorings. Throws std::invalid_argument if all fits failed.
  std::vector<std::string> failures(std::size_t n_fits, double error_score) const;

 private:
  std::string failed_fits() const;

  TextCounts fit_warnings_, fit_errors_, score_errors_;
  std::size_t n_failed_ = 0;
};

}  // namespace skarma
