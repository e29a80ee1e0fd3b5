// Clipped gradients, exact zeros and limited norms as their papers have them.
#include <skarma/core/reference/restraint_formulas.hpp>

#include <algorithm>
#include <cmath>

#include <armadillo>

namespace skarma::reference {
namespace {

/// Armadillo's own calls BLAS, which takes a guard.
template <class Vector>
double norm_of(const Vector& v) {
  return std::sqrt(arma::accu(arma::square(v)));
}

template <class T>
void limit_norms(double max_norm, const LayerPlace& layer, std::span<T> parameters) {
  // Rows of Armadillo's matrix are units, columns what they read.
  arma::Mat<T> w(parameters.data() + layer.coef, layer.outputs, layer.inputs, false, true);
  for (arma::uword j = 0; j < w.n_rows; ++j) {
    const double norm = norm_of(arma::conv_to<arma::rowvec>::from(w.row(j)));
    if (norm > max_norm) w.row(j) *= static_cast<T>(max_norm / norm);
  }
}

}  // namespace

/// Pascanu, Mikolov and Bengio (ICML 2013), with PyTorch's epsilon.
template <class T>
void clip(std::span<T> gradient, const NetworkSpec& spec, const Restraints& restraints) {
  arma::Col<T> g(gradient.data(), gradient.size(), false, true);
  if (restraints.clip_value > 0.0) {
    const T most = static_cast<T>(restraints.clip_value);
    g.transform([=](T v) { return v > most ? most : v < -most ? -most : v; });
  }
  for (const auto& [begin, end] : spec.frozen()) {
    if (end <= g.n_elem) g.subvec(begin, end - 1).zeros();
  }
  if (restraints.clip_norm > 0.0) {
    const double norm = norm_of(arma::conv_to<arma::vec>::from(g));
    const double share = restraints.clip_norm / (norm + 1e-6);
    if (share < 1.0) g *= static_cast<T>(share);
  }
}

/// Andrew and Gao (ICML 2007); Srivastava et al. (JMLR 15, 2014).
template <class T>
void restrain(const Restraints& restraints, const NetworkSpec& spec, std::span<const T> before,
              std::span<const T> gradient, std::span<T> parameters) {
  for (const Node& node : spec.nodes()) {
    for (const Slot& slot : node.slots) {
      if (restraints.l1 == 0.0 || !slot.penalised || slot.frozen) continue;
      for (std::size_t i = slot.offset; i < slot.offset + slot.size; ++i) {
        const T orthant = before[i] != 0 ? before[i] : -gradient[i];
        if (orthant == 0 || parameters[i] * orthant < 0) parameters[i] = 0;
      }
    }
  }
  if (restraints.max_norm == 0.0) return;
  const auto frozen = spec.frozen();
  for (const LayerPlace& layer : spec.layers()) {
    const auto is_own = [&](const auto& place) { return place.first == layer.coef; };
    if (std::ranges::any_of(frozen, is_own)) continue;
    limit_norms(restraints.max_norm, layer, parameters);
  }
}

template void clip<float>(std::span<float>, const NetworkSpec&, const Restraints&);
template void clip<double>(std::span<double>, const NetworkSpec&, const Restraints&);
template void restrain<float>(const Restraints&, const NetworkSpec&, std::span<const float>,
                              std::span<const float>, std::span<float>);
template void restrain<double>(const Restraints&, const NetworkSpec&, std::span<const double>,
                               std::span<const double>, std::span<double>);

}  // namespace skarma::reference
