#include <skarma/core/cpu/predict.hpp>

#include <algorithm>

#include <skarma/core/base/all_finite.hpp>
#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/cpu/input/input_reader.hpp>
#include <skarma/core/cpu/network.hpp>
#include <skarma/core/kernels/blas_threads.hpp>

namespace skarma {
namespace {

constexpr std::size_t kPredictedRows = 512;

template <class T>
bool all_finite(const kernels::DenseRows<T>& x, std::size_t rows, std::size_t width) {
  if (x.starts == nullptr && x.stride == width) {
    return skarma::all_finite(std::span(x.row(0), rows * width));
  }
  for (std::size_t i = 0; i < rows; ++i) {
    if (!skarma::all_finite(std::span(x.row(i), width))) return false;
  }
  return true;
}

template <class T>
bool all_finite(const kernels::SparseRows<T>& x) {
  for (std::size_t i = 0; i < x.rows; ++i) {
    const std::span entries(x.values + x.begins[i], x.values + x.ends[i]);
    if (!skarma::all_finite(entries)) return false;
  }
  return true;
}

template <class T>
bool all_finite(const Inputs<T>& inputs, std::size_t rows, std::size_t width) {
  if (const auto* x = std::get_if<kernels::DenseRows<T>>(&inputs)) {
    return all_finite(*x, rows, width);
  }
  return all_finite(std::get<kernels::SparseRows<T>>(inputs));
}

std::size_t n_blocks_of(std::size_t n) { return (n + kPredictedRows - 1) / kPredictedRows; }

/// Calls look(inputs, rows) for each block before it is used, and compute(network, inputs, rows),
/// which gives rows of `width` values.
template <class T, class Look, class Compute>
Matrix<T> values_of(const NetworkSpec& spec, std::span<const T> parameters, const SampleView& x,
                    std::size_t width, ThreadTeam& team, const std::stop_token& stop,
                    const Look& look, const Compute& compute) {
  SKARMA_CHECK(x.n_features() == spec.n_inputs() && parameters.size() == spec.n_parameters());
  // Each product has a guard of its own, which would lower and raise BLAS's threads once a block.
  const kernels::SingleThreadedBlas guard;
  const std::size_t n = x.n_samples();
  Matrix<T> outputs(n, width);
  const std::size_t n_blocks = n_blocks_of(n);
  const std::size_t shares =
      n_blocks < 2 ? n_blocks : std::min(team.n_threads_to_share(), n_blocks);
  team.run(shares, [&](std::size_t share) {
    Network<T> network(spec, std::min(n, kPredictedRows));
    InputReader<T> reader(x, spec);
    for (std::size_t block = share; block < n_blocks; block += shares) {
      if (stop.stop_requested()) throw Cancelled("The prediction was stopped.");
      const std::size_t begin = block * kPredictedRows;
      const std::size_t rows = std::min(kPredictedRows, n - begin);
      const Inputs<T> inputs = reader.range(begin, rows);
      look(inputs, rows);
      const kernels::DenseRows<T> values = compute(network, inputs, rows);
      for (std::size_t i = 0; i < rows; ++i) {
        std::copy_n(values.row(i), width, outputs.row(begin + i).data());
      }
    }
  });
  return outputs;
}

template <class T, class Look>
Matrix<T> outputs_of(const NetworkSpec& spec, std::span<const T> parameters, const SampleView& x,
                     ThreadTeam& team, const std::stop_token& stop, const Look& look) {
  const std::size_t width = spec.n_outputs();
  return values_of(spec, parameters, x, width, team, stop, look,
                   [&](Network<T>& network, const Inputs<T>& inputs, std::size_t rows) {
                     const auto outputs = network.forward(parameters.data(), inputs, rows);
                     return kernels::DenseRows<T>(outputs.data(), width);
                   });
}

/// Throws NotFiniteSample.
struct FiniteRows {
  std::size_t width;
  template <class T>
  void operator()(const Inputs<T>& inputs, std::size_t rows) const {
    if (!all_finite(inputs, rows, width)) throw NotFiniteSample();
  }
};

}  // namespace

template <class T>
Matrix<T> predict_outputs(const NetworkSpec& spec, std::span<const T> parameters,
                          const SampleView& x, ThreadTeam& team, const std::stop_token& stop) {
  return outputs_of(spec, parameters, x, team, stop, [](const Inputs<T>&, std::size_t) {});
}

template <class T>
Matrix<T> checked_predict_outputs(const NetworkSpec& spec, std::span<const T> parameters,
                                  const SampleView& x, ThreadTeam& team,
                                  const std::stop_token& stop) {
  return outputs_of(spec, parameters, x, team, stop, FiniteRows{x.n_features()});
}

template <class T>
Matrix<T> values_before_last(const NetworkSpec& spec, std::span<const T> parameters,
                             const SampleView& x, ThreadTeam& team, const std::stop_token& stop) {
  return values_of(spec, parameters, x, spec.layers().back().inputs, team, stop,
                   FiniteRows{x.n_features()},
                   [&](Network<T>& network, const Inputs<T>& inputs, std::size_t rows) {
                     return network.before_last(parameters.data(), inputs, rows);
                   });
}

std::size_t most_predicting_threads(std::size_t n_samples) {
  return std::max<std::size_t>(1, n_blocks_of(n_samples));
}

template Matrix<float> predict_outputs<float>(const NetworkSpec&, std::span<const float>,
                                              const SampleView&, ThreadTeam&,
                                              const std::stop_token&);
template Matrix<double> predict_outputs<double>(const NetworkSpec&, std::span<const double>,
                                                const SampleView&, ThreadTeam&,
                                                const std::stop_token&);

template Matrix<float> values_before_last<float>(const NetworkSpec&, std::span<const float>,
                                                 const SampleView&, ThreadTeam&,
                                                 const std::stop_token&);
template Matrix<double> values_before_last<double>(const NetworkSpec&, std::span<const double>,
                                                   const SampleView&, ThreadTeam&,
                                                   const std::stop_token&);

template Matrix<float> checked_predict_outputs<float>(const NetworkSpec&, std::span<const float>,
                                                      const SampleView&, ThreadTeam&,
                                                      const std::stop_token&);
template Matrix<double> checked_predict_outputs<double>(const NetworkSpec&, std::span<const double>,
                                                        const SampleView&, ThreadTeam&,
                                                        const std::stop_token&);

}  // namespace skarma
