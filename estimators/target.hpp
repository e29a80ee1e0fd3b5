#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/random_state.hpp>

namespace skarma {

/// The sorted distinct labels of a classifier: whole numbers, real numbers or strings.
using Classes =
    std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;

/// How many labels there are.
std::size_t n_classes(const Classes& classes);
/// As Python prints a label: 3, 2.0, 'setosa'.
std::string label_text(const Classes& classes, std::size_t code);

/// scikit-learn's `type_of_target`.
enum class TargetType { binary, multiclass, continuous, multilabel, continuous_multioutput };

/// What an estimator learns to predict, or predicts: one label or number a sample, or one row of
/// them. Made from any span, vector or matrix of int, float, double or string; copies it, so that
/// the original may go. Labels are encoded once: codes count the sorted distinct values from 0.
class Target {
 public:
  Target(std::span<const int> y);
  Target(std::span<const std::int64_t> y);
  Target(std::span<const float> y);
  Target(std::span<const double> y);
  Target(std::span<const std::string> y);
  template <class T>
  Target(const std::vector<T>& y) : Target(std::span<const T>(y)) {}
  /// Whichever of such vectors it holds, as Dataset::y does.
  template <class... T>
  Target(const std::variant<std::vector<T>...>& y)
      : Target(std::visit([](const auto& held) { return Target(held); }, y)) {}

  /// Several outputs, shape (n_samples, n_outputs). A single column is taken as one target.
  Target(MatrixView<const int> y);
  Target(MatrixView<const double> y);
  Target(MatrixView<const float> y);
  template <class T>
  Target(const Matrix<T>& y) : Target(y.view()) {}

  /// Labels given by their codes.
  Target(std::shared_ptr<const Classes> classes, std::vector<std::int32_t> codes);

  /// Numbers that are no labels, and rows of 0 and 1: what estimators predict.
  static Target numbers(Matrix<double> values);
  static Target multilabel(Matrix<double> values);

  std::size_t n_samples() const;
  std::size_t n_outputs() const { return values_ ? values_->cols() : 1; }
  TargetType type() const { return type_; }
  bool is_float32() const { return is_float32_; }

  /// The same target for some of the samples.
  Target rows(std::span<const RowIndex> rows) const;
  /// The same target without the labels that do not occur: a choice of rows may miss some.
  Target with_occurring_labels() const;

  /// Labels; empty for real numbers with fractions and for several outputs.
  bool has_labels() const { return classes_ != nullptr; }
  const Classes& classes() const;
  const std::shared_ptr<const Classes>& shared_classes() const { return classes_; }
  const std::vector<std::int32_t>& codes() const { return codes_; }

  /// Numbers of shape (n_samples, n_outputs). Throws std::invalid_argument for strings.
  const Matrix<double>& values() const;

  /// The labels or numbers as a plain vector. Throws std::invalid_argument when they are not of
  /// that type, or when there are several outputs.
  std::vector<int> as_ints() const;
  std::vector<double> as_doubles() const;
  std::vector<std::string> as_strings() const;

 private:
  Target() = default;
  template <class Label>
  void encode(std::span<const Label> y);

  TargetType type_ = TargetType::binary;
  bool is_float32_ = false;
  std::shared_ptr<const Classes> classes_;
  std::vector<std::int32_t> codes_;
  std::optional<Matrix<double>> values_;  // numbers only
};

/// The labels of y as positions in `classes`; -1 for a label that is not among them. A number is
/// the same label whether it is whole or real; a string never equals a number.
std::vector<std::int32_t> codes_among(const Target& y, const Classes& classes);

}  // namespace skarma
