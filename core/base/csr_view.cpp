#include <skarma/core/base/csr_view.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace skarma {

template <class T>
CsrView<T>::CsrView(std::span<const T> values, std::span<const std::int32_t> columns,
                    std::span<const std::int64_t> row_starts, std::size_t cols)
    : values_(values), columns_(columns), row_starts_(row_starts), cols_(cols) {
  const auto fail = [](const std::string& what) {
    throw std::invalid_argument("This is no matrix in compressed rows: " + what + ".");
  };
  if (values.size() != columns.size()) {
    fail("there are " + std::to_string(values.size()) + " values and " +
         std::to_string(columns.size()) + " columns");
  }
  if (row_starts.empty() || row_starts.front() < 0 ||
      !std::is_sorted(row_starts.begin(), row_starts.end()) ||
      static_cast<std::size_t>(row_starts.back()) > values.size()) {
    fail("its rows do not start one after another within the " + std::to_string(values.size()) +
         " values");
  }
  const bool inside = std::all_of(columns.begin(), columns.end(), [cols](std::int32_t column) {
    return column >= 0 && static_cast<std::size_t>(column) < cols;
  });
  if (!inside) fail("a column is outside of the " + std::to_string(cols) + " columns");
}

template class CsrView<float>;
template class CsrView<double>;

}  // namespace skarma
