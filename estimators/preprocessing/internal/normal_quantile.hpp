#pragma once

namespace skarma {

/// Below which value a standard normal variable lies with this probability, to rounding; infinite
/// for 0 and 1. Source: M. Abramowitz and I. A. Stegun, Handbook of Mathematical
/// Functions, 26.2.23, for where Newton's method starts.
double normal_quantile(double probability);

}  // namespace skarma
