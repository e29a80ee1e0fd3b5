#include <skarma/core/cpu/input/column_block.hpp>

#include <algorithm>
#include <utility>

#include <skarma/core/cpu/layers/dense.hpp>
#include <skarma/core/kernels/kernel_table.hpp>

namespace skarma {
namespace {

using kernels::kColumnBlock;

constexpr double kPayingDensity = 0.15;  // where the gain ends: docs/performance.md
constexpr double kCostOfBlock = 2.5;     // beside that of an entry alone, measured

struct Count {
  std::size_t entries = 0;
  std::size_t blocks = 0;  // of columns with an entry
};

template <class T>
Count count_of_row(const MatrixView<const T>& x, std::size_t i) {
  Count count;
  const auto row = x.row(i);
  for (std::size_t j = 0; j < row.size(); j += kColumnBlock) {
    const auto block = row.subspan(j, std::min(kColumnBlock, row.size() - j));
    const auto found = std::ranges::count_if(block, [](T v) { return v != T(0); });
    count.entries += static_cast<std::size_t>(found);
    count.blocks += found > 0 ? 1 : 0;
  }
  return count;
}

template <class T>
Count count_of_row(const CsrView<T>& x, std::size_t i) {
  Count count;
  std::int32_t block = -1;
  for (const std::int32_t column : x.row_columns(i)) {
    ++count.entries;
    count.blocks += std::exchange(block, column / std::int32_t{kColumnBlock}) !=
                    column / std::int32_t{kColumnBlock};
  }
  return count;
}

/// Shares of the elements of a few rows that lie evenly in the samples.
struct Density {
  double entries;
  double blocks;
};

template <class Matrix>
Density estimated_density(const Matrix& x, const SampleView& samples) {
  constexpr std::size_t elements = 65536, least_rows = 16, most_rows = 256;
  const std::size_t n =
      std::min(samples.n_samples(), std::clamp(elements / x.cols(), least_rows, most_rows));
  Count sum;
  for (std::size_t i = 0; i < n; ++i) {
    const Count count = count_of_row(x, samples.stored_row(i * samples.n_samples() / n));
    sum.entries += count.entries;
    sum.blocks += count.blocks;
  }
  const auto all = static_cast<double>(n * x.cols());
  return {static_cast<double>(sum.entries) / all,
          static_cast<double>(sum.blocks * kColumnBlock) / all};
}

}  // namespace

template <class T>
std::size_t column_block(const SampleView& samples, std::size_t units) {
  if (samples.n_samples() == 0 || samples.n_features() == 0) return 0;
  if (const auto* rows = samples.template sparse<T>()) {
    const Density density = estimated_density(*rows, samples);
    return density.blocks < kCostOfBlock * density.entries ? kColumnBlock : 1;
  }
  const auto* x = samples.template dense<T>();
  if (x == nullptr || units == 1 || is_left_to_blas(x->cols() * units)) return 0;
  const Density density = estimated_density(*x, samples);
  if (density.blocks < kCostOfBlock * std::min(density.entries, kPayingDensity)) {
    return kColumnBlock;
  }
  return density.entries < kPayingDensity ? 1 : 0;
}

template std::size_t column_block<float>(const SampleView&, std::size_t);
template std::size_t column_block<double>(const SampleView&, std::size_t);

}  // namespace skarma
