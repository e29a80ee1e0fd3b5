#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/net/loss.hpp>
#include <skarma/core/net/score_kind.hpp>
#include <skarma/core/net/targets.hpp>
#include <skarma/estimators/estimator.hpp>
#include <skarma/estimators/mlp/internal/training_task.hpp>
#include <skarma/estimators/mlp/mlp_params.hpp>

// Labels on their way into a network, and outputs on their way back.

namespace skarma {

/// "[a b c]", for messages.
std::string listed_classes(const Classes& classes);
/// 0 ... n - 1, the classes of several labels at once.
std::shared_ptr<const Classes> numbered_classes(std::size_t n);

/// Throws std::invalid_argument for targets that are no labels.
void check_classification_target(const Target& y);
/// Throws std::invalid_argument for labels that are not among the classes.
void check_known(const Target& y, const Classes& classes);
/// Their codes; throws std::invalid_argument for labels that were not learnt.
std::vector<std::int32_t> learnt_codes(const Target& y, const Classes& classes);

/// Where an output of its own says that a label holds: probabilities from 1/2, scores from 0 on.
double threshold_of(const Link& link);
/// Whether outputs are scores, not probabilities.
bool gives_scores(const Loss& loss);
/// The row of the loss that users name so, with its numbers.
LossChoice classification_loss(const MLPClassifierParams& params, bool has_several_classes);

/// The encoded targets, and how early stopping splits and scores them: stratified only with one
/// output, as scikit-learn does.
TrainingTask classification_task(const MLPClassifierParams& params, const Target& y,
                                 const Classes& classes, std::span<const double> sample_weight);
/// The targets of samples for validation. Throws std::invalid_argument for classes that the fit
/// does not know.
Targets<double> validation_targets(const ValidationData& validation, const Classes& classes,
                                   bool multilabel, const MLPClassifierParams& params);
/// What a score compares outputs with on a device; nullopt where only predictions can tell.
std::optional<Targets<double>> targets_to_score(ScoreKind kind, const Target& y,
                                                const Classes& classes, bool multilabel);

/// For each row the most probable class of `classes`; several labels at once are those above the
/// threshold.
Target labels_of(const Matrix<double>& outputs, const std::shared_ptr<const Classes>& classes,
                 bool multilabel, double threshold);
/// A column for each class, also where the network has one output.
Matrix<double> probabilities_of(Matrix<double> outputs, bool multilabel);
/// The labels that targets of the loss stand for.
Target truth_of(const Targets<double>& targets, const std::shared_ptr<const Classes>& classes,
                bool multilabel);

}  // namespace skarma
