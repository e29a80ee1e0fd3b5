#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <skarma/core/base/augmentation.hpp>
#include <skarma/core/base/fit_control.hpp>
#include <skarma/core/base/history_table.hpp>
#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/sample_view.hpp>
#include <skarma/estimators/nn/layers.hpp>
#include <skarma/estimators/params/random_seed.hpp>

namespace skarma {
class ModelArchive;
struct PreparedFit;
}  // namespace skarma

namespace skarma::nn {

/// An update rule, by the name of a solver of the estimators; Keras's defaults of Adam.
struct Optimizer {
  std::string name = "adam";
  double learning_rate = 1e-3;
  double momentum = 0.0;  // of "sgd"
  bool nesterov = false;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  double weight_decay = 0.004;        // of "adamw" and "lion"
  std::string schedule = "constant";  // or a schedule of the estimators: "cosine(warmup=5)" ...
};

/// What outputs are compared with: class numbers from 0, or rows of numbers, shape (n_samples,
/// n_outputs), which for "categorical_crossentropy" are 1 for the class and 0 for the others.
using TargetView = std::variant<std::span<const std::int32_t>, MatrixView<const double>>;

/// Samples that a fit is judged on after each epoch and does not learn from.
struct ValidationSamples {
  SampleView x;
  TargetView y;
};

/// Keras's arguments of fit, and how to watch and end it.
struct FitSettings {
  int batch_size = 32;
  int epochs = 1;
  bool shuffle = true;
  std::optional<ValidationSamples> validation{};
  std::vector<double> sample_weight{};
  int n_threads = 1;
  FitControl control{};
  /// Done one after another to copies of each minibatch's samples, drawn from random_state, anew in
  /// each epoch: the same for any number of threads.
  std::vector<Augmentation> augment{};
};

/// The mean loss of some samples; and the share whose class has the largest output, or whose labels
/// are all on the right side, which is NaN for losses of numbers.
struct Evaluation {
  double loss;
  double accuracy;
};

/// One line of a summary.
struct LayerSummary {
  std::string name;  // "conv2d_1"
  std::string kind;  // "Conv2D"
  Shape output_shape;
  std::size_t n_parameters;
};

/// Some weights of a layer, and where they lie among all: "coefs" of shape (inputs, units) or, of
/// Conv2D, (rows, columns, channels, filters); "intercepts", "gamma", "beta", "mean", "variance",
/// or of Custom "weights".
struct WeightPlace {
  std::size_t layer;  // its number, from 0
  std::string name;
  std::size_t offset;
  Shape shape;
};

/// A network as a list of layers, which is compiled with an optimiser and a loss and trained by
/// epochs, as Keras users know it: on the engines and in the training loop of the estimators.
/// Weights are drawn when they are first needed. One thread may fit while others
/// predict, by the weights before; what else would change the network then throws
/// std::runtime_error. Samples are rows, in which an image lies row by row, column by column,
/// channel by channel.
class Sequential {
 public:
  /// Computes in float32 or in double. `random_state` is drawn from for the first weights (Glorot's
  /// uniform, biases 0), the order of samples and dropout.
  explicit Sequential(std::vector<Layer> layers, RandomSeed random_state = {}, bool float32 = true);
  ~Sequential();
  Sequential(const Sequential&);
  Sequential& operator=(const Sequential&);
  Sequential(Sequential&&) noexcept;
  Sequential& operator=(Sequential&&) noexcept;

  /// How samples look, for a first layer that does not say. Throws
  /// std::invalid_argument for layers that do not fit together.
  void build(const Shape& input_shape);
  bool is_built() const;

  const std::vector<Layer>& layers() const { return layers_; }
  /// Other layers in their place. Those that are copies of one that was there, trainable or not,
  /// keep its weights if they read as much as it did; the weights of others are drawn. Another
  /// input_shape of the first one begins anew. It stays compiled where the loss goes with the new
  /// last layer; moments and history are forgotten. Throws std::invalid_argument for layers that do
  /// not fit together.
  void set_layers(std::vector<Layer> layers);

  /// `loss` is one of Keras's, averaged over outputs: "categorical_crossentropy",
  /// "sparse_categorical_crossentropy", "binary_crossentropy", "mean_squared_error" ("mse"),
  /// "mean_absolute_error" ("mae"), "huber", "log_cosh" or "poisson"; "quantile(0.1, 0.5, 0.9)",
  /// which wants a linear output for each level and one target; or another loss of the estimators.
  /// Its link is the last activation. `counts_right` is whether histories have the accuracy, of
  /// losses that have one. The weights stay. Throws std::invalid_argument.
  void compile(const Optimizer& optimizer, std::string_view loss, bool counts_right = true);
  /// With a loss of your own, whose outputs are behind the last activation and whose targets are
  /// rows of numbers. Throws for one without value and derivative, or with the name of another.
  void compile(const Optimizer& optimizer, CustomLoss loss);
  bool is_compiled() const { return optimizer_.has_value(); }
  /// What it is compiled with; "" before.
  const std::string& loss() const { return loss_; }
  /// The same. Throws NotFittedError before.
  const Optimizer& optimizer() const;
  bool counts_right() const { return counts_right_; }
  /// What computes fits, evaluations and predictions from now on: a value of `device` (devices.md),
  /// 'cpu' unless it is said. Throws std::invalid_argument for other names. Where the device is not
  /// there fit() throws DeviceError, and the others go to 'cpu'.
  void set_device(std::string_view device);
  const std::string& device() const { return device_; }
  bool is_float32() const { return float32_; }
  std::optional<std::int64_t> seed() const { return random_state_.seed(); }
  /// Whether the loss wants class numbers as targets, and not rows of numbers.
  bool wants_class_numbers() const;

  /// Trains for so many epochs, from where the last fit ended. Returns what this fit came to.
  HistoryTable fit(const SampleView& x, const TargetView& y, const FitSettings& settings);
  /// The first part of fit(), for whoever trains many networks as a group
  /// (estimators/internal/prepared_fit.hpp): checks the data and draws the weights. The samples
  /// must outlive the result, and while there is one the network belongs to it.
  std::unique_ptr<PreparedFit> prepare(const SampleView& x, const TargetView& y,
                                       const FitSettings& settings);
  Evaluation evaluate(const SampleView& x, const TargetView& y, int n_threads = 1) const;
  /// Shape (n_samples, n_outputs), behind the last activation.
  Matrix<double> predict(const SampleView& x, int n_threads = 1,
                         const std::stop_token& stop = {}) const;
  /// The same, on an engine or a device that somebody else chooses.
  Matrix<double> predict(const SampleView& x, const PredictionControl& control,
                         int n_threads = 1) const;
  /// What all fits since it was compiled came to.
  HistoryTable history() const;

  /// What a layer, by its number from 0, makes of the samples; images as rows of numbers.
  Matrix<double> features(const SampleView& x, std::size_t layer, int n_threads = 1,
                          const std::stop_token& stop = {}) const;

  std::vector<LayerSummary> summary() const;
  /// In the order of the layers.
  std::vector<WeightPlace> weight_places() const;
  std::size_t count_params() const;
  std::size_t count_trainable_params() const;
  /// Of a sample.
  Shape input_shape() const;
  /// Of the outputs of a sample.
  std::size_t n_outputs() const;
  /// Packed: all coefs in the order of the layers, all biases, what norms train, and their moving
  /// statistics.
  std::vector<double> weights() const;
  void set_weights(std::span<const double> weights);
  /// A copy with such weights, whose training begins anew: no moments, no history.
  Sequential with_weights(std::span<const double> weights) const;

  /// Writes layers, weights and how it is compiled to a model file (io/model_file.hpp), and all
  /// that training needs to go on: moments, history, and the random generator. Throws
  /// std::invalid_argument for layers of functions of your own, NotFittedError before it is built,
  /// and FileError.
  void save(const std::filesystem::path& path) const;
  /// Reads what save wrote. Throws FileError, and std::runtime_error for anything else.
  static Sequential load(const std::filesystem::path& path);
  /// The same in memory. `source` names the bytes in messages.
  std::string to_bytes() const;
  static Sequential from_bytes(std::string_view bytes, const std::string& source = "the model");
  /// For model files.
  void write(ModelArchive& archive) const;
  static Sequential read(ModelArchive& archive);

 private:
  struct Network;
  struct Training;
  const Network& built() const;
  Training begin(const SampleView& x, const TargetView& y, const FitSettings& settings);
  void compile_with(const Optimizer& optimizer, const std::string& loss, bool counts_right,
                    std::shared_ptr<const CustomLoss> custom);

  std::vector<Layer> layers_;
  RandomSeed random_state_;
  bool float32_;
  std::optional<Optimizer> optimizer_;
  std::string loss_;
  bool counts_right_ = true;
  std::shared_ptr<const CustomLoss> custom_loss_;
  std::string device_ = "cpu";
  std::shared_ptr<Network> network_;  // of this alone
};

}  // namespace skarma::nn
