#include <skarma/core/cpu/blocked_gradient.hpp>

#include <gtest/gtest.h>

#include <skarma/core/cpu/layers/dense.hpp>
#include <skarma/core/kernels/blas_threads.hpp>
#include <skarma/core/parallel/spare_threads.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma {
namespace {

using test::close;
using test::same_bits;

struct Case {
  NetworkSpec spec;
  std::size_t rows;
};

/// Rows around one block of 512 and around the eight lanes; every loss.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::size_t rows : {1u, 512u, 513u, 4096u, 5000u}) {
    all.push_back({test::network({20, 9, 3}, "tanh", "log_loss"), rows});
    all.push_back({test::network({20, 9, 2}, "relu", "squared_error"), rows});
  }
  return all;
}

template <class T>
Batch<T> batch_of(const Inputs<T>& inputs, const Targets<T>& y, std::size_t rows) {
  return {inputs,
          y.codes.empty() ? nullptr : y.codes.data(),
          y.values.empty() ? nullptr : y.values.data(),
          y.weights.empty() ? nullptr : y.weights.data(),
          rows,
          1.0};
}

template <class T>
void check_against_one_pass(const Case& c, bool weighted, double tolerance) {
  const auto x = test::sparse_matrix<T>(c.rows, 20, 0.3, 1);
  const auto y = test::random_targets<T>(c.spec, c.rows, 2, weighted);
  const auto w = test::initial_parameters<T>(c.spec, 3);
  const Batch<T> dense = batch_of<T>(reading(x.dense.view()), y, c.rows);
  std::vector<T> whole(w.size());
  const double expected =
      Network<T>(c.spec, c.rows).loss_and_gradient(w.data(), dense, whole.data());
  const Batch<T> sparse =
      batch_of<T>(kernels::SparseRows<T>{x.values.data(), x.columns.data(), x.row_starts.data(),
                                         x.row_starts.data() + 1, c.rows},
                  y, c.rows);
  for (const Batch<T>* batch : {&dense, &sparse}) {
    BlockedGradient<T> sum(c.spec, c.rows, ThreadTeam::alone());
    std::vector<double> gradient(w.size(), 99.0);
    EXPECT_NEAR(sum(w.data(), *batch, gradient), expected, tolerance * std::abs(expected));
    EXPECT_TRUE(close(gradient, std::vector<double>(whole.begin(), whole.end()), tolerance));
  }
}

TEST(BlockedGradient, IsThatOfOnePass) {
  for (const Case& c : cases()) {
    for (const bool weighted : {false, true}) {
      check_against_one_pass<double>(c, weighted, 1e-12);
      check_against_one_pass<float>(c, weighted, 3e-4);
    }
  }
}

TEST(BlockedGradient, ThreadsAndRepetitionChangeNoBit) {
  const kernels::SingleThreadedBlas guard;  // as in the engine: the threads are ours
  for (const Case& c : cases()) {
    const auto x = test::random_matrix(c.rows, 20, 1);
    const auto y = test::random_targets(c.spec, c.rows, 2);
    const auto w = test::initial_parameters(c.spec, 3);
    const auto batch = batch_of<double>(reading(x.view()), y, c.rows);
    std::vector<double> expected(w.size()), gradient(w.size());
    const double loss =
        BlockedGradient<double>(c.spec, c.rows, ThreadTeam::alone())(w.data(), batch, expected);
    for (const int n_threads : {2, 3, 16}) {
      ThreadTeam team(n_threads);
      BlockedGradient<double> sum(c.spec, c.rows, team);
      for (int repetition = 0; repetition < 2; ++repetition) {
        EXPECT_EQ(test::bits(sum(w.data(), batch, gradient)), test::bits(loss));
        EXPECT_TRUE(same_bits(gradient, expected));
      }
    }
  }
}

/// Four million times one row, far more than are summed before the request comes.
TEST(BlockedGradient, AStopRequestEndsItBetweenBlocks) {
  constexpr std::size_t rows = 4'000'000;
  const auto spec = test::network({20, 300, 3}, "relu", "log_loss");
  const auto x = test::random_numbers(20, 1);
  const auto w = test::initial_parameters(spec, 3);
  const std::vector<std::int32_t> codes(rows, 1);
  const auto batch_of_same = [&](std::size_t n) {
    const double weight = static_cast<double>(n);
    return Batch<double>{kernels::DenseRows<double>(x.data(), 0), codes.data(), {}, {}, n, weight};
  };
  BlockedGradient<double> sum(spec, rows, ThreadTeam::alone());
  std::vector<double> gradient(w.size()), one(w.size());
  const double loss_of_one =
      BlockedGradient<double>(spec, 1, ThreadTeam::alone())(w.data(), batch_of_same(1), one);
  std::stop_source source;
  std::jthread asks([&] { source.request_stop(); });
  const double loss = sum(w.data(), batch_of_same(rows), gradient, source.get_token());
  EXPECT_LT(loss / loss_of_one, 0.9 * rows);
  asks.join();
  EXPECT_EQ(sum(w.data(), batch_of_same(rows), gradient, source.get_token()), 0.0);
  EXPECT_EQ(gradient, std::vector<double>(w.size()));
}

/// Wide enough, with 1500 rows, that lanes are shared; with 400, the products inside the network.
TEST(BlockedGradient, ThreadsThatComeBetweenChangeNoBit) {
  const kernels::SingleThreadedBlas guard;
  for (const std::size_t rows : {400u, 1500u}) {
    const Case c{test::network({200, 200, 3}, "relu", "log_loss"), rows};
    const auto x = test::random_matrix(c.rows, 200, 1);
    const auto y = test::random_targets(c.spec, c.rows, 2);
    const auto w = test::initial_parameters(c.spec, 3);
    const auto batch = batch_of<double>(reading(x.view()), y, c.rows);
    SpareThreads spare(1, 4, 64);
    ThreadTeam team(1, &spare);
    BlockedGradient<double> sum(c.spec, c.rows, team);
    std::vector<double> expected(w.size()), gradient(w.size());
    const double loss =
        BlockedGradient<double>(c.spec, c.rows, ThreadTeam::alone())(w.data(), batch, expected);
    do {
      EXPECT_EQ(test::bits(sum(w.data(), batch, gradient)), test::bits(loss));
      EXPECT_TRUE(same_bits(gradient, expected));
    } while (team.n_threads() < 4);
    EXPECT_EQ(test::bits(sum(w.data(), batch, gradient)), test::bits(loss));
    EXPECT_TRUE(same_bits(gradient, expected));
  }
}

}  // namespace
}  // namespace skarma
