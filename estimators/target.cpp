#include <skarma/estimators/target.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/estimators/params/param_value.hpp>

namespace skarma {
namespace {

/// Whether all values are whole numbers, so that they can be labels.
template <class T>
bool whole_numbers(std::span<const T> values) {
  return std::all_of(values.begin(), values.end(),
                     [](T v) { return std::isfinite(v) && v == std::trunc(v); });
}

template <class T>
Matrix<double> widened(MatrixView<const T> y) {
  Matrix<double> values(y.rows(), y.cols());
  for (std::size_t i = 0; i < y.rows(); ++i) {
    std::copy(y.row(i).begin(), y.row(i).end(), values.row(i).begin());
  }
  return values;
}

template <class T>
MatrixView<const T> as_column(std::span<const T> y) {
  return {y.data(), y.size(), 1};
}

TargetType label_type(const Classes& classes) {
  return n_classes(classes) <= 2 ? TargetType::binary : TargetType::multiclass;
}

/// Several columns are labels when they hold at most two whole numbers.
bool is_indicator(const Matrix<double>& values) {
  double first = std::nan(""), second = std::nan("");
  for (const double v : values.values()) {
    if (!std::isfinite(v) || v != std::trunc(v)) return false;
    if (std::isnan(first)) first = v;
    if (v == first || v == second) continue;
    if (!std::isnan(second)) return false;
    second = v;
  }
  return true;
}

}  // namespace

std::size_t n_classes(const Classes& classes) {
  return std::visit([](const auto& labels) { return labels.size(); }, classes);
}

std::string label_text(const Classes& classes, std::size_t code) {
  return std::visit([code](const auto& labels) { return to_text(ParamValue(labels[code])); },
                    classes);
}

template <class Label>
void Target::encode(std::span<const Label> y) {
  std::vector<Label> sorted(y.begin(), y.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  codes_.reserve(y.size());
  for (const Label& label : y) {
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), label);
    codes_.push_back(static_cast<std::int32_t>(at - sorted.begin()));
  }
  classes_ = std::make_shared<const Classes>(std::move(sorted));
  type_ = label_type(*classes_);
}

Target::Target(std::span<const std::int64_t> y) : values_(widened(as_column(y))) { encode(y); }

Target::Target(std::span<const int> y) : values_(widened(as_column(y))) {
  const std::vector<std::int64_t> wide(y.begin(), y.end());
  encode(std::span<const std::int64_t>(wide));
}

Target::Target(std::span<const double> y)
    : type_(TargetType::continuous), values_(widened(as_column(y))) {
  if (whole_numbers(y)) encode(y);
}

Target::Target(std::span<const float> y)
    : type_(TargetType::continuous), is_float32_(true), values_(widened(as_column(y))) {
  const auto& wide = values_->values();
  if (whole_numbers(y)) encode(std::span<const double>(wide));
}

Target::Target(std::span<const std::string> y) { encode(y); }

Target::Target(MatrixView<const double> y)
    : type_(TargetType::continuous_multioutput), values_(widened(y)) {
  if (y.cols() == 1) {
    *this = Target(values_->values());
  } else if (is_indicator(*values_)) {
    type_ = TargetType::multilabel;
  }
}

Target::Target(MatrixView<const float> y) : Target(widened(y)) { is_float32_ = true; }

Target::Target(MatrixView<const int> y) : Target(widened(y)) {
  if (y.cols() != 1) return;
  const auto& whole = values_->values();
  *this = Target(std::vector<std::int64_t>(whole.begin(), whole.end()));
}

Target::Target(std::shared_ptr<const Classes> classes, std::vector<std::int32_t> codes)
    : type_(label_type(*classes)), classes_(std::move(classes)), codes_(std::move(codes)) {
  const auto fill = [&](const auto& labels) {
    if constexpr (!std::is_same_v<std::decay_t<decltype(labels)>, std::vector<std::string>>) {
      values_.emplace(codes_.size(), 1);
      for (std::size_t i = 0; i < codes_.size(); ++i) {
        (*values_)(i, 0) = static_cast<double>(labels[static_cast<std::size_t>(codes_[i])]);
      }
    }
  };
  std::visit(fill, *classes_);
}

Target Target::numbers(Matrix<double> values) {
  Target y;
  y.type_ = values.cols() > 1 ? TargetType::continuous_multioutput : TargetType::continuous;
  y.values_ = std::move(values);
  return y;
}

Target Target::multilabel(Matrix<double> values) {
  Target y;
  y.type_ = TargetType::multilabel;
  y.values_ = std::move(values);
  return y;
}

std::size_t Target::n_samples() const { return values_ ? values_->rows() : codes_.size(); }

Target Target::rows(std::span<const RowIndex> rows) const {
  Target chosen;
  chosen.type_ = type_;
  chosen.is_float32_ = is_float32_;
  chosen.classes_ = classes_;
  if (has_labels()) {
    chosen.codes_.reserve(rows.size());
    for (const RowIndex row : rows) chosen.codes_.push_back(codes_.at(row));
  }
  if (values_) {
    chosen.values_.emplace(rows.size(), values_->cols());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      SKARMA_CHECK(rows[i] < values_->rows());
      std::copy_n(values_->row(rows[i]).data(), values_->cols(), chosen.values_->row(i).data());
    }
  }
  return chosen;
}

Target Target::with_occurring_labels() const {
  if (!has_labels()) return *this;
  std::vector<std::int32_t> renumbered(n_classes(*classes_), -1);
  for (const std::int32_t code : codes_) renumbered[static_cast<std::size_t>(code)] = 0;
  std::int32_t next = 0;
  for (std::int32_t& number : renumbered) number = number < 0 ? -1 : next++;
  if (static_cast<std::size_t>(next) == renumbered.size()) return *this;
  auto kept = std::visit(
      [&](const auto& labels) {
        std::decay_t<decltype(labels)> occurring;
        for (std::size_t i = 0; i < labels.size(); ++i) {
          if (renumbered[i] >= 0) occurring.push_back(labels[i]);
        }
        return Classes(std::move(occurring));
      },
      *classes_);
  Target narrowed = *this;
  narrowed.classes_ = std::make_shared<const Classes>(std::move(kept));
  narrowed.type_ = label_type(*narrowed.classes_);
  for (std::int32_t& code : narrowed.codes_) code = renumbered[static_cast<std::size_t>(code)];
  return narrowed;
}

const Classes& Target::classes() const {
  SKARMA_CHECK(classes_ != nullptr);
  return *classes_;
}

const Matrix<double>& Target::values() const {
  if (!values_) {
    throw std::invalid_argument(fmt::format(
        "The targets are strings, such as {}; numbers are needed here.", label_text(*classes_, 0)));
  }
  return *values_;
}

std::vector<double> Target::as_doubles() const {
  if (n_outputs() != 1) {
    throw std::invalid_argument(
        fmt::format("There are {} outputs, not one: read values() instead.", n_outputs()));
  }
  return values().values();
}

std::vector<int> Target::as_ints() const {
  std::vector<int> ints;
  for (const double v : as_doubles()) {
    if (v != std::trunc(v) || std::abs(v) > 2147483647.0) {
      throw std::invalid_argument(fmt::format("{} is not an int: read as_doubles() instead.", v));
    }
    ints.push_back(static_cast<int>(v));
  }
  return ints;
}

std::vector<std::string> Target::as_strings() const {
  const auto* labels = classes_ ? std::get_if<std::vector<std::string>>(&*classes_) : nullptr;
  if (labels == nullptr) throw std::invalid_argument("The targets are numbers, not strings.");
  std::vector<std::string> strings;
  for (const std::int32_t code : codes_) {
    strings.push_back((*labels)[static_cast<std::size_t>(code)]);
  }
  return strings;
}

namespace {

/// A label as it is compared with those of type Other: a number in double unless both are alike.
template <class Other, class Label>
decltype(auto) comparable(const Label& label) {
  if constexpr (std::is_same_v<Label, Other>) {
    return (label);
  } else {
    return static_cast<double>(label);
  }
}

/// For each label of `own`, its position in `among`, which are sorted, or -1.
template <class A, class B>
std::vector<std::int32_t> positions(const std::vector<A>& own, const std::vector<B>& among) {
  std::vector<std::int32_t> result(own.size(), -1);
  if constexpr (std::is_same_v<A, std::string> == std::is_same_v<B, std::string>) {
    for (std::size_t i = 0; i < own.size(); ++i) {
      const auto& wanted = comparable<B>(own[i]);
      const auto found =
          std::lower_bound(among.begin(), among.end(), wanted,
                           [](const B& label, const auto& w) { return comparable<A>(label) < w; });
      if (found == among.end() || wanted < comparable<A>(*found)) continue;
      result[i] = static_cast<std::int32_t>(found - among.begin());
    }
  }
  return result;
}

}  // namespace

std::vector<std::int32_t> codes_among(const Target& y, const Classes& classes) {
  if (&y.classes() == &classes) return y.codes();
  const auto position = std::visit([](const auto& a, const auto& b) { return positions(a, b); },
                                   y.classes(), classes);
  std::vector<std::int32_t> codes;
  codes.reserve(y.codes().size());
  for (const std::int32_t code : y.codes()) {
    codes.push_back(position[static_cast<std::size_t>(code)]);
  }
  return codes;
}

}  // namespace skarma
