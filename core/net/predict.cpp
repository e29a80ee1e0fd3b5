#include <skarma/core/net/predict.hpp>

#include <algorithm>

#include <skarma/core/base/all_finite.hpp>
#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/base/thread_budget.hpp>
#include <skarma/core/kernels/blas_threads.hpp>
#include <skarma/core/net/input_reader.hpp>
#include <skarma/core/net/network.hpp>

namespace skarma {
namespace {

constexpr std::size_t kPredictedRows = 512;

template <class T>
bool all_finite(const Inputs<T>& inputs, std::size_t rows, std::size_t width) {
  if (!inputs.is_sparse()) {
    const kernels::DenseRows<T>& x = inputs.dense;
    if (x.starts == nullptr && x.stride == width) {
      return skarma::all_finite(std::span(x.row(0), rows * width));
    }
    for (std::size_t i = 0; i < rows; ++i) {
      if (!skarma::all_finite(std::span(x.row(i), width))) return false;
    }
    return true;
  }
  const auto& x = inputs.rows;
  for (std::size_t i = 0; i < x.rows; ++i) {
    const std::span entries(x.values + x.begins[i], x.values + x.ends[i]);
    if (!skarma::all_finite(entries)) return false;
  }
  return true;
}

/// Calls look(inputs, rows) for each block before it is used.
template <class T, class Look>
Matrix<T> outputs_of(const NetworkSpec& spec, std::span<const T> parameters, const SampleView& x,
                     std::size_t n_threads, const Look& look) {
  SKARMA_CHECK(x.n_features() == spec.n_inputs() && parameters.size() == spec.n_parameters());
  const kernels::SingleThreadedBlas guard;
  const std::size_t n = x.n_samples();
  Matrix<T> outputs(n, spec.n_outputs());
  const std::size_t n_blocks = (n + kPredictedRows - 1) / kPredictedRows;
  const std::size_t shares = std::min(n_threads, n_blocks);
  run_jobs(shares, static_cast<int>(shares), [&](std::size_t share) {
    Network<T> network(spec, std::min(n, kPredictedRows));
    InputReader<T> reader(x, spec);
    for (std::size_t block = share; block < n_blocks; block += shares) {
      const std::size_t begin = block * kPredictedRows;
      const std::size_t rows = std::min(kPredictedRows, n - begin);
      const Inputs<T> inputs = reader.range(begin, rows);
      look(inputs, rows);
      const auto values = network.forward(parameters.data(), inputs, rows);
      std::copy(values.begin(), values.end(), outputs.row(begin).data());
    }
  });
  return outputs;
}

}  // namespace

template <class T>
Matrix<T> predict_outputs(const NetworkSpec& spec, std::span<const T> parameters,
                          const SampleView& x, std::size_t n_threads) {
  return outputs_of(spec, parameters, x, n_threads, [](const Inputs<T>&, std::size_t) {});
}

template <class T>
Matrix<T> checked_predict_outputs(const NetworkSpec& spec, std::span<const T> parameters,
                                  const SampleView& x, std::size_t n_threads) {
  return outputs_of(spec, parameters, x, n_threads, [&](const Inputs<T>& inputs, std::size_t rows) {
    if (all_finite(inputs, rows, x.n_features())) return;
    throw NotFiniteSample(
        "Input X contains a sample that is not finite once it is transformed and in the type that "
        "the network was trained in.");
  });
}

template Matrix<float> predict_outputs<float>(const NetworkSpec&, std::span<const float>,
                                              const SampleView&, std::size_t);
template Matrix<double> predict_outputs<double>(const NetworkSpec&, std::span<const double>,
                                                const SampleView&, std::size_t);

template Matrix<float> checked_predict_outputs<float>(const NetworkSpec&, std::span<const float>,
                                                      const SampleView&, std::size_t);
template Matrix<double> checked_predict_outputs<double>(const NetworkSpec&, std::span<const double>,
                                                        const SampleView&, std::size_t);

}  // namespace skarma
