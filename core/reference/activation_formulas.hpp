#pragma once

#include <armadillo>

#include <skarma/core/net/activation.hpp>

// Activations as a textbook writes them, element by element of a matrix.

namespace skarma::reference {

/// f(z).
template <class T>
arma::Mat<T> activated(const Activation& activation, const arma::Mat<T>& z);

/// f'(z) where a = f(z).
template <class T>
arma::Mat<T> derivative(const Activation& activation, const arma::Mat<T>& z, arma::Mat<T> a);

}  // namespace skarma::reference
