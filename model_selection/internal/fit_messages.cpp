#include <skarma/model_selection/internal/fit_messages.hpp>

#include <new>
#include <stdexcept>

#include <fmt/format.h>

namespace skarma {

void TextCounts::add(const std::string& text) noexcept {
  try {
    ++counts_[text];
  } catch (const std::bad_alloc&) {
    ++n_unsaid_;
  }
}

std::map<std::string, std::size_t> TextCounts::counts() const {
  auto counts = counts_;
  if (n_unsaid_ > 0) counts["out of memory"] += n_unsaid_;
  return counts;
}

void FitMessages::add(const FitResult& result) noexcept {
  if (!result.fit_warning.empty()) fit_warnings_.add(result.fit_warning);
  for (const std::string& error : result.score_errors) score_errors_.add(error);
  if (result.fit_error.empty()) return;
  ++n_failed_;
  fit_errors_.add(result.fit_error);
}

std::vector<std::string> FitMessages::fit_warnings(std::size_t n_fits) const {
  std::vector<std::string> warnings;
  for (const auto& [text, count] : fit_warnings_.counts()) {
    warnings.push_back(fmt::format("{} of {} fits: {}", count, n_fits, text));
  }
  return warnings;
}

std::string FitMessages::failed_fits() const {
  std::string details;
  for (const auto& [text, count] : fit_errors_.counts()) {
    details += fmt::format("\n{} fits failed with the following error:\n{}", count, text);
  }
  return details;
}

std::vector<std::string> FitMessages::failures(std::size_t n_fits, double error_score) const {
  if (n_failed_ > 0 && n_failed_ == n_fits) {
    throw std::invalid_argument(
        fmt::format("All the {} fits failed.\nIt is very likely that your model is misconfigured.\n"
                    "Below are more details about the failures:{}",
                    n_failed_, failed_fits()));
  }
  std::vector<std::string> warnings;
  if (n_failed_ > 0) {
    warnings.push_back(fmt::format(
        "{} fits failed out of a total of {}.\nThe score on these train-test partitions for these "
        "parameters will be set to {}.\nBelow are more details about the failures:{}",
        n_failed_, n_fits, error_score, failed_fits()));
  }
  for (const auto& [text, count] : score_errors_.counts()) {
    warnings.push_back(fmt::format(
        "Scoring failed {} times. The score on these train-test partitions for these parameters "
        "will be set to {}. Details:\n{}",
        count, error_score, text));
  }
  return warnings;
}

}  // namespace skarma
