// Compiled once per instruction set (CMake names it in SKARMA_KERNEL_ISA). It includes nothing that
// could leave a shared symbol behind: a test looks for weak symbols in the object files.
#include <skarma/core/kernels/isa/activation_loops.hpp>
#include <skarma/core/kernels/isa/layers.hpp>
#include <skarma/core/kernels/isa/products.hpp>
#include <skarma/core/kernels/isa/row_losses.hpp>
#include <skarma/core/kernels/isa/sparse_columns.hpp>
#include <skarma/core/kernels/isa/sparse_rows.hpp>
#include <skarma/core/kernels/isa/updates.hpp>
#include <skarma/core/kernels/kernel_table.hpp>

namespace skarma::kernels {
namespace {

using std::size_t;

/// The kernels over an activation, at its place in the table.
template <class A, class T>
constexpr void add_activation(KernelTable<T>& table, size_t place) {
  table.bias_activate[place] = bias_activate<A, T>;
  table.activate[place] = activate<A, T>;
  if constexpr (A::is_hidden) {
    table.mask[place] = mask<A, T>;
  }
  if constexpr (A::is_hidden && A::is_in_products) {
    table.backward_product[place] = product<Derived<A>, true, T>;
    if constexpr (!A::through_input)
      table.product_activate[place] = product<Activated<A>, false, T>;
  }
}

/// The table with all kernels over activations.
template <class... A, class T>
constexpr KernelTable<T> with_activations(ActivationList<A...>, KernelTable<T> table) {
  static_assert(sizeof...(A) == kActivationFunctions);
  size_t place = 0;
  (add_activation<A>(table, place++), ...);
  return table;
}

template <class T>
constexpr KernelTable<T> kTable = with_activations(
    Activations(), KernelTable<T>{
                       .bias_link = {bias_softmax<T>, add_bias<T>, bias_ordered<T>},
                       .column_sums = column_sums<T>,
                       .add = add<T>,
                       .dropout = dropout<T>,
                       .noise = noise<T>,
                       .column_moments = column_moments<T>,
                       .normalise = normalise<T>,
                       .normalise_back = normalise_back<T>,
                       .normalise_rows = normalise_rows<T>,
                       .normalised_sums = normalised_sums<T>,
                       .normalise_rows_back = normalise_rows_back<T>,
                       .output_delta = {softmax_delta<T>,
                                        element_delta<LogisticLog, T>,
                                        element_delta<SquaredError, T>,
                                        element_delta<Poisson, T>,
                                        element_delta<Huber, T>,
                                        element_delta<AbsoluteError, T>,
                                        element_delta<LogCosh, T>,
                                        row_delta<SmoothedSoftmaxLog, T>,
                                        element_delta<SmoothedLogisticLog, T>,
                                        row_delta<Hinge<1>, T>,
                                        element_delta<BinaryHinge<1>, T>,
                                        row_delta<Hinge<2>, T>,
                                        element_delta<BinaryHinge<2>, T>,
                                        row_delta<Focal, T>,
                                        element_delta<BinaryFocal, T>,
                                        row_delta<SoftmaxSquared, T>,
                                        element_delta<LogisticSquared, T>,
                                        row_delta<Quantile, T>,
                                        element_delta<Gamma, T>,
                                        element_delta<Tweedie, T>},
                       .sparse_product = sparse_product<T>,
                       .add_sparse_gradient = add_sparse_gradient<T>,
                       .nonzero_entries = nonzero_entries<T>,
                       .append_blocks = append_blocks<T>,
                       .columns_product = columns_product<T>,
                       .columns_gradient = columns_gradient<T>,
                       .columns_room = columns_room<T>,
                       .product = product<Plain, false, T>,
                       .gradient_product = gradient_product<T>,
                       .product_room = product_room<T>,
                       .gradient_room = gradient_room<T>,
                       .adadelta_step = adadelta_step<T>,
                       .adagrad_step = adagrad_step<T>,
                       .adam_step = adam_step<false, T>,
                       .adamw_step = adam_step<true, T>,
                       .amsgrad_step = amsgrad_step<T>,
                       .descent_step = descent_step<T>,
                       .lion_step = lion_step<T>,
                       .nadam_step = nadam_step<T>,
                       .rmsprop_step = rmsprop_step<T>,
                       .rprop_step = rprop_step<T>,
                       .sgd_step = sgd_step<T>,
                   });

}  // namespace

namespace SKARMA_KERNEL_ISA {

const KernelTable<float>& float_table() { return kTable<float>; }
const KernelTable<double>& double_table() { return kTable<double>; }

}  // namespace SKARMA_KERNEL_ISA
}  // namespace skarma::kernels
