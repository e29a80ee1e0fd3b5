#pragma once

#include <cstddef>
#include <span>
#include <stop_token>
#include <vector>

#include <skarma/core/base/sample_view.hpp>
#include <skarma/core/net/batch.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/optim/update_rule.hpp>

namespace skarma {

/// Names of what an engine holds.
enum class DataId : std::size_t {};
enum class ModelId : std::size_t {};

/// What a model is to an engine: its shape, penalty and update rule.
struct ModelSetup {
  NetworkSpec spec;
  double alpha;
  std::size_t largest_batch;  // rows of a minibatch; 0 for full-batch solvers
};

/// Everything that a model carries: packed parameters and what its update rule remembers.
template <class T>
struct ModelState {
  std::vector<T> parameters;
  OptimiserState<T> optimiser;
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
};

/// The sum over the batches of (loss with penalty) * rows.
struct EpochLoss {
  double loss_sum = 0.0;
};

/// The one door to a device. It knows numbers only: no labels, no folds. Data are held once and
/// may serve many models; targets and weights belong to the model. A group of models is trained as
/// one call; a result never depends on the company it was computed in.
template <class T>
class Engine {
 public:
  virtual ~Engine() = default;

  /// Makes samples ready; their memory must stay as it is until release().
  virtual DataId hold(const SampleView& samples) = 0;
  virtual void release(DataId data) = 0;

  /// Opens a model that learns from all samples of `data`; one target a sample.
  virtual ModelId open(const ModelSetup& setup, DataId data, Targets<T> targets,
                       ModelState<T> state) = 0;
  virtual void close(ModelId model) = 0;

  /// Trains each model of the group through its range; adds to one result for each, so that an
  /// epoch in several ranges gives the same bits as in one.
  virtual void train(std::span<const EpochRange> group, std::span<EpochLoss> losses) = 0;
  /// Outputs of the model for held samples, shape (n_samples, n_outputs). Throws Cancelled after a
  /// stop request.
  virtual Matrix<T> evaluate(ModelId model, DataId data, const std::stop_token& stop) = 0;
  /// The penalised loss over all training samples at `parameters` and its gradient, for full-batch
  /// solvers. A float32 model rounds the parameters, as scikit-learn does. A stop request ends it
  /// between blocks of rows: what comes out is then of no use.
  virtual double loss_and_gradient(ModelId model, std::span<const double> parameters,
                                   std::span<double> gradient, const std::stop_token& stop) = 0;

  virtual ModelState<T> save(ModelId model) const = 0;
  /// Puts packed parameters in the place of the present ones.
  virtual void write(ModelId model, std::span<const T> parameters) = 0;
};

}  // namespace skarma
