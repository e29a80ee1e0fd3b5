#include <skarma/core/net/loss.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {

const Loss& binary_loss(std::string_view name) {
  const Loss* const row = find_loss("binary_" + std::string(name));
  SKARMA_CHECK(row != nullptr);
  return *row;
}

void check_targets(const LossChoice& loss, std::span<const double> targets) {
  const LossFunction function = loss.row->function;
  const bool is_positive =
      function == kGammaLoss || (function == kTweedie && loss.numbers.front() >= 2.0);
  if (!is_positive && function != kTweedie) return;
  if (std::ranges::all_of(targets, [=](double v) { return is_positive ? v > 0.0 : v >= 0.0; })) {
    return;
  }
  throw std::invalid_argument(fmt::format(
      "Some value(s) of y are out of the valid range of the loss '{}': they must be {}.",
      loss.row->name, is_positive ? "positive" : "at least 0"));
}

LossChoice parse_loss(std::string_view text) {
  const Loss* const row = find_loss(text.substr(0, text.find('(')));
  if (row == nullptr) throw std::invalid_argument(fmt::format("There is no loss '{}'.", text));
  const double number = number_of_call(text, row->name, row->number);
  if (row->number.name.empty()) return *row;
  return {*row, {number}};
}

}  // namespace skarma
