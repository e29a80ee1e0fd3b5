#include <skarma/estimators/internal/learnt_figures.hpp>

#include <stdexcept>

#include <fmt/format.h>

namespace skarma {

const Transformer::Figures& figures_of(const Transformer::Learnt& learnt, std::string_view name) {
  const auto found = learnt.find(name);
  if (found != learnt.end()) return found->second;
  throw std::invalid_argument(fmt::format("'{}' is missing", name));
}

std::vector<double> list_if_in(const Transformer::Learnt& learnt, std::string_view name) {
  return learnt.contains(name) ? list_in(learnt, name) : std::vector<double>();
}

double number_in(const Transformer::Learnt& learnt, std::string_view name) {
  const std::vector<double>& values = list_in(learnt, name);
  if (values.size() == 1) return values.front();
  throw std::invalid_argument(fmt::format("'{}' is not one number", name));
}

}  // namespace skarma
