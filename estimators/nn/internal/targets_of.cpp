#include <skarma/estimators/nn/internal/targets_of.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace skarma::nn {
namespace {

/// What Keras calls a loss, and which of ours it is.
struct KerasLoss {
  std::string_view name;
  std::string_view ours;
};
constexpr std::array kKerasLosses = {
    KerasLoss{"categorical_crossentropy", "log_loss"},
    KerasLoss{"sparse_categorical_crossentropy", "log_loss"},
    KerasLoss{"binary_crossentropy", "binary_log_loss"},
};

/// The classes of rows that are 1 for one and 0 for the others.
std::vector<std::int32_t> codes_of(const MatrixView<const double>& rows) {
  std::vector<std::int32_t> codes;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const auto row = rows.row(i);
    const auto ones = std::ranges::count(row, 1.0), zeros = std::ranges::count(row, 0.0);
    if (ones != 1 || ones + zeros != static_cast<std::ptrdiff_t>(row.size())) {
      throw std::invalid_argument(
          fmt::format("Row {} of the targets is not 1 for one class and 0 for the others, which "
                      "'categorical_crossentropy' wants: for class numbers there is "
                      "'sparse_categorical_crossentropy'.",
                      i));
    }
    codes.push_back(static_cast<std::int32_t>(std::ranges::find(row, 1.0) - row.begin()));
  }
  return codes;
}

void check_codes(std::span<const std::int32_t> codes, std::size_t n_outputs) {
  for (const std::int32_t code : codes) {
    if (code >= 0 && static_cast<std::size_t>(code) < n_outputs) continue;
    throw std::invalid_argument(fmt::format(
        "Class numbers must be in the range [0, {}) of the outputs. Got {}.", n_outputs, code));
  }
}

void check_values(const Loss& loss, const MatrixView<const double>& rows) {
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    for (const double v : rows.row(i)) {
      const bool is_right =
          loss.targets == TargetKind::labels ? v == 0.0 || v == 1.0 : std::isfinite(v);
      if (is_right) continue;
      throw std::invalid_argument(
          fmt::format("The targets of loss '{}' must be {}. Got {} in row {}.", loss.name,
                      loss.targets == TargetKind::labels ? "0 or 1" : "finite", v, i));
    }
  }
}

}  // namespace

LossChoice loss_called(std::string_view name) {
  for (const KerasLoss& row : kKerasLosses) {
    if (row.name == name) return *find_loss(row.ours);
  }
  try {
    LossChoice loss = parse_loss(name);
    if (loss.row->function != kQuantile) return loss;
  } catch (const std::invalid_argument&) {
    std::vector<std::string_view> names;
    names.reserve(kKerasLosses.size() + kLosses.size());
    for (const KerasLoss& row : kKerasLosses) names.push_back(row.name);
    for (const Loss& row : kLosses) {
      if (row.function != kQuantile) names.push_back(row.name);
    }
    throw std::invalid_argument(
        fmt::format("The 'loss' of Sequential must be one of '{}'. Got "
                    "'{}' instead.",
                    fmt::join(names, "', '"), name));
  }
  throw std::invalid_argument("Sequential knows no loss of quantiles: MLPRegressor does.");
}
bool wants_one_hot(std::string_view loss) { return loss == "categorical_crossentropy"; }

Targets<double> targets_of(const NetworkSpec& spec, std::string_view loss, const TargetView& y,
                           std::size_t n_samples) {
  Targets<double> targets;
  targets.n_outputs = spec.n_outputs();
  const auto* const codes = std::get_if<std::span<const std::int32_t>>(&y);
  const auto* const rows = std::get_if<MatrixView<const double>>(&y);
  const std::size_t n = codes != nullptr ? codes->size() : rows->rows();
  if (n != n_samples) {
    throw std::invalid_argument(fmt::format("There are {} samples and {} targets.", n_samples, n));
  }
  if (rows != nullptr && rows->cols() != spec.n_outputs()) {
    throw std::invalid_argument(
        fmt::format("Targets of shape ({}, {}) do not fit the {} outputs of the network.",
                    rows->rows(), rows->cols(), spec.n_outputs()));
  }
  const bool one_hot = wants_one_hot(loss);
  const bool wants_codes = spec.loss().targets == TargetKind::code;
  if (wants_codes && !one_hot && codes == nullptr) {
    throw std::invalid_argument(
        fmt::format("The targets of loss '{}' are class numbers, shape (n_samples,).", loss));
  }
  if ((!wants_codes || one_hot) && rows == nullptr) {
    throw std::invalid_argument(
        fmt::format("The targets of loss '{}' have the shape (n_samples, n_outputs).", loss));
  }
  if (one_hot) {
    targets.codes = codes_of(*rows);
  } else if (wants_codes) {
    check_codes(*codes, spec.n_outputs());
    targets.codes.assign(codes->begin(), codes->end());
  } else {
    check_values(spec.loss(), *rows);
    for (std::size_t i = 0; i < n; ++i) {
      const auto row = rows->row(i);
      targets.values.insert(targets.values.end(), row.begin(), row.end());
    }
  }
  return targets;
}

double accuracy_of(const Loss& loss, const Matrix<double>& outputs,
                   const Targets<double>& targets) {
  if (loss.targets == TargetKind::numbers) return std::numeric_limits<double>::quiet_NaN();
  const double threshold = loss.link.elementwise == kLogistic ? 0.5 : 0.0;
  std::size_t right = 0;
  for (std::size_t i = 0; i < outputs.rows(); ++i) {
    const auto row = outputs.row(i);
    if (loss.targets == TargetKind::code) {
      right += std::ranges::max_element(row) - row.begin() == targets.codes[i];
      continue;
    }
    bool is_right = true;
    for (std::size_t j = 0; j < row.size(); ++j) {
      is_right &= (row[j] > threshold) == (targets.values[i * row.size() + j] > 0.5);
    }
    right += is_right;
  }
  return static_cast<double>(right) / static_cast<double>(outputs.rows());
}

}  // namespace skarma::nn
