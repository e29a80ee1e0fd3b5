#include <skarma/estimators/transformer.hpp>

#include <skarma/estimators/internal/input_checks.hpp>

namespace skarma {

SampleView Transformer::view(const SampleView& x) const {
  auto transform = column_transform();
  check_n_features(name(), x, transform->n_columns());
  return x.transformed(std::move(transform));
}

Matrix<double> Transformer::transform(const SampleView& x) const {
  const SampleView seen = view(x);
  Matrix<double> result(x.n_samples(), x.n_features());
  seen.gather(0, x.n_samples(), result.data());
  return result;
}

}  // namespace skarma
