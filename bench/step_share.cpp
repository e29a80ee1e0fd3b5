// How much of one training step is its own matrix products? Times whole adam steps and the products
// of such a step alone, in turns in one run on one thread, and prints the ratio of the minima.
//   skarma_bench_step [rounds]
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <skarma/core/engine/cpu_engine.hpp>
#include <skarma/core/kernels/blas_threads.hpp>
#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/core/net/layers/dense.hpp>

namespace skarma {
namespace {

using Clock = std::chrono::steady_clock;

struct Shape {
  std::string name;
  std::vector<std::size_t> units;
  std::size_t batch;
  const char* output;
  double target;  // the share that is asked for; 0 = none
};

const std::vector<Shape> kShapes = {
    {"784-100-10", {784, 100, 10}, 200, "softmax", 0.55},
    {"30-100-1", {30, 100, 1}, 200, "logistic", 0.40},
    {"30-100-1", {30, 100, 1}, 32, "logistic", 0.0},
    {"100-256-256-1", {100, 256, 256, 1}, 200, "identity", 0.65},
    {"784-512-512-10", {784, 512, 512, 10}, 128, "softmax", 0.65},
};

double seconds(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A data set of ten batches, a model on it, and room for its products.
template <class T>
class Step {
 public:
  explicit Step(const Shape& shape)
      : shape_(shape),
        spec_(shape.units, *find_activation("relu"), *find_loss(shape.output)),
        x_(10 * shape.batch, shape.units.front()),
        order_(x_.rows()),
        engine_(make_cpu_engine<T>()) {
    RandomState random_state(1);
    for (std::size_t i = 0; i < x_.rows(); ++i) {
      for (T& v : x_.row(i)) v = static_cast<T>(random_state.uniform(-1, 1));
    }
    Targets<T> targets;
    targets.n_outputs = spec_.n_outputs();
    for (std::size_t i = 0; i < x_.rows(); ++i) {
      if (spec_.loss().targets_are_codes) {
        targets.codes.push_back(static_cast<std::int32_t>(i % targets.n_outputs));
      } else {
        targets.values.push_back(static_cast<T>(i % 2));
      }
    }
    std::iota(order_.begin(), order_.end(), RowIndex{0});
    random_state.shuffle(std::span(order_));
    ModelState<T> state{std::vector<T>(spec_.n_parameters()),
                        start_optimiser<T>(UpdateRule{}, spec_.n_parameters())};
    initialise<T>(spec_, random_state, state.parameters);
    weights_ = state.parameters;
    gradient_ = weights_;
    for (const std::size_t units : shape.units) {
      activations_.emplace_back(units * shape.batch, T(0.5));
      deltas_.emplace_back(units * shape.batch, T(0.5));
    }
    model_ = engine_->open({spec_, 1e-4, shape.batch}, engine_->hold(x_), targets, state);
  }

  /// Seconds of one step, over ten of them.
  double whole() {
    const auto start = Clock::now();
    const EpochRange range{model_, order_, shape_.batch, 0, 10, 1e-3};
    EpochLoss loss;
    engine_->train({&range, 1}, {&loss, 1});
    return seconds(start) / 10;
  }

  /// Seconds of the matrix products of one step.
  double products() {
    const kernels::SingleThreadedBlas guard;
    const auto start = Clock::now();
    for (int k = 0; k < 10; ++k) {
      const auto& layers = spec_.layers();
      for (std::size_t i = 0; i < layers.size(); ++i) {
        dense_product(layers[i], weights_.data(), activations_[i].data(), shape_.batch,
                      activations_[i + 1].data());
      }
      for (std::size_t i = layers.size(); i-- > 0;) {
        dense_gradient(layers[i], activations_[i].data(), deltas_[i + 1].data(), shape_.batch,
                       gradient_.data(), false);
        if (i > 0) {
          dense_backward(layers[i], kernels::kIdentity, weights_.data(), deltas_[i + 1].data(),
                         shape_.batch, activations_[i].data(), deltas_[i].data());
        }
      }
    }
    return seconds(start) / 10;
  }

 private:
  Shape shape_;
  NetworkSpec spec_;
  Matrix<T> x_;
  std::vector<RowIndex> order_;
  std::unique_ptr<Engine<T>> engine_;
  ModelId model_{};
  std::vector<T> weights_;
  std::vector<T> gradient_;
  std::vector<std::vector<T>> activations_;
  std::vector<std::vector<T>> deltas_;
};

template <class T>
void measure(const Shape& shape, const char* type, int rounds) {
  Step<T> step(shape);
  double whole = std::numeric_limits<double>::infinity();
  double products = whole;
  for (int i = 0; i < rounds; ++i) {
    whole = std::min(whole, step.whole());
    products = std::min(products, step.products());
  }
  fmt::print("{:<16} {:>5}  {}  {:>9.1f} {:>9.1f}  {:.2f}  {}\n", shape.name, shape.batch, type,
             whole * 1e6, products * 1e6, products / whole,
             shape.target > 0 ? fmt::format("{:.2f}", shape.target) : "-");
}

}  // namespace
}  // namespace skarma

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 100;
  fmt::print("{}, kernels {}, one thread, minimum of {} rounds in turns\n\n",
             skarma::kernels::blas_description(), skarma::kernels::isa_name(), rounds);
  fmt::print("{:<16} {:>5}  type  step (us)  products  share  target\n", "network", "batch");
  for (const auto& shape : skarma::kShapes) {
    skarma::measure<double>(shape, "f64", rounds);
    skarma::measure<float>(shape, "f32", rounds);
  }
}
