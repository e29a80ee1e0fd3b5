#include <skarma/estimators/mlp/internal/classification_task.hpp>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include <skarma/estimators/internal/input_checks.hpp>

namespace skarma {
namespace {

/// The share of samples whose outputs decode to exactly the held-out targets.
double held_out_accuracy(const Matrix<double>& outputs, const Targets<double>& truth,
                         double threshold) {
  double hits = 0.0;
  double total = 0.0;
  for (std::size_t i = 0; i < outputs.rows(); ++i) {
    const auto row = outputs.row(i);
    bool hit;
    if (!truth.codes.empty()) {
      hit = std::max_element(row.begin(), row.end()) - row.begin() == truth.codes[i];
    } else {
      const double* y = truth.values.data() + i * row.size();
      hit = std::equal(row.begin(), row.end(), y,
                       [=](double p, double label) { return (p > threshold) == (label != 0.0); });
    }
    const double weight = truth.weights.empty() ? 1.0 : truth.weights[i];
    hits += hit ? weight : 0.0;
    total += weight;
  }
  check_not_all_zero(truth.weights);
  if (total == 0.0) throw std::domain_error("Weights sum to zero, can't be normalized");
  return hits / total;
}

/// Several labels at once are all right or not.
std::optional<Targets<double>> targets_of_labels(ScoreKind kind, const Target& y,
                                                 std::size_t n_labels) {
  const bool fits = y.type() == TargetType::multilabel && y.n_outputs() == n_labels;
  if (kind != kRightRows || !fits) return std::nullopt;
  return Targets<double>{{}, y.values().values(), {}, n_labels};
}

/// The classes that each score tells apart: those that were learnt, or, as the log loss has it,
/// those that occur in `y`, of which there must be as many.
std::optional<std::vector<std::int32_t>> codes_for(ScoreKind kind, const Target& y,
                                                   const Classes& classes) {
  if (kind == kRightRows) return codes_among(y, classes);
  const Target truth = y.with_occurring_labels();
  if (kind != kLogLosses || n_classes(truth.classes()) != n_classes(classes)) return std::nullopt;
  return truth.codes();
}

std::optional<Targets<double>> targets_of_classes(ScoreKind kind, const Target& y,
                                                  const Classes& classes) {
  const std::size_t n = n_classes(classes);
  if (!y.has_labels() || n < 2) return std::nullopt;  // the only class is always predicted
  auto codes = codes_for(kind, y, classes);
  if (!codes) return std::nullopt;
  if (n > 2) return Targets<double>{std::move(*codes), {}, {}, n};
  return Targets<double>{{}, {codes->begin(), codes->end()}, {}, 1};
}

}  // namespace

std::string listed_classes(const Classes& classes) {
  std::string text;
  for (std::size_t i = 0; i < n_classes(classes); ++i) {
    text += (text.empty() ? "" : " ") + label_text(classes, i);
  }
  return "[" + text + "]";
}

std::shared_ptr<const Classes> numbered_classes(std::size_t n) {
  std::vector<std::int64_t> numbers(n);
  std::iota(numbers.begin(), numbers.end(), 0);
  return std::make_shared<const Classes>(std::move(numbers));
}

void check_classification_target(const Target& y) {
  if (y.has_labels()) return;
  if (y.type() == TargetType::multilabel) {
    check_finite_target(y);
    return;
  }
  if (y.n_outputs() > 1) {
    check_finite_target(y);
    throw std::invalid_argument("Multioutput target data is not supported with label binarization");
  }
  check_finite_target(y);
  throw std::invalid_argument(
      "Unknown label type: continuous. Maybe you are trying to fit a classifier, which expects "
      "discrete classes on a regression target with continuous values.");
}

double threshold_of(const Link& link) { return link.elementwise == kIdentity ? 0.0 : 0.5; }

bool gives_scores(const Loss& loss) { return loss.link.name == kPlainRows.name; }

LossChoice classification_loss(const MLPClassifierParams& params, bool has_several_classes) {
  LossChoice choice = parse_loss(params.loss);
  if (params.label_smoothing > 0.0) {
    choice = {*find_loss("smoothed_log_loss"), {params.label_smoothing}};
  }
  const std::string_view name = choice.row->name;
  const bool is_squared = name == "squared_error";
  if (!has_several_classes) return {binary_loss(name), choice.numbers};
  return is_squared ? *find_loss("class_squared_error") : choice;
}

TrainingTask classification_task(const MLPClassifierParams& params, const Target& y,
                                 const Classes& classes, std::span<const double> sample_weight) {
  TrainingTask task;
  task.targets.weights.assign(sample_weight.begin(), sample_weight.end());
  const bool has_codes = y.type() != TargetType::multilabel && n_classes(classes) > 2;
  task.loss = classification_loss(params, has_codes);
  task.score = [threshold = threshold_of(task.loss.row->link)](const Matrix<double>& outputs,
                                                               const Targets<double>& held_out) {
    return held_out_accuracy(outputs, held_out, threshold);
  };
  const std::size_t n = y.n_samples();
  task.split = [n](PartSizes sizes, RandomState& random_state) {
    return shuffle_split(n, sizes, random_state);
  };
  if (y.type() == TargetType::multilabel) {
    task.targets.n_outputs = y.n_outputs();
    for (const double v : y.values().values()) task.targets.values.push_back(v != 0.0 ? 1.0 : 0.0);
    return task;
  }
  auto codes = codes_among(y, classes);
  if (has_codes) {
    task.targets.n_outputs = n_classes(classes);
    task.targets.codes = std::move(codes);
    return task;
  }
  for (const std::int32_t code : codes) task.targets.values.push_back(code == 1 ? 1.0 : 0.0);
  // scikit-learn splits the binarised labels, and names them so when a class is too small.
  Classes sides = std::vector<std::string>{"False", "True"};
  if (n_classes(classes) == 1) {
    sides = std::vector<std::string>{"False"};
    // The only class is predicted, whatever its probability.
    task.score = [](const Matrix<double>&, const Targets<double>&) { return 1.0; };
  }
  task.split = [codes = std::move(codes), sides](PartSizes sizes, RandomState& random_state) {
    return stratified_shuffle_split(codes, sides, sizes, random_state);
  };
  return task;
}

void check_known(const Target& y, const Classes& classes) {
  const auto codes = codes_among(y, classes);
  if (std::find(codes.begin(), codes.end(), -1) == codes.end()) return;
  throw std::invalid_argument(fmt::format(
      "`y` has classes not in `self.classes_`. `self.classes_` has {}. 'y' has {}.",
      listed_classes(classes), listed_classes(*y.with_occurring_labels().shared_classes())));
}

Target labels_of(const Matrix<double>& outputs, const std::shared_ptr<const Classes>& classes,
                 bool multilabel, double threshold) {
  const std::size_t n = outputs.rows();
  if (multilabel) {
    Matrix<double> labels = outputs;
    for (std::size_t i = 0; i < n; ++i) {
      for (double& p : labels.row(i)) p = p > threshold ? 1.0 : 0.0;
    }
    return Target::multilabel(std::move(labels));
  }
  std::vector<std::int32_t> codes(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = outputs.row(i);
    if (row.size() > 1) {
      codes[i] = static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin());
    } else {
      codes[i] = row[0] > threshold && n_classes(*classes) > 1 ? 1 : 0;
    }
  }
  return Target(classes, std::move(codes));
}

Matrix<double> probabilities_of(Matrix<double> outputs, bool multilabel) {
  if (multilabel || outputs.cols() > 1) return outputs;
  Matrix<double> both(outputs.rows(), 2);
  for (std::size_t i = 0; i < outputs.rows(); ++i) {
    both(i, 0) = 1.0 - outputs(i, 0);
    both(i, 1) = outputs(i, 0);
  }
  return both;
}

Target truth_of(const Targets<double>& targets, const std::shared_ptr<const Classes>& classes,
                bool multilabel) {
  if (multilabel) {
    return Target::multilabel({targets.n_samples(), targets.n_outputs, targets.values});
  }
  std::vector<std::int32_t> codes = targets.codes;
  for (const double v : targets.values) codes.push_back(v == 0.0 ? 0 : 1);
  return Target(classes, std::move(codes)).with_occurring_labels();
}

Targets<double> validation_targets(const ValidationData& validation, const Classes& classes,
                                   bool multilabel, const MLPClassifierParams& params) {
  const Target& y = validation.y;
  check_classification_target(y);
  const bool fits = multilabel
                        ? y.type() == TargetType::multilabel && y.n_outputs() == n_classes(classes)
                        : y.has_labels();
  if (!fits) throw std::invalid_argument("`y_val` is not of the kind that `y` is of.");
  if (!multilabel) {
    const auto codes = codes_among(y, classes);
    if (std::ranges::find(codes, -1) != codes.end()) {
      throw std::invalid_argument(fmt::format(
          "`y_val` has classes that `y` does not have. `y` has {}, `y_val` has {}.",
          listed_classes(classes), listed_classes(*y.with_occurring_labels().shared_classes())));
    }
  }
  return classification_task(params, y, classes, validation.sample_weight).targets;
}

std::vector<std::int32_t> learnt_codes(const Target& y, const Classes& classes) {
  auto codes = codes_among(y, classes);
  if (std::ranges::find(codes, -1) == codes.end()) return codes;
  throw std::invalid_argument(
      fmt::format("The labels must be among {}, which were learnt.", listed_classes(classes)));
}

std::optional<Targets<double>> targets_to_score(ScoreKind kind, const Target& y,
                                                const Classes& classes, bool multilabel) {
  return multilabel ? targets_of_labels(kind, y, n_classes(classes))
                    : targets_of_classes(kind, y, classes);
}

}  // namespace skarma
