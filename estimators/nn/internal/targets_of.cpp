#include <skarma/estimators/nn/internal/targets_of.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <locale>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace skarma::nn {
namespace {

/// What Keras calls a loss, which of ours it is, and what it is multiplied with where it is
/// averaged over outputs.
struct KerasLoss {
  std::string_view name;
  std::string_view ours;
  std::optional<double> mean_factor{};
};
constexpr std::array kKerasLosses = {
    KerasLoss{"categorical_crossentropy", "log_loss"},
    KerasLoss{"sparse_categorical_crossentropy", "log_loss"},
    KerasLoss{"binary_crossentropy", "binary_log_loss", 1.0},
    KerasLoss{"mean_squared_error", "squared_error", 2.0},
    KerasLoss{"mse", "squared_error", 2.0},
    KerasLoss{"mean_absolute_error", "absolute_error", 1.0},
    KerasLoss{"mae", "absolute_error", 1.0},
    KerasLoss{"huber", "huber", 1.0},
    KerasLoss{"log_cosh", "log_cosh", 1.0},
    KerasLoss{"poisson", "poisson", 1.0},
};

/// "quantile(0.1, 0.5, 0.9)", or "quantile", the median.
LossChoice quantiles_of(std::string_view text) {
  const Loss& row = *find_loss("quantile");
  if (text == row.name) return row;
  const auto refuse = [&] {
    throw std::invalid_argument(
        fmt::format("The loss 'quantile' takes levels between 0 and 1, in rising order, as "
                    "'quantile(0.1, 0.9)'. Got '{}' instead.",
                    text));
  };
  std::string_view rest = text.substr(row.name.size());
  if (!rest.starts_with('(') || !rest.ends_with(')')) refuse();
  std::istringstream levels{std::string(rest.substr(1, rest.size() - 2)) + ","};
  levels.imbue(std::locale::classic());
  std::vector<double> numbers;
  double level = 0.0;
  for (char comma = 0; levels >> level >> comma && comma == ',';) {
    const double before = numbers.empty() ? 0.0 : numbers.back();
    if (!(level > before && level < 1.0)) refuse();
    numbers.push_back(level);
  }
  if (numbers.empty() || !(levels >> std::ws).eof()) refuse();
  return {row, numbers};
}

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

void check_values(const LossChoice& choice, const MatrixView<const double>& rows) {
  const Loss& loss = *choice.row;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    for (const double v : rows.row(i)) {
      const bool is_right =
          loss.targets == TargetKind::labels ? v == 0.0 || v == 1.0 : std::isfinite(v);
      if (is_right) continue;
      throw std::invalid_argument(
          fmt::format("The targets of loss '{}' must be {}. Got {} in row {}.", loss.name,
                      loss.targets == TargetKind::labels ? "0 or 1" : "finite", v, i));
    }
    check_targets(choice, rows.row(i));
  }
}

}  // namespace

LossChoice loss_called(std::string_view name) {
  const std::string_view called = name.substr(0, name.find('('));
  if (called == "quantile") return quantiles_of(name);
  const auto row = std::ranges::find(kKerasLosses, called, &KerasLoss::name);
  try {
    if (row == kKerasLosses.end()) return parse_loss(name);
    if (row->name != row->ours && called != name) throw std::invalid_argument("takes no number");
    LossChoice loss = row->name == row->ours ? parse_loss(name) : LossChoice(*find_loss(row->ours));
    loss.mean_factor = row->mean_factor;
    return loss;
  } catch (const std::invalid_argument&) {
    std::vector<std::string_view> names;
    names.reserve(kKerasLosses.size() + kLosses.size());
    for (const KerasLoss& keras : kKerasLosses) names.push_back(keras.name);
    for (const Loss& own : kLosses) {
      if (std::ranges::find(names, own.name) == names.end()) names.push_back(own.name);
    }
    throw std::invalid_argument(
        fmt::format("The 'loss' of Sequential must be one of '{}'. Got "
                    "'{}' instead.",
                    fmt::join(names, "', '"), name));
  }
}

bool is_loss(std::string_view name) {
  return find_loss(name) != nullptr ||
         std::ranges::find(kKerasLosses, name, &KerasLoss::name) != kKerasLosses.end();
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
  const bool has_quantiles = spec.loss().function == kQuantile;
  if (rows != nullptr && rows->cols() != (has_quantiles ? 1 : spec.n_outputs())) {
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
    check_values(spec.loss_choice(), *rows);
    const std::size_t n_times = has_quantiles ? spec.n_outputs() : 1;  // each is held to the target
    for (std::size_t i = 0; i < n * n_times; ++i) {
      const auto row = rows->row(i / n_times);
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
