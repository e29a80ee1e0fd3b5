#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <skarma/core/base/matrix.hpp>
#include <skarma/estimators/params/random_seed.hpp>

namespace skarma {

/// The activation of all hidden layers, or a list with one for each.
using ActivationNames = std::variant<std::string, std::vector<std::string>>;

/// First weights that a fit starts from instead of drawn ones: arrays of the shapes of coefs() and
/// intercepts(), or none. The fit's other draws are what they are without them, as the weights are
/// drawn all the same.
struct InitialWeights {
  std::vector<Matrix<double>> coefs{};
  std::vector<std::vector<double>> intercepts{};
  bool is_empty() const { return coefs.empty() && intercepts.empty(); }
};

/// The parameters of scikit-learn's MLPs, with its names, order and defaults, and our own after
/// them. What each may be is in the parameter table (mlp_parameter_table.cpp), which is read when
/// fit starts.
template <class LossName>
struct MLPParams {
  LossName loss{};
  std::vector<int> hidden_layer_sizes = {100};
  ActivationNames activation = "relu";
  std::string solver = "adam";
  double alpha = 1e-4;
  std::optional<int> batch_size{};  // nullopt: "auto": min(200, n_samples)
  std::string learning_rate = "constant";
  double learning_rate_init = 1e-3;
  double power_t = 0.5;
  int max_iter = 200;
  bool shuffle = true;
  RandomSeed random_state{};
  double tol = 1e-4;
  int verbose = 0;  // kept for Python: the C++ library never prints (see FitControl)
  bool warm_start = false;
  double momentum = 0.9;
  bool nesterovs_momentum = true;
  bool early_stopping = false;
  double validation_fraction = 0.1;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-8;
  double n_iter_no_change = 10;  // a whole number, or infinity
  int max_fun = 15000;
  std::optional<int> n_threads{};      // of a fit or a prediction; nullopt: 1, -1 = all cores
  std::string device = "cpu";          // of kDeviceNames (core/engine/device_name.hpp)
  std::optional<std::string> dtype{};  // nullopt: the samples' own: float32 or float64
  double weight_decay = 0.01;          // of adamw and lion: of the coefs
  /// The rate after each hidden layer, below 1; or one a layer, that of the inputs first.
  std::variant<double, std::vector<double>> dropout = 0.0;
  bool batch_norm = false;  // before the activation of each hidden layer
  bool residual = false;    // a hidden layer adds what it read where that is a hidden layer as wide
  std::optional<std::string> precision{};  // nullopt: that of dtype; "tf32": less, on a GPU
  std::optional<std::string> early_stopping_metric{};  // nullopt: the estimator's own score; "loss"
  std::vector<int> freeze{};           // layers, from 0, whose coefs and intercepts stay
  int n_init = 1;                      // starts of fit, of which the best is kept
  bool layer_norm = false;             // before the activation of each hidden layer
  double noise = 0.0;                  // standard deviation of what training adds to the inputs
  bool keep_optimizer = false;         // a warm start goes on with moments, learning rate and steps
  std::string init = "auto";           // of kInitialisers (core/net/initialiser.hpp)
  double l1 = 0.0;                     // strength of the L1 penalty of the coefs
  std::optional<double> max_norm{};    // of the coefs that a unit reads by; nullopt: no limit
  std::optional<double> clip_value{};  // of each component of a gradient; nullopt: no limit
  std::optional<double> clip_norm{};   // of the whole gradient; nullopt: no limit
  int n_members = 1;                   // networks of fit whose outputs are averaged
  double label_smoothing = 0.0;        // of the classifier alone: a share of each label
  std::optional<std::string> class_weight{};  // of it alone: "balanced", or a JSON object by label
  std::variant<double, std::vector<double>> quantile = 0.5;  // of the regressor's loss "quantile"
  InitialWeights initial{};  // no row of the table: set_initial_weights
};

/// "log_loss", "hinge", "squared_hinge", "focal(gamma=2)" or "squared_error".
struct ClassificationLoss : std::string {
  ClassificationLoss() : std::string("log_loss") {}
  using std::string::string;
  ClassificationLoss(std::string name) : std::string(std::move(name)) {}
};

/// "squared_error", "poisson", "huber(delta=1)", "absolute_error", "log_cosh", "gamma",
/// "tweedie(power=1.5)" or "quantile".
struct RegressionLoss : std::string {
  RegressionLoss() : std::string("squared_error") {}
  using std::string::string;
  RegressionLoss(std::string name) : std::string(std::move(name)) {}
};

using MLPClassifierParams = MLPParams<ClassificationLoss>;
using MLPRegressorParams = MLPParams<RegressionLoss>;

}  // namespace skarma
