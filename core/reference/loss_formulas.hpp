#pragma once

#include <span>

#include <armadillo>

#include <skarma/core/net/loss.hpp>

// Links and losses as a textbook writes them, on matrices of shape (rows, outputs).

namespace skarma::reference {

/// The outputs: what the link makes of the last layer's values.
template <class T>
arma::Mat<T> linked(const Link& link, const arma::Mat<T>& z);

/// The derivative by z of what has the derivative `by_output` by the outputs, linked(z).
template <class T>
arma::Mat<T> behind_link(const Link& link, const arma::Mat<T>& z, const arma::Mat<T>& output,
                         const arma::Mat<T>& by_output);

/// The loss of each row, and its derivative by z, what was linked.
template <class T>
struct LossOfRows {
  arma::vec values;
  arma::Mat<T> delta;
};

/// Of outputs and their targets, 0 and 1 where there are classes.
template <class T>
LossOfRows<T> loss_of_rows(const LossChoice& loss, const arma::Mat<T>& output,
                           const arma::Mat<T>& target);

}  // namespace skarma::reference
