#include <skarma/core/base/sample_view.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include <skarma/core/base/all_finite.hpp>
#include <skarma/core/base/internal/check.hpp>

namespace skarma {
namespace {

/// `transform` on one row of the data's own type, with separate roundings (this file is compiled
/// without fused multiply-add).
template <class S>
void apply(const ColumnTransform& transform, std::span<S> row) {
  const double* offset = transform.offset.data();
  const double* scale = transform.scale.data();
  const std::size_t n = row.size();
  if (transform.kind == ColumnTransform::Kind::standardise) {
    for (std::size_t j = 0; j < n; ++j) {
      row[j] = (row[j] - static_cast<S>(offset[j])) / static_cast<S>(scale[j]);
    }
    return;
  }
  for (std::size_t j = 0; j < n; ++j) {
    row[j] = row[j] * static_cast<S>(scale[j]) + static_cast<S>(offset[j]);
  }
  if (transform.clip) {
    const S low = static_cast<S>(transform.clip->first);
    const S high = static_cast<S>(transform.clip->second);
    for (S& x : row) x = x < low ? low : (x > high ? high : x);
  }
}

template <class S, class T>
void copy_row(const MatrixView<const S>& x, std::size_t row, T* out) {
  const auto values = x.row(row);
  if constexpr (std::is_same_v<S, T>) {
    std::copy(values.begin(), values.end(), out);
  } else {
    std::transform(values.begin(), values.end(), out, [](S v) { return static_cast<T>(v); });
  }
}

template <class S, class T>
void copy_row(const CsrView<S>& x, std::size_t row, T* out) {
  std::fill_n(out, x.cols(), T(0));
  const auto values = x.row_values(row);
  const auto columns = x.row_columns(row);
  for (std::size_t k = 0; k < values.size(); ++k) {
    out[static_cast<std::size_t>(columns[k])] += static_cast<T>(values[k]);
  }
}

template <class S>
bool lies_at(const MatrixView<const S>& a, const MatrixView<const S>& b) {
  return a.data() == b.data() && a.rows() == b.rows() && a.cols() == b.cols() &&
         a.row_stride() == b.row_stride();
}

template <class S>
bool lies_at(const CsrView<S>& a, const CsrView<S>& b) {
  return a.values() == b.values() && a.columns() == b.columns() &&
         a.row_starts() == b.row_starts() && a.rows() == b.rows() && a.cols() == b.cols();
}

template <class S>
std::span<const S> stored_values(const MatrixView<const S>& x, std::size_t row) {
  return x.row(row);
}
template <class S>
std::span<const S> stored_values(const CsrView<S>& x, std::size_t row) {
  return x.row_values(row);
}

/// Whether all that is stored lies in one piece and is finite.
template <class S>
bool is_finite_throughout(const MatrixView<const S>& x) {
  return x.is_contiguous() && all_finite(std::span(x.data(), x.rows() * x.cols()));
}
template <class S>
bool is_finite_throughout(const CsrView<S>&) {
  return false;
}

template <class S>
std::size_t column_of(const MatrixView<const S>&, std::size_t, std::size_t entry) {
  return entry;
}
template <class S>
std::size_t column_of(const CsrView<S>& x, std::size_t row, std::size_t entry) {
  return static_cast<std::size_t>(x.row_columns(row)[entry]);
}

}  // namespace

template <class T>
SampleView SampleView::owning(Matrix<T> x) {
  const auto owned = std::make_shared<const Matrix<T>>(std::move(x));
  SampleView view(owned->view());
  view.owned_ = owned;
  return view;
}

template <class T>
SampleView SampleView::owning(CsrMatrix<T> x) {
  const auto owned = std::make_shared<const CsrMatrix<T>>(std::move(x));
  SampleView view(owned->view());
  view.owned_ = owned;
  return view;
}

std::size_t SampleView::n_stored_rows() const {
  return std::visit([](const auto& x) { return x.rows(); }, x_);
}

std::size_t SampleView::n_features() const {
  return std::visit([](const auto& x) { return x.cols(); }, x_);
}

bool SampleView::is_same_as(const SampleView& other) const {
  const auto is_same_matrix = [&]<class View>(const View& x) {
    const auto* const y = std::get_if<View>(&other.x_);
    return y != nullptr && lies_at(x, *y);
  };
  return std::visit(is_same_matrix, x_) && selected_ == other.selected_ &&
         rows_.data() == other.rows_.data() && rows_.size() == other.rows_.size() &&
         transforms_ == other.transforms_;
}

SampleView SampleView::rows(std::span<const RowIndex> rows) const {
  const std::size_t n = n_samples();
  for (const RowIndex row : rows) {
    if (row >= n) {
      throw std::out_of_range("Row " + std::to_string(row) + " is outside of the " +
                              std::to_string(n) + " samples.");
    }
  }
  SampleView chosen = *this;
  chosen.rows_ = rows;
  chosen.selected_ = true;
  if (selected_) {
    std::vector<RowIndex> stored;
    for (const RowIndex row : rows) stored.push_back(rows_[row]);
    chosen.composed_rows_ = std::make_shared<const std::vector<RowIndex>>(std::move(stored));
    chosen.rows_ = *chosen.composed_rows_;
  }
  return chosen;
}

SampleView SampleView::transformed(std::shared_ptr<const ColumnTransform> transform) const {
  SKARMA_CHECK(transform->n_columns() == n_features());
  SampleView seen = *this;
  seen.transforms_.push_back(std::move(transform));
  return seen;
}

bool SampleView::is_float32() const {
  return std::holds_alternative<MatrixView<const float>>(x_) ||
         std::holds_alternative<CsrView<float>>(x_);
}

template <class T, class Position>
void SampleView::gather_by(std::size_t count, Position position, T* out) const {
  std::visit(
      [&](const auto& x) {
        using S = typename std::decay_t<decltype(x)>::value_type;
        const std::size_t width = x.cols();
        std::vector<S> scratch(transforms_.empty() || std::is_same_v<S, T> ? 0 : width);
        for (std::size_t i = 0; i < count; ++i, out += width) {
          const std::size_t row = stored_row(position(i));
          if constexpr (std::is_same_v<S, T>) {
            copy_row(x, row, out);
            for (const auto& transform : transforms_) apply<S>(*transform, {out, width});
          } else if (transforms_.empty()) {
            copy_row(x, row, out);
          } else {
            copy_row(x, row, scratch.data());
            for (const auto& transform : transforms_) apply<S>(*transform, scratch);
            std::transform(scratch.begin(), scratch.end(), out,
                           [](S v) { return static_cast<T>(v); });
          }
        }
      },
      x_);
}

template <class T>
void SampleView::gather(std::size_t first, std::size_t count, T* out) const {
  gather_by(
      count, [first](std::size_t i) { return first + i; }, out);
}

template <class T>
void SampleView::gather(std::span<const RowIndex> positions, T* out) const {
  gather_by(
      positions.size(), [positions](std::size_t i) { return positions[i]; }, out);
}

template <class T>
Matrix<T> SampleView::gathered() const {
  Matrix<T> all(n_samples(), n_features());
  gather(0, n_samples(), all.data());
  return all;
}

template <class T>
const MatrixView<const T>* SampleView::plain() const {
  return selected_ || !transforms_.empty() ? nullptr : std::get_if<MatrixView<const T>>(&x_);
}

template <class T>
const MatrixView<const T>* SampleView::dense() const {
  return transforms_.empty() ? std::get_if<MatrixView<const T>>(&x_) : nullptr;
}

template <class T>
const CsrView<T>* SampleView::sparse() const {
  return transforms_.empty() ? std::get_if<CsrView<T>>(&x_) : nullptr;
}

std::optional<SampleView::BadValue> SampleView::find_not_finite() const {
  return std::visit(
      [&](const auto& x) -> std::optional<BadValue> {
        if (!selected_ && is_finite_throughout(x)) return std::nullopt;
        for (std::size_t i = 0; i < n_samples(); ++i) {
          const std::size_t stored = stored_row(i);
          const auto row = stored_values(x, stored);
          if (all_finite(row)) continue;
          const auto bad =
              std::find_if(row.begin(), row.end(), [](auto v) { return !std::isfinite(v); });
          const auto entry = static_cast<std::size_t>(bad - row.begin());
          return BadValue{stored, column_of(x, stored, entry), std::isnan(*bad)};
        }
        return std::nullopt;
      },
      x_);
}

template void SampleView::gather<float>(std::size_t, std::size_t, float*) const;
template void SampleView::gather<double>(std::size_t, std::size_t, double*) const;
template void SampleView::gather<float>(std::span<const RowIndex>, float*) const;
template void SampleView::gather<double>(std::span<const RowIndex>, double*) const;
template SampleView SampleView::owning(Matrix<float>);
template SampleView SampleView::owning(Matrix<double>);
template SampleView SampleView::owning(CsrMatrix<float>);
template SampleView SampleView::owning(CsrMatrix<double>);
template Matrix<float> SampleView::gathered() const;
template Matrix<double> SampleView::gathered() const;
template const MatrixView<const float>* SampleView::plain<float>() const;
template const MatrixView<const double>* SampleView::plain<double>() const;
template const MatrixView<const float>* SampleView::dense<float>() const;
template const MatrixView<const double>* SampleView::dense<double>() const;
template const CsrView<float>* SampleView::sparse<float>() const;
template const CsrView<double>* SampleView::sparse<double>() const;

}  // namespace skarma
