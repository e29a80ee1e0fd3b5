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

LossChoice parse_loss(std::string_view text) {
  const Loss* const row = find_loss(text.substr(0, text.find('(')));
  if (row == nullptr) throw std::invalid_argument(fmt::format("There is no loss '{}'.", text));
  const double number = number_of_call(text, row->name, row->number);
  if (row->number.name.empty()) return *row;
  return {*row, {number}};
}

}  // namespace skarma
