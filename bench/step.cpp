// Where does the time of one training step go? Times whole adam steps and their phases alone, in
// turns in one run on one thread, and prints the least of each. The share is that of the matrix
// products, which have bias, activation and derivative built in. Then whole steps on samples of few
// entries, dense (in a later epoch, when the entries are known) or in compressed rows, beside those
// on as many samples without zeros.
//   skarma_bench_step [rounds]
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <skarma/bench/sparse_samples.hpp>
#include <skarma/bench/timing.hpp>
#include <skarma/core/cpu/cpu_engine.hpp>
#include <skarma/core/cpu/input/column_block.hpp>
#include <skarma/core/cpu/input/input_reader.hpp>
#include <skarma/core/cpu/layers/dense.hpp>
#include <skarma/core/cpu/padded_rows.hpp>
#include <skarma/core/kernels/blas_threads.hpp>
#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/core/optim/initialise.hpp>

namespace skarma {
namespace {

struct Shape {
  std::string name;
  std::vector<std::size_t> units;
  std::size_t batch;
  const char* output;
  const char* hidden = "relu";
  HiddenLayerOptions options = {};
};

const std::vector<Shape> kShapes = {
    {"784-100-10", {784, 100, 10}, 200, "log_loss"},
    {"30-100-1", {30, 100, 1}, 200, "binary_log_loss"},
    {"30-100-1", {30, 100, 1}, 32, "binary_log_loss"},
    {"30-100-1", {30, 100, 1}, 1, "binary_log_loss"},
    {"100-256-256-1", {100, 256, 256, 1}, 200, "squared_error"},
    {"784-512-512-10", {784, 512, 512, 10}, 128, "log_loss"},
    {"30-100-1 tanh", {30, 100, 1}, 200, "binary_log_loss", "tanh"},
    {"30-100-1 logistic", {30, 100, 1}, 200, "binary_log_loss", "logistic"},
    {"30-100-1 gelu", {30, 100, 1}, 200, "binary_log_loss", "gelu"},
    {"30-100-1 silu", {30, 100, 1}, 200, "binary_log_loss", "silu"},
    {"30-100-1 dropout", {30, 100, 1}, 200, "binary_log_loss", "relu", {.dropout = 0.5}},
    {"30-100-1 batch_norm", {30, 100, 1}, 200, "binary_log_loss", "relu", {.batch_norm = true}},
    {"30-100-100-1", {30, 100, 100, 1}, 200, "binary_log_loss"},
    {"30-100-100-1 residual",
     {30, 100, 100, 1},
     200,
     "binary_log_loss",
     "relu",
     {.residual = true}},
};

constexpr std::size_t kBatches = 10;

template <class T>
Matrix<T> full_samples(const Shape& shape) {
  Matrix<T> x(kBatches * shape.batch, shape.units.front());
  RandomState random_state(1);
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (T& v : x.row(i)) v = static_cast<T>(random_state.uniform(-1, 1));
  }
  return x;
}

/// A data set of ten batches, a model on it, and room for the phases of its steps.
template <class T>
class Step {
 public:
  /// `x` must outlive it.
  Step(const Shape& shape, const SampleView& x)
      : shape_(shape),
        spec_(shape.units, *find_activation(shape.hidden), *find_loss(shape.output), shape.options),
        order_(x.n_samples()),
        engine_(make_cpu_engine()),
        reader_(x, spec_, ThreadTeam::alone(), column_block<T>(x, shape.units[1])),
        optimiser_(start_optimiser<T>(UpdateRule{}, spec_.n_trained())) {
    RandomState random_state(2);
    targets_.n_outputs = spec_.n_outputs();
    for (std::size_t i = 0; i < x.n_samples(); ++i) {
      if (spec_.loss().targets == TargetKind::code) {
        targets_.codes.push_back(static_cast<std::int32_t>(i % targets_.n_outputs));
      } else {
        for (std::size_t j = 0; j < targets_.n_outputs; ++j) {
          targets_.values.push_back(static_cast<double>(i % 2));
        }
      }
    }
    std::iota(order_.begin(), order_.end(), RowIndex{0});
    random_state.shuffle(std::span(order_));
    parameters_.resize(spec_.n_parameters());
    initialise<T>(spec_, random_state, parameters_);
    gradient_.resize(parameters_.size(), T(1e-3));
    for (const std::size_t units : shape.units) {
      for (auto* rows : {&activations_, &deltas_}) {
        const MatrixView<T> view = rows->emplace_back(shape.batch, units).view(shape.batch, units);
        std::fill_n(view.data(), shape.batch * view.row_stride(), T(0.5));
      }
    }
    for (std::vector<T>* outputs : {&outputs_, &output_deltas_}) {
      outputs->assign(shape.batch * spec_.n_outputs(), T(0.5));
    }
    target_values_.assign(targets_.values.begin(), targets_.values.end());
    model_ = engine_
                 ->open({{spec_, 1e-4, shape.batch, engine_->hold(x), targets_,
                          ModelState<T>{parameters_, optimiser_}}})
                 .front();
  }

  /// Ten steps of the engine.
  void whole() {
    const EpochRange range{model_, order_, shape_.batch, 0, kBatches, 1e-3};
    EpochLoss loss;
    engine_->train({&range, 1}, {&loss, 1});
  }

  void gather() {
    for (std::size_t k = 0; k < kBatches; ++k) {
      reader_.at(std::span(order_).subspan(k * shape_.batch, shape_.batch));
    }
  }

  void forward() {
    const auto& layers = spec_.layers();
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (i + 1 < layers.size()) {
        hidden_forward(layers[i], reading(rows_of(activations_, i)), rows_of(activations_, i + 1));
      } else {
        dense_product(layers[i], parameters_.data(), reading(rows_of(activations_, i)),
                      view(outputs_));
      }
    }
  }

  void loss() {
    kernels::table<T>().output_delta[spec_.loss().function](
        {outputs_.data(), parameters_.data() + spec_.layers().back().intercept,
         target_values_.data(), targets_.codes.data(), nullptr, shape_.batch, spec_.n_outputs()},
        gradient_.data() + spec_.layers().back().intercept);
  }

  void backward() {
    const auto& layers = spec_.layers();
    for (std::size_t i = layers.size(); i-- > 1;) {
      dense_backward(layers[i], spec_.activations().front(), parameters_.data(), delta_after(i),
                     rows_of(deltas_, i));
    }
  }

  void gradient() {
    const auto& layers = spec_.layers();
    for (std::size_t i = layers.size(); i-- > 0;) {
      dense_gradient(layers[i], reading(rows_of(activations_, i)), delta_after(i), gradient_.data(),
                     i + 1 < layers.size());
    }
  }

  void update() {
    const std::size_t n = spec_.n_trained();
    take_step<T>(optimiser_, spec_, std::span(parameters_).first(n), std::span(gradient_).first(n),
                 1e-4, static_cast<double>(shape_.batch), 1e-9);
  }

 private:
  /// As the engine does it: an activation whose derivative needs z is not built into the product.
  void hidden_forward(const LayerPlace& layer, const kernels::DenseRows<T>& from,
                      MatrixView<T> to) {
    const Activation& f = spec_.activations().front();
    const bool is_built_in = f.through == Through::output;
    dense_forward(layer, is_built_in ? f : *find_activation("identity"), parameters_.data(), from,
                  to);
    if (is_built_in) return;
    const kernels::Strided<T> a{to.data(), to.row_stride()};
    kernels::table<T>().activate[f.function]({a.data, a.stride}, a, to.rows(), to.cols(), T(0));
  }
  MatrixView<T> rows_of(std::vector<PaddedRows<T>>& matrices, std::size_t i) {
    return matrices[i].view(shape_.batch, shape_.units[i]);
  }
  MatrixView<T> view(std::vector<T>& outputs) {
    return {outputs.data(), shape_.batch, spec_.n_outputs()};
  }
  MatrixView<T> delta_after(std::size_t layer) {
    return layer + 1 == spec_.layers().size() ? view(output_deltas_) : rows_of(deltas_, layer + 1);
  }

  Shape shape_;
  NetworkSpec spec_;
  std::vector<RowIndex> order_;
  std::unique_ptr<Engine> engine_;
  InputReader<T> reader_;
  OptimiserState<T> optimiser_;
  Targets<double> targets_;
  std::vector<T> target_values_;
  ModelId model_{};
  std::vector<T> parameters_;
  std::vector<T> gradient_;
  std::vector<PaddedRows<T>> activations_;
  std::vector<PaddedRows<T>> deltas_;
  std::vector<T> outputs_;
  std::vector<T> output_deltas_;
};

template <class T>
void measure(const Shape& shape, const char* type, int rounds) {
  const auto x = full_samples<T>(shape);
  Step<T> step(shape, x);
  const auto ten = [](auto work) {
    return [work] {
      for (std::size_t k = 0; k < kBatches; ++k) work();
    };
  };
  auto s = bench::least_seconds(
      {[&] { step.whole(); }, [&] { step.gather(); }, ten([&] { step.forward(); }),
       ten([&] { step.loss(); }), ten([&] { step.backward(); }), ten([&] { step.gradient(); }),
       ten([&] { step.update(); })},
      rounds, 1);
  for (double& seconds : s) seconds *= 1e6 / kBatches;
  const double products = s[2] + s[4] + s[5];
  fmt::print(
      "| {} | {} | {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.2f} |\n",
      shape.name, shape.batch, type, s[0], s[1], s[2], s[3], s[4], s[5], s[6], products / s[0]);
}

/// Samples of few entries, in runs of `run`; 0 means one among the columns of each category.
struct SparseShape {
  const char* pattern;
  Shape shape;
  double density;
  std::size_t run;
};

const std::vector<SparseShape> kSparseShapes = {
    {"runs of 8", {"784-100-10", {784, 100, 10}, 200, "log_loss"}, 0.19, 8},
    {"runs of 8", {"784-512-512-10", {784, 512, 512, 10}, 128, "log_loss"}, 0.19, 8},
    {"one-hot", {"400-20-1", {400, 20, 1}, 200, "binary_log_loss"}, 0.05, 0},
    {"one-hot", {"400-100-1", {400, 100, 1}, 200, "binary_log_loss"}, 0.05, 0},
    {"one-hot", {"400-256-1", {400, 256, 1}, 200, "binary_log_loss"}, 0.05, 0},
    {"scattered", {"400-100-1", {400, 100, 1}, 200, "binary_log_loss"}, 0.10, 1},
    {"scattered", {"400-20-1", {400, 20, 1}, 200, "binary_log_loss"}, 0.19, 1},
    {"scattered", {"400-100-1", {400, 100, 1}, 200, "binary_log_loss"}, 0.19, 1},
};

/// Whole steps on samples without zeros, on sparse ones and on the same in compressed rows.
template <class T>
void measure(const SparseShape& sparse, const char* type, int rounds) {
  const Shape& shape = sparse.shape;
  const auto full = full_samples<T>(shape);
  const auto x = bench::sparse_samples<T>(kBatches * shape.batch, shape.units.front(),
                                          sparse.density, sparse.run);
  const bench::CompressedRows<T> rows(x);
  Step<T> on_full(shape, full), on_sparse(shape, x), on_rows(shape, rows.view());
  auto s = bench::least_seconds(
      {[&] { on_full.whole(); }, [&] { on_sparse.whole(); }, [&] { on_rows.whole(); },
       [&] { on_sparse.gather(); }, [&] { on_rows.gather(); }},
      rounds, 1);
  for (double& seconds : s) seconds *= 1e6 / kBatches;
  fmt::print(
      "| {} | {} | {} % {} | {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.2f} | {:.2f} |\n",
      shape.name, shape.batch, 100 * sparse.density, sparse.pattern, type, s[0], s[1], s[3], s[2],
      s[4], s[0] / s[1], s[0] / s[2]);
}

template <class Cases>
void measure_all(const Cases& cases, const char* head, std::size_t n_columns, int rounds) {
  fmt::print("\n{}\n|", head);
  for (std::size_t i = 0; i < n_columns; ++i) fmt::print(" --- |");
  fmt::print("\n");
  for (const auto& one : cases) {
    measure<double>(one, "float64", rounds);
    measure<float>(one, "float32", rounds);
  }
}

}  // namespace
}  // namespace skarma

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 100;
  const skarma::kernels::SingleThreadedBlas guard;
  fmt::print("{}, kernels {}, one thread, microseconds, minimum of {} rounds in turns\n",
             skarma::kernels::blas_description(), skarma::kernels::isa_name(), rounds);
  skarma::measure_all(skarma::kShapes,
                      "| network | batch | type | step | gather | forward | loss | backward | "
                      "gradient | update | products' share |",
                      11, rounds);
  skarma::measure_all(skarma::kSparseShapes,
                      "| network | batch | entries | type | without zeros | sparse | its gather | "
                      "compressed rows | their gather | sparse: times as fast | compressed rows |",
                      11, rounds);
}
