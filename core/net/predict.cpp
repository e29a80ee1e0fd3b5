#include <skarma/core/net/predict.hpp>

#include <algorithm>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/base/thread_budget.hpp>
#include <skarma/core/kernels/blas_threads.hpp>
#include <skarma/core/net/input_reader.hpp>
#include <skarma/core/net/network.hpp>

namespace skarma {
namespace {

constexpr std::size_t kPredictedRows = 512;

}  // namespace

template <class T>
Matrix<T> predict_outputs(const NetworkSpec& spec, std::span<const T> parameters,
                          const SampleView& x, std::size_t n_threads) {
  SKARMA_CHECK(x.n_features() == spec.n_inputs() && parameters.size() == spec.n_parameters());
  const kernels::SingleThreadedBlas guard;
  const std::size_t n = x.n_samples();
  Matrix<T> outputs(n, spec.n_outputs());
  const std::size_t n_blocks = (n + kPredictedRows - 1) / kPredictedRows;
  const std::size_t shares = std::min(n_threads, n_blocks);
  run_jobs(shares, static_cast<int>(shares), [&](std::size_t share) {
    Network<T> network(spec, std::min(n, kPredictedRows), false);
    InputReader<T> reader(x);
    for (std::size_t block = share; block < n_blocks; block += shares) {
      const std::size_t begin = block * kPredictedRows;
      const std::size_t rows = std::min(kPredictedRows, n - begin);
      const auto values = network.forward(parameters.data(), reader.range(begin, rows), rows);
      std::copy(values.begin(), values.end(), outputs.row(begin).data());
    }
  });
  return outputs;
}

template Matrix<float> predict_outputs<float>(const NetworkSpec&, std::span<const float>,
                                              const SampleView&, std::size_t);
template Matrix<double> predict_outputs<double>(const NetworkSpec&, std::span<const double>,
                                                const SampleView&, std::size_t);

}  // namespace skarma
