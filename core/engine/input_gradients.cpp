#include <skarma/core/engine/input_gradients.hpp>

#include <algorithm>
#include <numeric>
#include <vector>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/base/internal/converted.hpp>
#include <skarma/core/reference/network_formulas.hpp>

namespace skarma {
namespace {

constexpr std::size_t kRowsAtOnce = 1024;

/// Calls derivatives(parameters, x, positions) for one block of rows after another.
template <class Derivatives>
Matrix<double> by_blocks(const AnyParameters& parameters, const SampleView& samples,
                         const Derivatives& derivatives) {
  Matrix<double> all(samples.n_samples(), samples.n_features());
  const auto fill = [&]<class T>(std::span<const T> w) {
    for (std::size_t begin = 0; begin < samples.n_samples(); begin += kRowsAtOnce) {
      const std::size_t n = std::min(kRowsAtOnce, samples.n_samples() - begin);
      Matrix<T> x(n, samples.n_features());
      samples.gather(begin, n, x.data());
      std::vector<RowIndex> positions(n);
      std::iota(positions.begin(), positions.end(), static_cast<RowIndex>(begin));
      const auto block = converted<double>(derivatives(w, x, positions));
      std::ranges::copy(block.values(), all.row(begin).data());
    }
  };
  std::visit(fill, parameters);
  return all;
}

}  // namespace

Matrix<double> loss_by_inputs(const NetworkSpec& spec, const AnyParameters& parameters,
                              const SampleView& samples, const Targets<double>& targets) {
  SKARMA_CHECK(targets.n_samples() == samples.n_samples());
  return by_blocks(
      parameters, samples,
      [&]<class T>(std::span<const T> w, const Matrix<T>& x, std::span<const RowIndex> positions) {
        const Targets<double> some = targets.at(positions);
        return reference::loss_by_inputs<T>(
            spec, w, x, {some.codes, converted<T>(some.values), {}, some.n_outputs});
      });
}

Matrix<double> output_by_inputs(const NetworkSpec& spec, const AnyParameters& parameters,
                                const SampleView& samples, std::span<const std::int32_t> outputs) {
  SKARMA_CHECK(outputs.size() == samples.n_samples());
  return by_blocks(
      parameters, samples,
      [&]<class T>(std::span<const T> w, const Matrix<T>& x, std::span<const RowIndex> positions) {
        return reference::output_by_inputs<T>(spec, w, x,
                                              outputs.subspan(positions.front(), positions.size()));
      });
}

}  // namespace skarma
