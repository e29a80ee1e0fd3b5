#pragma once

#include <string_view>
#include <vector>

#include <skarma/estimators/transformer.hpp>

namespace skarma {

/// One number a column, or one alone.
inline Transformer::Figures list_of(const std::vector<double>& values) {
  return {{values.size()}, values};
}

/// The numbers of this name. Throws std::invalid_argument if there are none.
const Transformer::Figures& figures_of(const Transformer::Learnt& learnt, std::string_view name);
inline const std::vector<double>& list_in(const Transformer::Learnt& learnt,
                                          std::string_view name) {
  return figures_of(learnt, name).values;
}
/// The same; no numbers where the name is not there.
std::vector<double> list_if_in(const Transformer::Learnt& learnt, std::string_view name);
/// The only number of this name. Throws std::invalid_argument if it is not one.
double number_in(const Transformer::Learnt& learnt, std::string_view name);

}  // namespace skarma
