#pragma once

#include <cmath>
#include <span>
#include <stdexcept>
#include <string>

#include <skarma/tests/support/minimise.hpp>

namespace skarma::test {

inline double rosenbrock(std::span<const double> x, std::span<double> g) {
  double f = 0.0;
  for (double& v : g) v = 0.0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    const double curve = x[i + 1] - x[i] * x[i], rest = 1 - x[i];
    f += 100 * curve * curve + rest * rest;
    g[i] += -400 * x[i] * curve - 2 * rest;
    g[i + 1] += 200 * curve;
  }
  return f;
}

/// sum of 10^(i - 3) x_i^2 / 2.
inline double quadratic(std::span<const double> x, std::span<double> g) {
  double f = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    g[i] = std::pow(10.0, static_cast<double>(i) - 3) * x[i];
    f += 0.5 * g[i] * x[i];
  }
  return f;
}

/// sum of x_i - log(x_i): NaN behind a wall at 0.
inline double log_wall(std::span<const double> x, std::span<double> g) {
  double f = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    f += x[i] - std::log(x[i]);
    g[i] = 1 - 1 / x[i];
  }
  return f;
}

/// The function that optimisers.json calls so.
inline Objective objective(const std::string& name) {
  if (name.starts_with("rosenbrock")) return rosenbrock;
  if (name == "quadratic") return quadratic;
  if (name == "log_wall") return log_wall;
  throw std::invalid_argument(name);
}

}  // namespace skarma::test
