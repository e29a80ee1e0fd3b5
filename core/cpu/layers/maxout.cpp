// Goodfellow et al., ICML 2013.
#include <algorithm>
#include <span>

#include <skarma/core/cpu/layers/operations.hpp>

namespace skarma {
namespace {

/// The place of the largest, of equal ones the first; of a NaN, if there is one.
template <class T>
std::size_t place_of_largest(std::span<const T> values) {
  std::size_t place = 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (values[i] > values[place] || values[i] != values[i]) place = i;
  }
  return place;
}

/// Calls use(pieces, row, unit) with the values that each unit is the largest of.
template <class T, class Use>
void for_units(const PlanStep& step, const Pass<T>& pass, const Use& use) {
  const MatrixView<T> z = pass.input(step);
  const std::size_t units = pass.output(step).cols(), k = z.cols() / units;
  run_in_parts(pass.team, pass.rows, pass.rows * z.cols(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      for (std::size_t j = 0; j < units; ++j) use(z.row(i).subspan(j * k, k), i, j);
    }
  });
}

}  // namespace

template <class T>
void run_maxout(const PlanStep& step, const Pass<T>& pass) {
  const MatrixView<T> y = pass.output(step);
  for_units(step, pass, [&](std::span<T> pieces, std::size_t i, std::size_t j) {
    y(i, j) = pieces[place_of_largest<T>(pieces)];
  });
}

/// The derivative by the pieces takes their place: that of the unit at the largest, else 0.
template <class T>
void run_maxout_back(const PlanStep& step, const Pass<T>& pass) {
  const MatrixView<T> delta = pass.values(*step.delta);
  for_units(step, pass, [&](std::span<T> pieces, std::size_t i, std::size_t j) {
    const std::size_t place = place_of_largest<T>(pieces);
    std::ranges::fill(pieces, T(0));
    pieces[place] = delta(i, j);
  });
}

template void run_maxout<float>(const PlanStep&, const Pass<float>&);
template void run_maxout<double>(const PlanStep&, const Pass<double>&);
template void run_maxout_back<float>(const PlanStep&, const Pass<float>&);
template void run_maxout_back<double>(const PlanStep&, const Pass<double>&);

}  // namespace skarma
