#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <variant>
#include <vector>

#include <skarma/core/base/augmentation.hpp>
#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/sample_view.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/net/score_kind.hpp>
#include <skarma/core/net/targets.hpp>
#include <skarma/core/optim/restraints.hpp>
#include <skarma/core/optim/update_rule.hpp>

namespace skarma {

/// Names of what an engine holds.
enum class DataId : std::size_t {};
enum class ModelId : std::size_t {};

/// Everything that a model carries: packed parameters and what its update rule remembers.
template <class T>
struct ModelState {
  std::vector<T> parameters;
  OptimiserState<T> optimiser;
};
/// In the type that the model computes in.
using AnyModelState = std::variant<ModelState<double>, ModelState<float>>;
/// Packed parameters in the type that a network computes in.
using AnyParameters = std::variant<std::span<const double>, std::span<const float>>;

/// A model to be opened: it learns from all samples of `data`, one target a sample.
struct OpenModel {
  NetworkSpec spec;
  double alpha;
  std::size_t largest_batch;  // rows of a minibatch; 0 for full-batch solvers
  DataId data;
  Targets<double> targets;
  AnyModelState state;
  std::uint64_t seed = 0;  // of the network's own random numbers, which dropout draws
  bool tf32 = false;       // float32 products may round their factors to TF32 where a device has it
  Restraints restraints{};
  bool counts_right = false;                  // whether training counts EpochLoss::n_right
  std::vector<Augmentation> augmentations{};  // of each minibatch: on this processor alone
};

/// A run of minibatches for one model: batches number first_batch ... end_batch - 1 of an epoch
/// that visits the positions of the training data in `order`, `batch_size` at a time.
struct EpochRange {
  ModelId model;
  std::span<const RowIndex> order;
  std::size_t batch_size;
  std::size_t first_batch;
  std::size_t end_batch;
  double rate;
  std::uint64_t epoch = 0;  // its number, by which augmentations draw
};

/// The sum over the batches of (loss with penalty) * rows; and of models that count them the rows
/// whose class had the largest output, or whose labels were all on the right side, when a batch
/// came by. Only this processor and the reference count.
struct EpochLoss {
  double loss_sum = 0.0;
  std::size_t n_right = 0;
};

/// The outputs of an open model for held samples.
struct EvaluationJob {
  ModelId model;
  DataId data;
  std::stop_token stop{};
};

/// Sums of a kind over held samples, whose outputs an open model computes and compares with
/// targets: codes for softmax, otherwise values of shape (n_samples, n_outputs). Targets that
/// several jobs point to are brought to the device once.
struct ScoreJob {
  ModelId model;
  DataId data;
  const Targets<double>* targets;
  ScoreKind kind;
  std::stop_token stop{};
};

/// The penalised loss of an open model over all its training samples at `parameters`, and its
/// gradient, which goes to `gradient`. A float32 model rounds the parameters, as scikit-learn does.
struct GradientJob {
  ModelId model;
  std::span<const double> parameters;
  std::span<double> gradient;
  std::stop_token stop{};
};

/// The outputs of a network that is not open for samples that are not held and that nobody has
/// looked at.
struct PredictionJob {
  const NetworkSpec& spec;
  AnyParameters parameters;
  const SampleView& samples;
  std::stop_token stop{};
  /// Instead of outputs what the last layer reads, shape (n_samples, its inputs): of 'cpu' alone.
  bool before_last = false;
};

/// What a device says of itself.
struct Capabilities {
  std::size_t most_models = 1;    // that it is glad to train at once; 1: a group gains nothing
  std::uint64_t free_memory = 0;  // bytes; 0: unknown
};

/// The one door to a device. It knows numbers only: no labels, no folds. Data are held once and
/// may serve many models; targets and weights belong to the model. Models are opened, trained,
/// evaluated and closed as groups; a result never depends on the company it was computed in. For
/// one caller at a time.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual Capabilities capabilities() const { return {}; }

  /// Makes samples ready; their memory must stay as it is until release(). Views of one matrix,
  /// such as folds and what fitted scalers make of them, take no copies of it.
  virtual DataId hold(const SampleView& samples) = 0;
  virtual void release(DataId data) noexcept = 0;

  /// All of them or, after an exception, none. Their data must be held until they are closed.
  virtual std::vector<ModelId> open(std::vector<OpenModel> models) = 0;
  /// What has become of the models goes to `states`, one each, or nowhere if that is empty.
  virtual void close(std::span<const ModelId> models, std::span<AnyModelState> states) noexcept = 0;

  /// Trains each model of the group through its range; adds to one result for each, so that an
  /// epoch in several ranges gives the same bits as in one.
  virtual void train(std::span<const EpochRange> group, std::span<EpochLoss> losses) = 0;
  /// Outputs of shape (n_samples, n_outputs), one a job; nullopt where it was asked to stop.
  virtual void evaluate(std::span<const EvaluationJob> jobs,
                        std::span<std::optional<Matrix<double>>> outputs) = 0;
  /// Sums, one a job (kRightRows, kLogLosses) or one for each output, which are NaN where a sample
  /// is not finite; nullopt where it was asked to stop. The rows are added one after another, so
  /// that what comes of the same outputs has the same bits on all devices, but for logarithms.
  virtual void score(std::span<const ScoreJob> jobs,
                     std::span<std::optional<std::vector<double>>> sums) = 0;
  /// Losses, one a job, and gradients. The processor declines networks that differ in training
  /// (NetworkSpec::differs_in_training): a std::logic_error. A stop request ends a job between
  /// blocks of rows: what comes out is then of no use.
  virtual void gradients(std::span<const GradientJob> jobs, std::span<double> losses) = 0;

  /// Remembers the present parameters of a model, in the place of those it remembered before.
  virtual void keep(ModelId model) = 0;
  /// Goes back to the parameters that the model remembers, if there are any.
  virtual void restore(ModelId model) = 0;
  /// A copy of everything that a model carries now.
  virtual AnyModelState read_state(ModelId model) = 0;
  /// Puts such a copy, of the model's own type and sizes, in its place.
  virtual void write_state(ModelId model, const AnyModelState& state) = 0;

  /// Outputs of shape (n_samples, n_outputs). Throws NotFiniteSample, and Cancelled after a stop
  /// request.
  virtual Matrix<double> predict(const PredictionJob& job) = 0;
};

}  // namespace skarma
