#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <skarma/core/base/random_state.hpp>
#include <skarma/core/net/activation.hpp>
#include <skarma/core/net/loss.hpp>

namespace skarma {

/// Where one dense layer lies in the packed parameter vector: W of shape (inputs, outputs),
/// row-major, at `coef`; the bias of shape (outputs) at `intercept`.
struct LayerPlace {
  std::size_t inputs;
  std::size_t outputs;
  std::size_t coef;
  std::size_t intercept;
};

/// What a network is, without its numbers: units per layer (inputs first, outputs last), the
/// hidden activation and the loss. Parameters are packed as scikit-learn packs them: all W, then
/// all biases.
class NetworkSpec {
 public:
  /// Throws std::invalid_argument for more parameters than any memory can hold.
  NetworkSpec(std::vector<std::size_t> layer_units, const Activation& hidden, const Loss& loss);

  const std::vector<std::size_t>& layer_units() const { return layer_units_; }
  const std::vector<LayerPlace>& layers() const { return layers_; }
  const Activation& hidden() const { return *hidden_; }
  const Loss& loss() const { return *loss_; }
  std::size_t n_inputs() const { return layer_units_.front(); }
  std::size_t n_outputs() const { return layer_units_.back(); }
  std::size_t n_coefs() const { return layers_.front().intercept; }
  std::size_t n_parameters() const { return n_parameters_; }

 private:
  std::vector<std::size_t> layer_units_;
  const Activation* hidden_;
  const Loss* loss_;
  std::vector<LayerPlace> layers_;
  std::size_t n_parameters_ = 0;
};

/// Draws initial parameters in scikit-learn's order: W_0, b_0, W_1, b_1, ..., each uniform in
/// +-sqrt(f / (inputs + outputs)), drawn in double and rounded to T. `parameters` is packed.
template <class T>
void initialise(const NetworkSpec& spec, RandomState& random_state, std::span<T> parameters);

}  // namespace skarma
