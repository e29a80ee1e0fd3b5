#pragma once

#include <array>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <skarma/core/net/named_number.hpp>

namespace skarma {

enum class InitialDistribution { by_activation, uniform, normal, orthogonal, constant };

/// How the first weights of layers are drawn, by their fans: fan_in units are read, fan_out
/// computed. Biases are 0, but for 'auto'.
struct Initialiser {
  std::string_view name;
  InitialDistribution distribution;
  double scale = 0.0;          // the variance times the fan
  bool averages_fans = false;  // whether the fan is the mean of both, and not fan_in
  NamedNumber takes{};         // with the one it has unless another is given
  double number = takes.value;
};

/// Their table. A uniform distribution of variance v is within sqrt(3 v); normal ones are not cut
/// off, as in the papers and in PyTorch (Keras cuts them at two standard deviations and widens what
/// is left).
inline constexpr std::array kInitialisers = {
    // scikit-learn's: glorot_uniform for weights and biases, with a third of its variance where the
    // activation is logistic (Activation::init_factor).
    Initialiser{"auto", InitialDistribution::by_activation},
    // Glorot and Bengio (AISTATS 2010): variance 2 / (fan_in + fan_out).
    Initialiser{"glorot_uniform", InitialDistribution::uniform, 1.0, true},
    Initialiser{"glorot_normal", InitialDistribution::normal, 1.0, true},
    // He et al. (ICCV 2015): variance 2 / fan_in.
    Initialiser{"he_uniform", InitialDistribution::uniform, 2.0},
    Initialiser{"he_normal", InitialDistribution::normal, 2.0},
    // LeCun et al. ("Efficient BackProp", 1998): variance 1 / fan_in.
    Initialiser{"lecun_uniform", InitialDistribution::uniform, 1.0},
    Initialiser{"lecun_normal", InitialDistribution::normal, 1.0},
    // Rows or columns, whichever are fewer, are orthogonal and as long as the gain (Saxe et al.,
    // ICLR 2014): Q of a normal matrix, R's diagonal positive.
    Initialiser{
        "orthogonal", InitialDistribution::orthogonal, 0.0, false, {"gain", 1.0, 0.0, true}},
    Initialiser{"constant",
                InitialDistribution::constant,
                0.0,
                false,
                {"value", 0.0, std::numeric_limits<double>::lowest()}},
};

/// Reads "he_normal", "orthogonal(1.41)" or "constant(value=0.1)". Throws std::invalid_argument,
/// which says what it takes, or proposes a name.
Initialiser parse_initialiser(std::string_view text);

}  // namespace skarma
