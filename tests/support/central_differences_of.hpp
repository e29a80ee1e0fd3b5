#pragma once

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/finite_differences.hpp>
#include <skarma/tests/support/problem.hpp>

namespace skarma::test {

/// The reference's gradient of a problem is what its losses say.
/// Both are of the network in training, which is one function while no step is taken.
inline void expect_central_differences(const Problem<double>& problem) {
  const auto engine = engine_of("reference");
  const ModelId model = problem.open(*engine, "sgd", 9);
  auto w = problem.start();
  w.resize(problem.spec.n_trained());
  std::vector<double> gradient(w.size()), unused(w.size());
  loss_and_gradient(*engine, model, w, gradient);
  const auto expected = central_differences(
      [&](const std::vector<double>& at) { return loss_and_gradient(*engine, model, at, unused); },
      w);
  EXPECT_TRUE(close(gradient, expected, 1e-6));
}

}  // namespace skarma::test
