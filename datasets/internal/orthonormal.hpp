#pragma once

#include <skarma/core/base/matrix.hpp>

namespace skarma {

/// The orthonormal columns of x = q r, shape as x, which has no more columns than rows. Signs are
/// those of LAPACK's geqrf: by Householder's reflections (G. Golub and C. Van Loan, Matrix
/// Computations, 5.2).
Matrix<double> orthonormal_columns(Matrix<double> x);

}  // namespace skarma
