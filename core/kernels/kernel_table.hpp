#pragma once

#include <cstddef>
#include <cstdint>

#include <skarma/core/net/functions.hpp>

// The kernels as a table of function pointers, compiled once for each instruction set and chosen
// once per process (dispatch.hpp). All matrices are (rows, units) and row-major; those that come
// with a stride have that many elements from row to row, the others are contiguous. Within one
// instruction set results are bit-reproducible.

namespace skarma::kernels {

/// A row-major matrix, `stride` elements from row to row.
template <class T>
struct Strided {
  T* data;
  std::size_t stride;

  [[gnu::always_inline]] T* row(std::size_t i) const { return data + i * stride; }
};

/// Dense rows that are only read: one after another, or each of them anywhere.
template <class T>
struct DenseRows {
  DenseRows() = default;
  DenseRows(const T* first_row, std::size_t row_stride) : first(first_row), stride(row_stride) {}
  DenseRows(const T* const* row_starts) : starts(row_starts) {}

  const T* first = nullptr;
  std::size_t stride = 0;
  const T* const* starts = nullptr;  // where each row begins, unless they have a stride
  std::size_t column = 0;            // the first that is meant

  [[gnu::always_inline]] const T* row(std::size_t i) const {
    return (starts == nullptr ? first + i * stride : starts[i]) + column;
  }
  /// The rows from number i on.
  [[gnu::always_inline]] DenseRows from_row(std::size_t i) const {
    DenseRows rest = *this;
    if (starts == nullptr) {
      rest.first += i * stride;
    } else {
      rest.starts += i;
    }
    return rest;
  }
};

/// Some rows of a sparse matrix: row i has the entries number begins[i] ... ends[i] - 1.
template <class T>
struct SparseRows {
  const T* values;
  const std::int32_t* columns;
  const std::int64_t* begins;
  const std::int64_t* ends;
  std::size_t rows;
};

/// A sparse batch by columns, `width` columns in a block: block number b has the entries number
/// begins[b] ... ends[b] - 1, in the order of their rows; an entry is one row's `width` values,
/// zeros among them, and past the last column only zeros.
template <class T>
struct SparseColumns {
  const T* values;           // (entries, width)
  const std::int32_t* rows;  // (entries)
  const std::int64_t* begins;
  const std::int64_t* ends;
  std::size_t n_rows;
  std::size_t n_columns;
  std::size_t width;  // 1 or kColumnBlock
};
constexpr std::size_t kColumnBlock = 4;

/// Where the entries of a sparse batch go, by columns in blocks of kColumnBlock: block b's next
/// entry is number ends[b]++.
template <class T>
struct ColumnRoom {
  T* values;
  std::int32_t* rows;
  std::int64_t* ends;
};

/// The last layer of one batch on its way from z = W a to its loss and delta.
template <class T>
struct OutputBatch {
  T* output;                  // in: W a; out: delta * weight
  const T* bias;              // (units)
  const T* targets;           // (rows, units); null for softmax
  const std::int32_t* codes;  // (rows): the class of each row; softmax only
  const T* weights;           // (rows), or null
  std::size_t rows;
  std::size_t units;
  const double* numbers = nullptr;  // what the loss takes: one, or for quantiles one a unit
};

/// One product of a dense layer: c = a b of shape (rows, cols), sums over `depth`. An element is
/// one chain of multiply-adds in the order of the depth: c may be cut by rows without changing a
/// bit. What lies between the rows of c is padding, which may be written.
template <class T>
struct DenseProduct {
  DenseRows<T> a;      // (rows, depth); with a stride where c = a b has a single column
  Strided<const T> b;  // (depth, cols)
  Strided<T> c;
  std::size_t rows;
  std::size_t cols;
  std::size_t depth;
  const T* beside;  // what is joined to the sums; see the kernels
  T* room;          // memory to work in
  T number = 0;     // what the activation takes
};

/// One update of a run of parameters from the raw gradient sum g: the gradient proper is
/// (g + alpha w) * inverse_weight.
template <class T>
struct UpdateBatch {
  T* parameters;
  T* gradient;
  T* first_moment;  // as update_rule.cpp says; null where a rule has none
  T* second_moment;
  std::size_t size;
  T alpha;
  T inverse_weight;
  T decay = 0;  // what AdamW and Lion take from a parameter besides: its share
  T* third_moment = nullptr;
};

struct AdamCoefficients {
  double beta_1, beta_2, epsilon, rate;  // rate: bias-corrected for this step
};

/// Rates of the gradient and of its mean, bias-corrected for this step.
struct NadamCoefficients {
  double beta_1, beta_2, epsilon, gradient_rate, moment_rate;
};

struct SgdCoefficients {
  double momentum, rate;
  bool nesterov;
};

struct RmspropCoefficients {
  double beta_2, epsilon, rate;
};

/// Dropout of an element: times `factor`, plus `shift`, where its random number is below `kept`,
/// else `dropped`. Numbers are Philox's (philox.hpp), keyed by the seed, counted by step, layer,
/// row and column, and so the same however the work is cut.
template <class T>
struct Dropout {
  std::uint64_t seed;
  std::uint64_t step;
  std::uint32_t layer;
  std::uint32_t kept;
  T factor;
  T shift = 0;
  T dropped = 0;
};

/// What is added to elements: normal numbers with mean 0, by the same rule.
struct Noise {
  std::uint64_t seed;
  std::uint64_t step;
  std::uint32_t layer;
  double deviation;
};

/// Batch normalisation of some rows: x = (x - mean) * inverse, then y = gamma x + beta.
template <class T>
struct Normalisation {
  Strided<T> x;
  Strided<T> y;
  std::size_t rows;
  std::size_t units;
  const T* mean;
  const T* inverse;
  const T* gamma;
  const T* beta;
};

/// Its way back, for some columns: of delta, the derivative by y, and the normalised x the
/// derivatives by gamma, beta and what x was, which takes the place of x.
template <class T>
struct NormalisationBack {
  Strided<const T> delta;
  Strided<T> x;
  std::size_t rows;
  std::size_t units;
  const T* inverse;
  const T* gamma;
  T* gamma_gradient;
  T* beta_gradient;
};

/// Layer normalisation of some rows: x = (x - mean) * scale by the row's own mean and deviation,
/// then y = gamma x + beta. Scales are (rows, 1).
template <class T>
struct RowNormalisation {
  Strided<T> x;
  Strided<T> y;
  std::size_t rows;
  std::size_t units;
  const T* gamma;
  const T* beta;
  double epsilon;  // beside the variance
  Strided<T> scales;
};

/// Its way back: of delta, the derivative by y, and the normalised x.
template <class T>
struct RowNormalisationBack {
  Strided<const T> delta;
  Strided<T> x;
  std::size_t rows;
  std::size_t units;
  const T* gamma;
  Strided<const T> scales;
  T* gamma_gradient;
  T* beta_gradient;
};

template <class T>
struct KernelTable {
  /// z = activation(z + bias). Here and below: `number` is what the activation takes, if any.
  void (*bias_activate[kActivationFunctions])(Strided<T> z, const T* bias, std::size_t rows,
                                              std::size_t units, T number);
  /// a = activation(z).
  void (*activate[kActivationFunctions])(Strided<const T> z, Strided<T> a, std::size_t rows,
                                         std::size_t units, T number);
  /// z = link(z + bias) of whole rows, by RowLink.
  void (*bias_link[3])(T* z, const T* bias, std::size_t rows, std::size_t units);
  /// a = delta times the activation's derivative, taken through its output `a`, or its input where
  /// activation.hpp says so. Null for kExp: no hidden layer has it.
  void (*mask[kActivationFunctions])(Strided<const T> delta, Strided<T> a, std::size_t rows,
                                     std::size_t units, T number);
  /// sums (units) = the sums of the columns.
  void (*column_sums)(Strided<const T> matrix, std::size_t rows, std::size_t units, T* sums);
  /// c = a + b; c may be one of them.
  void (*add)(Strided<const T> a, Strided<const T> b, Strided<T> c, std::size_t rows,
              std::size_t units);
  /// to = from by the mask, for the rows begin ... end - 1; to may be from.
  void (*dropout)(const Dropout<T>& mask, Strided<const T> from, Strided<T> to, std::size_t begin,
                  std::size_t end, std::size_t units);
  /// to = from + noise, the same.
  void (*noise)(const Noise& noise, Strided<const T> from, Strided<T> to, std::size_t begin,
                std::size_t end, std::size_t units);
  /// The mean of each column, and the mean of the squared distances from it.
  void (*column_moments)(Strided<const T> x, std::size_t rows, std::size_t units, T* mean,
                         T* variance);
  void (*normalise)(const Normalisation<T>& batch);
  void (*normalise_back)(const NormalisationBack<T>& batch);
  void (*normalise_rows)(const RowNormalisation<T>& rows);
  /// The derivatives by gamma and beta, of some columns of all rows.
  void (*normalised_sums)(const RowNormalisationBack<T>& rows);
  /// The derivative by what x was takes the place of x, of some rows with all columns.
  void (*normalise_rows_back)(const RowNormalisationBack<T>& rows);
  /// Bias, output activation, loss and delta in one; returns the sum over the rows of
  /// weight * loss. bias_gradient = the column sums of delta.
  double (*output_delta[kLossFunctions])(const OutputBatch<T>& batch, T* bias_gradient);

  /// z = x w, shape (rows, units), for sparse x and w of shape (columns of x, units).
  void (*sparse_product)(const SparseRows<T>& x, const T* w, std::size_t units, Strided<T> z);
  /// gradient += x' delta, shape (columns of x, units).
  void (*add_sparse_gradient)(const SparseRows<T>& x, Strided<const T> delta, std::size_t units,
                              T* gradient);
  /// Writes what is not zero among the n elements of a row; returns how many there are. `next`, a
  /// row that will be read after it, is brought nearer.
  std::size_t (*nonzero_entries)(const T* row, std::size_t n, const T* next, T* values,
                                 std::int32_t* columns);
  /// Appends the blocks of columns first ... end - 1 in which not all is zero; `first` begins one.
  void (*append_blocks)(const DenseRows<T>& x, std::size_t n_rows, std::size_t first,
                        std::size_t end, const ColumnRoom<T>& to);
  /// z = x w for a sparse x by columns, w and z being `units` neighbouring ones of `all_units`
  /// columns, and gradient = x' delta: bit by bit what `product` and `gradient_product` give for
  /// more than one unit, in room for columns_room(rows) elements.
  void (*columns_product)(const SparseColumns<T>& x, const T* w, std::size_t all_units,
                          std::size_t units, Strided<T> z, T* room);
  void (*columns_gradient)(const SparseColumns<T>& x, Strided<const T> delta, std::size_t units,
                           T* gradient, T* room);
  std::size_t (*columns_room)(std::size_t rows);

  /// c = a b, in room for product_room(cols, depth) elements.
  void (*product)(const DenseProduct<T>& product);
  /// c = activation(a b + bias), `beside` being the bias (cols). Null for kExp, where the
  /// derivative is taken through the activation's input, which has to be kept, and for those that
  /// are loops behind their products.
  void (*product_activate[kActivationFunctions])(const DenseProduct<T>& product);
  /// c = a b' times the activation's derivative, taken through `beside` as by mask, of c's shape
  /// and stride: c itself, or apart from it; where rows of c touch (no padding), apart. b has the
  /// shape (cols, depth). Null for kExp, and for those that are loops behind their products.
  void (*backward_product[kActivationFunctions])(const DenseProduct<T>& product);
  /// c = a' b, where a has the shape (depth, rows), in room for gradient_room(cols, depth)
  /// elements.
  void (*gradient_product)(const DenseProduct<T>& product);
  std::size_t (*product_room)(std::size_t cols, std::size_t depth);
  std::size_t (*gradient_room)(std::size_t cols, std::size_t depth);

  /// One step of an update rule; returns the sum of the squared parameters before it.
  double (*adadelta_step)(const UpdateBatch<T>& batch, const RmspropCoefficients& coefficients);
  double (*adagrad_step)(const UpdateBatch<T>& batch, const RmspropCoefficients& coefficients);
  double (*adam_step)(const UpdateBatch<T>& batch, const AdamCoefficients& coefficients);
  double (*adamw_step)(const UpdateBatch<T>& batch, const AdamCoefficients& coefficients);
  double (*amsgrad_step)(const UpdateBatch<T>& batch, const AdamCoefficients& coefficients);
  double (*descent_step)(const UpdateBatch<T>& batch, double rate);
  double (*lion_step)(const UpdateBatch<T>& batch, const AdamCoefficients& coefficients);
  double (*nadam_step)(const UpdateBatch<T>& batch, const NadamCoefficients& coefficients);
  double (*rmsprop_step)(const UpdateBatch<T>& batch, const RmspropCoefficients& coefficients);
  double (*rprop_step)(const UpdateBatch<T>& batch, double rate);
  double (*sgd_step)(const UpdateBatch<T>& batch, const SgdCoefficients& coefficients);
};

}  // namespace skarma::kernels
