#include <skarma/core/net/network_spec.hpp>

#include <cmath>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {
namespace {

/// Throws for more parameters, with their moments, than addresses. Counted in double: a product of
/// whole numbers could wrap.
void check_size(const std::vector<std::size_t>& layer_units) {
  constexpr double kMost = 0x1p56;
  double n = 0.0;
  for (std::size_t i = 1; i < layer_units.size(); ++i) {
    n += (static_cast<double>(layer_units[i - 1]) + 1.0) * static_cast<double>(layer_units[i]);
  }
  if (n < kMost) return;
  throw std::invalid_argument(fmt::format(
      "hidden_layer_sizes: a network with layers of [{}] units has about {:.3g} weights, "
      "more than any memory can hold.",
      fmt::join(layer_units, ", "), n));
}

}  // namespace

NetworkSpec::NetworkSpec(std::vector<std::size_t> layer_units, const Activation& hidden,
                         const Loss& loss)
    : layer_units_(std::move(layer_units)), hidden_(&hidden), loss_(&loss) {
  SKARMA_CHECK(layer_units_.size() >= 2);
  check_size(layer_units_);
  std::size_t offset = 0;
  for (std::size_t i = 0; i + 1 < layer_units_.size(); ++i) {
    layers_.push_back({layer_units_[i], layer_units_[i + 1], offset, 0});
    offset += layer_units_[i] * layer_units_[i + 1];
  }
  for (LayerPlace& layer : layers_) {
    layer.intercept = offset;
    offset += layer.outputs;
  }
  n_parameters_ = offset;
}

template <class T>
void initialise(const NetworkSpec& spec, RandomState& random_state, std::span<T> parameters) {
  SKARMA_CHECK(parameters.size() == spec.n_parameters());
  for (const LayerPlace& layer : spec.layers()) {
    const double units = static_cast<double>(layer.inputs + layer.outputs);
    const double bound = std::sqrt(spec.hidden().init_factor / units);
    const auto draw = [&](std::size_t offset, std::size_t count) {
      for (T& w : parameters.subspan(offset, count)) {
        w = static_cast<T>(random_state.uniform(-bound, bound));
      }
    };
    draw(layer.coef, layer.inputs * layer.outputs);
    draw(layer.intercept, layer.outputs);
  }
}

template void initialise<float>(const NetworkSpec&, RandomState&, std::span<float>);
template void initialise<double>(const NetworkSpec&, RandomState&, std::span<double>);

}  // namespace skarma
