#include <skarma/core/net/targets.hpp>

namespace skarma {

template <class T>
Targets<T> Targets<T>::at(std::span<const RowIndex> positions) const {
  Targets<T> chosen;
  chosen.n_outputs = n_outputs;
  for (const RowIndex i : positions) {
    if (!codes.empty()) chosen.codes.push_back(codes[i]);
    if (!values.empty()) {
      const auto row = values.begin() + static_cast<std::ptrdiff_t>(i * n_outputs);
      chosen.values.insert(chosen.values.end(), row, row + static_cast<std::ptrdiff_t>(n_outputs));
    }
    if (!weights.empty()) chosen.weights.push_back(weights[i]);
  }
  return chosen;
}

template struct Targets<float>;
template struct Targets<double>;

}  // namespace skarma
