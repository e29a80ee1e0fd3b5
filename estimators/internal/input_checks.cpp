#include <skarma/estimators/internal/input_checks.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

namespace skarma {

void check_not_empty(std::string_view owner, const SampleView& x) {
  for (const auto& [count, what] :
       {std::pair{x.n_samples(), "sample(s)"}, {x.n_features(), "feature(s)"}}) {
    if (count > 0) continue;
    throw std::invalid_argument(fmt::format(
        "Found array with 0 {} (shape=({}, {})) while a minimum of 1 is required by {}.", what,
        x.n_samples(), x.n_features(), owner));
  }
}

void check_samples(std::string_view owner, const SampleView& x) {
  check_not_empty(owner, x);
  if (const auto bad = x.find_not_finite()) {
    throw std::invalid_argument(fmt::format(
        "Input X contains {}: row {}, column {} (both from 0). {} does not accept such values.",
        bad->is_nan ? "NaN" : "infinity", bad->row, bad->column, owner));
  }
}

namespace {

/// Throws for the first value, as transforms make it, that is refused.
template <class T, class Refused>
void check_values(std::string_view owner, const SampleView& x, Refused refused) {
  const auto fail = [&](std::size_t i, std::size_t column, T value) {
    throw std::invalid_argument(fmt::format(
        "Input X contains {}: sample {}, column {} (both from 0). {} does not accept such values.",
        std::isnan(value) ? "NaN" : "infinity", i, column, owner));
  };
  if (const CsrView<T>* entries = x.sparse<T>()) {
    for (std::size_t i = 0; i < x.n_samples(); ++i) {
      const auto row = entries->row_values(x.stored_row(i));
      const auto bad = std::find_if(row.begin(), row.end(), refused);
      if (bad == row.end()) continue;
      const auto columns = entries->row_columns(x.stored_row(i));
      fail(i, static_cast<std::size_t>(columns[static_cast<std::size_t>(bad - row.begin())]), *bad);
    }
    return;
  }
  std::vector<T> row(x.n_features());
  for (std::size_t i = 0; i < x.n_samples(); ++i) {
    x.gather(i, 1, row.data());
    const auto bad = std::find_if(row.begin(), row.end(), refused);
    if (bad != row.end()) fail(i, static_cast<std::size_t>(bad - row.begin()), *bad);
  }
}

template <class Refused>
void check_values_of_type(std::string_view owner, const SampleView& x, Refused refused) {
  check_not_empty(owner, x);
  if (x.is_float32()) {
    check_values<float>(owner, x, refused);
  } else {
    check_values<double>(owner, x, refused);
  }
}

}  // namespace

void check_transformed(std::string_view owner, const SampleView& x) {
  check_values_of_type(owner, x, [](auto v) { return !std::isfinite(v); });
}

void check_scalable(std::string_view owner, const SampleView& x) {
  check_values_of_type(owner, x, [](auto v) { return std::isinf(v); });
}

void check_validation(std::string_view owner, const ValidationData& validation,
                      std::size_t n_features) {
  try {
    check_samples(owner, validation.x);
    check_n_features(owner, validation.x, n_features);
    check_same_length(validation.x, validation.y);
    check_weights(validation.sample_weight, validation.x.n_samples());
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(
        fmt::format("X_val, y_val and sample_weight_val: {}", error.what()));
  }
}

void check_one_member(std::string_view owner, int n_members) {
  if (n_members == 1) return;
  throw std::invalid_argument(fmt::format(
      "The 'n_members' parameter of {} must be 1 for partial_fit, which trains one network. Got {} "
      "instead.",
      owner, n_members));
}

void check_n_epochs(int n_epochs, std::string_view solver, bool has_epochs) {
  if (n_epochs < 1) {
    throw std::invalid_argument(
        fmt::format("n_epochs must be an int of at least 1. Got {} instead.", n_epochs));
  }
  if (!has_epochs && n_epochs > 1) {
    throw std::invalid_argument(
        fmt::format("{} has no epochs: n_epochs must be 1. Got {} instead.", solver, n_epochs));
  }
}

NotFittedError not_fitted(std::string_view owner) {
  return NotFittedError(
      fmt::format("This {} instance is not fitted yet. Call 'fit' with "
                  "appropriate arguments before using this estimator.",
                  owner));
}

void check_n_features(std::string_view owner, const SampleView& x, std::size_t expected) {
  if (x.n_features() == expected) return;
  throw std::invalid_argument(
      fmt::format("X has {} features, but {} is expecting {} features as "
                  "input.",
                  x.n_features(), owner, expected));
}

void check_n_names(std::size_t n_names, std::size_t n_features) {
  if (n_names == 0 || n_names == n_features) return;
  throw std::invalid_argument(
      fmt::format("There are {} feature names for {} features.", n_names, n_features));
}

void check_same_length(const SampleView& x, const Target& y) {
  if (x.n_samples() == y.n_samples()) return;
  throw std::invalid_argument(
      fmt::format("Found input variables with inconsistent numbers of samples: [{}, {}]",
                  x.n_samples(), y.n_samples()));
}

void check_same_size(std::initializer_list<const std::vector<double>*> figures) {
  for (const auto* each : figures) {
    if (each->size() == (*figures.begin())->size()) continue;
    throw std::invalid_argument("the figures of a scaler have different lengths");
  }
}

double scale_without_zeros(double scale, bool is_float32) {
  const double epsilon = is_float32 ? static_cast<double>(std::numeric_limits<float>::epsilon())
                                    : std::numeric_limits<double>::epsilon();
  return scale < 10.0 * epsilon ? 1.0 : scale;
}

void check_counts(const std::vector<double>& counts, std::size_t n_columns) {
  const bool fits = counts.size() <= 1 || counts.size() == n_columns;
  const bool counted = std::all_of(counts.begin(), counts.end(),
                                   [](double n) { return n >= 0.0 && std::isfinite(n); });
  if (fits && counted) return;
  throw std::invalid_argument("n_samples_seen must be one count, or one a column.");
}

void check_finite_target(const Target& y) {
  const auto& values = y.values().values();
  const auto bad =
      std::find_if(values.begin(), values.end(), [](double v) { return !std::isfinite(v); });
  if (bad == values.end()) return;
  throw std::invalid_argument(
      fmt::format("Input y contains {}: sample {} (from 0).", std::isnan(*bad) ? "NaN" : "infinity",
                  static_cast<std::size_t>(bad - values.begin()) / y.n_outputs()));
}

void check_not_all_zero(std::span<const double> sample_weight) {
  if (sample_weight.empty()) return;
  if (std::ranges::any_of(sample_weight, [](double w) { return w != 0.0; })) return;
  throw std::invalid_argument("Sample weights must contain at least one non-zero number.");
}

void check_weights(std::span<const double> sample_weight, std::size_t n_samples) {
  if (sample_weight.empty()) return;
  if (sample_weight.size() != n_samples) {
    throw std::invalid_argument(fmt::format("sample_weight.shape == ({},), expected ({},)!",
                                            sample_weight.size(), n_samples));
  }
  for (std::size_t i = 0; i < n_samples; ++i) {
    if (std::isfinite(sample_weight[i])) continue;
    throw std::invalid_argument(fmt::format("Input sample_weight contains {}: sample {} (from 0).",
                                            std::isnan(sample_weight[i]) ? "NaN" : "infinity", i));
  }
  check_not_all_zero(sample_weight);
}

}  // namespace skarma
