// Goodfellow et al., ICML 2013. No loop has a branch by what the values are: which piece is the
// largest cannot be foretold.
#include <cmath>

#include <skarma/core/cpu/layers/operations.hpp>

namespace skarma {
namespace {

/// A NaN, if there is one.
template <class T>
T largest(const T* pieces, std::size_t k) {
  T best = pieces[0];
  for (std::size_t i = 1; i < k; ++i) {
    const T z = pieces[i];
    best = ((z > best) | std::isnan(z)) ? z : best;
  }
  return best;
}

/// Puts the derivative by the largest piece in its place, of equal ones the first's, and 0 in those
/// of the others.
template <class T>
void put_delta(T* pieces, std::size_t k, T delta) {
  const T best = largest(pieces, k);
  bool is_open = true;
  for (std::size_t i = 0; i < k; ++i) {
    const T z = pieces[i];
    const bool is_largest = is_open & ((z == best) | std::isnan(z));
    is_open &= !is_largest;
    pieces[i] = is_largest ? delta : T(0);
  }
}

/// Calls use(pieces, k, value) for each unit of the rows: what it is the largest of, and its place
/// in `values`.
template <class T, class Use>
void for_units(const PlanStep& step, const Pass<T>& pass, MatrixView<T> values, const Use& use) {
  const MatrixView<T> z = pass.input(step);
  const std::size_t units = values.cols(), k = z.cols() / units;
  run_in_parts(pass.team, pass.rows, pass.rows * z.cols(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      T* const pieces = z.row(i).data();
      T* const row = values.row(i).data();
      for (std::size_t j = 0; j < units; ++j) use(pieces + j * k, k, row[j]);
    }
  });
}

}  // namespace

template <class T>
void run_maxout(const PlanStep& step, const Pass<T>& pass) {
  for_units(step, pass, pass.output(step),
            [](T* pieces, std::size_t k, T& value) { value = largest<T>(pieces, k); });
}

/// The derivative by the pieces takes their place.
template <class T>
void run_maxout_back(const PlanStep& step, const Pass<T>& pass) {
  for_units(step, pass, pass.values(*step.delta),
            [](T* pieces, std::size_t k, T& value) { put_delta(pieces, k, value); });
}

template void run_maxout<float>(const PlanStep&, const Pass<float>&);
template void run_maxout<double>(const PlanStep&, const Pass<double>&);
template void run_maxout_back<float>(const PlanStep&, const Pass<float>&);
template void run_maxout_back<double>(const PlanStep&, const Pass<double>&);

}  // namespace skarma
