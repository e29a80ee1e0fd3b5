#include <skarma/core/kernels/lapack.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include <cblas.h>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/kernels/blas_threads.hpp>

// OpenBLAS brings LAPACK without a header of its own; lengths of texts come last, as Fortran has
// it.
extern "C" {
void sgesdd_(const char* job, const blasint* rows, const blasint* cols, float* a,
             const blasint* lda, float* s, float* u, const blasint* ldu, float* vt,
             const blasint* ldvt, float* work, const blasint* lwork, blasint* iwork, blasint* info,
             std::size_t job_length);
void dgesdd_(const char* job, const blasint* rows, const blasint* cols, double* a,
             const blasint* lda, double* s, double* u, const blasint* ldu, double* vt,
             const blasint* ldvt, double* work, const blasint* lwork, blasint* iwork, blasint* info,
             std::size_t job_length);
void ssyevd_(const char* job, const char* part, const blasint* n, float* a, const blasint* lda,
             float* values, float* work, const blasint* lwork, blasint* iwork,
             const blasint* liwork, blasint* info, std::size_t job_length, std::size_t part_length);
void dsyevd_(const char* job, const char* part, const blasint* n, double* a, const blasint* lda,
             double* values, double* work, const blasint* lwork, blasint* iwork,
             const blasint* liwork, blasint* info, std::size_t job_length, std::size_t part_length);
void dposv_(const char* part, const blasint* n, const blasint* nrhs, double* a, const blasint* lda,
            double* b, const blasint* ldb, blasint* info, std::size_t part_length);
void sgeqrf_(const blasint* rows, const blasint* cols, float* a, const blasint* lda, float* tau,
             float* work, const blasint* lwork, blasint* info);
void sorgqr_(const blasint* rows, const blasint* cols, const blasint* n_reflections, float* a,
             const blasint* lda, const float* tau, float* work, const blasint* lwork,
             blasint* info);
void dgeqrf_(const blasint* rows, const blasint* cols, double* a, const blasint* lda, double* tau,
             double* work, const blasint* lwork, blasint* info);
void dorgqr_(const blasint* rows, const blasint* cols, const blasint* n_reflections, double* a,
             const blasint* lda, const double* tau, double* work, const blasint* lwork,
             blasint* info);
}

/// a followed by b, cut or filled with blanks: all that a static LAPACK takes of Fortran's library,
/// which a wheel does not bring. Hidden, and weak beside the real one.
// NOLINTNEXTLINE(bugprone-reserved-identifier): gfortran's name for its // of texts.
extern "C" [[gnu::weak, gnu::visibility("hidden")]] void _gfortran_concat_string(
    std::size_t size, char* text, std::size_t size_a, const char* a, std::size_t size_b,
    const char* b) {
  const std::size_t n_a = std::min(size, size_a), n_b = std::min(size - n_a, size_b);
  std::copy_n(a, n_a, text);
  std::copy_n(b, n_b, text + n_a);
  std::fill_n(text + n_a + n_b, size - n_a - n_b, ' ');
}

namespace skarma::kernels {
namespace {

constexpr double kMost = static_cast<double>(std::numeric_limits<blasint>::max());

blasint counted(double n) {
  if (n <= kMost) return static_cast<blasint>(n);
  throw std::length_error("A matrix is too large for LAPACK, which counts its work space in int.");
}

/// What LAPACK asks for, as a floating-point number that may have been rounded down.
template <class T>
blasint asked_for(T n) {
  return counted(std::ceil(static_cast<double>(std::nextafter(n, 2 * n))));
}

}  // namespace

template <class T>
bool gesdd(std::size_t rows, std::size_t cols, T* a, T* s, T* u, T* vt) {
  const std::size_t k = std::min(rows, cols);
  if (k == 0) return true;
  const double least = static_cast<double>(k) * static_cast<double>(k) * 4.0 +
                       static_cast<double>(std::max(rows, cols)) + 7.0 * static_cast<double>(k);
  counted(least);  // before LAPACK multiplies
  const blasint m = counted(static_cast<double>(rows)), n = counted(static_cast<double>(cols));
  const auto ldvt = static_cast<blasint>(k);
  std::vector<blasint> iwork(8 * k);
  const SingleThreadedBlas guard;
  blasint info = 0, lwork = -1;
  T wanted = 0;
  const auto call = [&](T* work) {
    constexpr auto routine = [] {
      if constexpr (std::is_same_v<T, float>)
        return &sgesdd_;
      else
        return &dgesdd_;
    }();
    routine("S", &m, &n, a, &m, s, u, &m, vt, &ldvt, work, &lwork, iwork.data(), &info,
            std::size_t{1});
    SKARMA_CHECK(info >= 0);
  };
  call(&wanted);
  lwork = std::max(asked_for(wanted), counted(least));
  std::vector<T> work(static_cast<std::size_t>(lwork));
  call(work.data());
  return info == 0;
}

template <class T>
bool syevd(std::size_t size, T* a, T* values) {
  if (size == 0) return true;
  const auto width = static_cast<double>(size);
  counted(1.0 + 6.0 * width + 2.0 * width * width);
  const blasint n = counted(width);
  const SingleThreadedBlas guard;
  blasint info = 0, lwork = -1, liwork = -1, wanted_whole = 0;
  T wanted = 0;
  const auto call = [&](T* work, blasint* iwork) {
    constexpr auto routine = [] {
      if constexpr (std::is_same_v<T, float>)
        return &ssyevd_;
      else
        return &dsyevd_;
    }();
    routine("V", "L", &n, a, &n, values, work, &lwork, iwork, &liwork, &info, std::size_t{1},
            std::size_t{1});
    SKARMA_CHECK(info >= 0);
  };
  call(&wanted, &wanted_whole);
  lwork = asked_for(wanted);
  liwork = wanted_whole;
  std::vector<T> work(static_cast<std::size_t>(lwork));
  std::vector<blasint> iwork(static_cast<std::size_t>(liwork));
  call(work.data(), iwork.data());
  return info == 0;
}

bool posv(std::size_t size, double* a, double* b) {
  if (size == 0) return true;
  const blasint n = counted(static_cast<double>(size)), one = 1;
  const SingleThreadedBlas guard;
  blasint info = 0;
  dposv_("L", &n, &one, a, &n, b, &n, &info, std::size_t{1});
  SKARMA_CHECK(info >= 0);
  return info == 0;
}

template <class T>
void qr(std::size_t rows, std::size_t cols, T* a, T* diagonal) {
  SKARMA_CHECK(rows >= cols);
  if (cols == 0) return;
  const blasint m = counted(static_cast<double>(rows)), n = counted(static_cast<double>(cols));
  const SingleThreadedBlas guard;
  blasint info = 0;
  std::vector<T> tau(cols), work(1);
  const auto call = [&](const auto& routine) {
    blasint lwork = -1;
    routine(work.data(), &lwork);
    lwork = std::max(asked_for(work.front()), n);
    work.resize(static_cast<std::size_t>(lwork));
    routine(work.data(), &lwork);
    SKARMA_CHECK(info == 0);
  };
  call([&](T* room, const blasint* lwork) {
    if constexpr (std::is_same_v<T, float>)
      sgeqrf_(&m, &n, a, &m, tau.data(), room, lwork, &info);
    else
      dgeqrf_(&m, &n, a, &m, tau.data(), room, lwork, &info);
  });
  for (std::size_t j = 0; j < cols; ++j) diagonal[j] = a[j * rows + j];
  call([&](T* room, const blasint* lwork) {
    if constexpr (std::is_same_v<T, float>)
      sorgqr_(&m, &n, &n, a, &m, tau.data(), room, lwork, &info);
    else
      dorgqr_(&m, &n, &n, a, &m, tau.data(), room, lwork, &info);
  });
}

template void qr(std::size_t, std::size_t, float*, float*);
template void qr(std::size_t, std::size_t, double*, double*);
template bool gesdd(std::size_t, std::size_t, float*, float*, float*, float*);
template bool gesdd(std::size_t, std::size_t, double*, double*, double*, double*);
template bool syevd(std::size_t, float*, float*);
template bool syevd(std::size_t, double*, double*);

}  // namespace skarma::kernels
