#include <skarma/estimators/mlp/internal/mlp_parameter_table.hpp>

#include <algorithm>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/engine/device_name.hpp>
#include <skarma/core/net/activation.hpp>
#include <skarma/core/net/initialiser.hpp>
#include <skarma/core/net/loss.hpp>
#include <skarma/core/optim/schedule.hpp>
#include <skarma/core/optim/update_rule.hpp>
#include <skarma/estimators/metrics/scorer.hpp>
#include <skarma/estimators/mlp/internal/class_weight.hpp>
#include <skarma/estimators/mlp/internal/training_settings.hpp>

namespace skarma {
namespace {

std::vector<std::string_view> activation_names() {
  std::vector<std::string_view> names(kActivations.size());
  std::ranges::transform(kActivations, names.begin(), &Activation::name);
  names.push_back(kMaxout.name);
  return names;
}

std::vector<std::string_view> initialiser_names() {
  std::vector<std::string_view> names(kInitialisers.size());
  std::ranges::transform(kInitialisers, names.begin(), &Initialiser::name);
  return names;
}

/// "dropout=0.5", "dropout=[0.2, 0.5]"; empty where nothing is dropped.
std::string text_of(const DropoutRates& dropout) {
  if (const auto* rate = std::get_if<double>(&dropout)) {
    return *rate == 0.0 ? "" : fmt::format("dropout={}", *rate);
  }
  const auto& rates = std::get<std::vector<double>>(dropout);
  const bool drops = std::ranges::any_of(rates, [](double rate) { return rate > 0.0; });
  return drops ? fmt::format("dropout=[{}]", fmt::join(rates, ", ")) : "";
}

/// Solvers without epochs minimise one function, of all samples at once.
template <class P>
void check_solver_takes_layers(std::string_view owner, const P& params) {
  if (has_epochs(params.solver)) return;
  std::string what = params.batch_norm ? "batch_norm=True" : text_of(params.dropout);
  if (what.empty() && params.noise > 0.0) what = fmt::format("noise={}", params.noise);
  if (what.empty()) return;
  throw std::invalid_argument(fmt::format(
      "The 'solver' parameter of {} must be one that trains on minibatches where {}, whose outputs "
      "depend on the minibatch. Got '{}' instead.",
      owner, what, std::string(params.solver)));
}

/// Squares are all that lm minimises.
template <class P>
void check_lm_has_squares(std::string_view owner, const P& params) {
  if (params.solver != "lm" || params.loss == "squared_error") return;
  throw std::invalid_argument(
      fmt::format("The 'solver' parameter of {} must be another than 'lm' where loss is '{}': lm "
                  "minimises a sum of squares, loss='squared_error'.",
                  owner, std::string(params.loss)));
}

template <class P>
void check_layers_fit(std::string_view owner, const P& params) {
  if (params.batch_norm && params.layer_norm) {
    throw std::invalid_argument(
        fmt::format("The 'layer_norm' parameter of {} must be False where batch_norm is True: a "
                    "hidden layer is "
                    "normalised in one way. Got True instead.",
                    owner));
  }
  const auto* rates = std::get_if<std::vector<double>>(&params.dropout);
  if (rates == nullptr || rates->size() == params.hidden_layer_sizes.size() + 1) return;
  throw std::invalid_argument(fmt::format(
      "The 'dropout' parameter of {} must be a float, or a list with a rate for the inputs and one "
      "for each hidden layer. Got a list of length {} for hidden_layer_sizes of length {} instead.",
      owner, rates->size(), params.hidden_layer_sizes.size()));
}

/// TF32 is float32 with a shorter mantissa, which GPUs have.
template <class P>
void check_precision_is_there(std::string_view owner, const P& params) {
  if (!params.precision) return;
  const auto refuse = [&](std::string_view what, std::string_view got) {
    throw std::invalid_argument(fmt::format(
        "The 'precision' parameter of {} must be None where {} is {}. Got 'tf32' instead, which "
        "takes dtype='float32' and a GPU: device 'cuda', 'cuda:N', 'cuda-host' or 'auto'.",
        owner, what, got));
  };
  if (params.dtype != "float32") refuse("dtype", params.dtype ? "'" + *params.dtype + "'" : "None");
  if (params.device == "cpu" || params.device == "reference") {
    refuse("device", "'" + params.device + "'");
  }
}

template <class P>
void check_activations(std::string_view owner, const P& params) {
  try {
    activations_of(params.activation);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(
        fmt::format("The 'activation' parameter of {}: {}", owner, error.what()));
  }
}

/// Restraints are of steps, which update rules take.
template <class P>
void check_restraints(std::string_view owner, const P& params) {
  if (std::ranges::count(update_rule_names(), params.solver) > 0) return;
  const auto refuse = [&](std::string_view name, std::string_view nothing, double got) {
    throw std::invalid_argument(fmt::format(
        "The '{}' parameter of {} must be {} where solver is '{}', {}. Got {} instead.", name,
        owner, nothing, params.solver,
        name == "l1" ? "which minimises smooth functions alone" : "whose steps are its own", got));
  };
  if (params.l1 > 0.0) refuse("l1", "0", params.l1);
  if (params.max_norm) refuse("max_norm", "None", *params.max_norm);
  if (params.clip_value) refuse("clip_value", "None", *params.clip_value);
  if (params.clip_norm) refuse("clip_norm", "None", *params.clip_norm);
}

/// Members are new networks, each with weights of its own.
template <class P>
void check_members(std::string_view owner, const P& params) {
  if (params.n_members == 1) return;
  const auto refuse = [&](std::string_view what) {
    throw std::invalid_argument(
        fmt::format("The 'n_members' parameter of {} must be 1 where {}. Got {} instead.", owner,
                    what, params.n_members));
  };
  if (params.warm_start) refuse("warm_start is True");
  if (params.n_init > 1) refuse(fmt::format("n_init is {}", params.n_init));
  if (!params.initial.coefs.empty()) refuse("coefs_init is given");
  if (!params.initial.intercepts.empty()) refuse("intercepts_init is given");
}

template <class P>
void check_initialiser(std::string_view owner, const P& params) {
  try {
    parse_initialiser(params.init);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("The 'init' parameter of {}: {}", owner, error.what()));
  }
}

/// Several starts from the same weights would be one.
template <class P>
void check_initial_weights(std::string_view owner, const P& params) {
  if (params.initial.is_empty() || params.n_init == 1) return;
  throw std::invalid_argument(fmt::format(
      "The 'n_init' parameter of {} must be 1 where {} is given. Got {} instead.", owner,
      params.initial.coefs.empty() ? "intercepts_init" : "coefs_init", params.n_init));
}

template <class P>
void check_schedule(std::string_view owner, const P& params) {
  const std::string& text = params.learning_rate;
  try {
    if (Schedule::is_one(text)) {
      Schedule::parse(text);
    } else if (text.find('(') != std::string::npos) {
      throw std::invalid_argument(fmt::format("'{}' takes no numbers.", text));
    }
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(
        fmt::format("The 'learning_rate' parameter of {}: {}", owner, error.what()));
  }
}

template <class P>
void check_loss(std::string_view owner, const P& params) {
  try {
    parse_loss(params.loss);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("The 'loss' parameter of {}: {}", owner, error.what()));
  }
}

void check_label_smoothing(std::string_view owner, const MLPClassifierParams& params) {
  if (params.label_smoothing == 0.0 || params.loss == "log_loss") return;
  throw std::invalid_argument(fmt::format(
      "The 'label_smoothing' parameter of {} must be 0 where loss is not 'log_loss'. Got {} and "
      "loss='{}' instead.",
      owner, params.label_smoothing, std::string(params.loss)));
}

/// Scores of hinge losses are no probabilities.
void check_metric_of_scores(std::string_view owner, const MLPClassifierParams& params) {
  if (!params.early_stopping_metric || !params.loss.ends_with("hinge")) return;
  const std::string& metric = *params.early_stopping_metric;
  if (!metric.starts_with("roc_auc") && metric != "average_precision" && metric != "neg_log_loss") {
    return;
  }
  throw std::invalid_argument(fmt::format(
      "The 'early_stopping_metric' parameter of {} must be 'loss' or a scorer of labels where loss "
      "is '{}', which gives no probabilities. Got '{}' instead.",
      owner, std::string(params.loss), metric));
}

void check_quantiles(std::string_view owner, const MLPRegressorParams& params) {
  if (params.loss.starts_with("quantile(")) {
    throw std::invalid_argument(
        fmt::format("The 'loss' parameter of {}: 'quantile' takes its levels from the parameter "
                    "'quantile'. Got '{}' instead.",
                    owner, std::string(params.loss)));
  }
  const auto* levels = std::get_if<std::vector<double>>(&params.quantile);
  if (levels == nullptr || std::ranges::is_sorted(*levels, std::ranges::less_equal())) return;
  throw std::invalid_argument(
      fmt::format("The 'quantile' parameter of {} must rise from level to level. Got [{}] instead.",
                  owner, fmt::join(*levels, ", ")));
}

template <class P>
void check_one_activation_each(std::string_view owner, const P& params) {
  const auto* names = std::get_if<std::vector<std::string>>(&params.activation);
  if (names == nullptr || names->size() == params.hidden_layer_sizes.size()) return;
  throw std::invalid_argument(fmt::format(
      "The 'activation' parameter of {} must be a str, or a list with a name for each hidden "
      "layer. Got a list of length {} for hidden_layer_sizes of length {} instead.",
      owner, names->size(), params.hidden_layer_sizes.size()));
}

/// A bias before a norm is not trained (network_spec.cpp), and a frozen norm would need it to be.
template <class P>
void check_freeze(std::string_view owner, const P& params) {
  if (params.freeze.empty()) return;
  const auto refuse = [&](const std::string& reason) {
    throw std::invalid_argument(fmt::format("The 'freeze' parameter of {} {}. Got [{}] instead.",
                                            owner, reason, fmt::join(params.freeze, ", ")));
  };
  if (params.batch_norm) refuse("must be () where batch_norm is True");
  const std::size_t n_layers = params.hidden_layer_sizes.size() + 1;
  std::set<int> distinct(params.freeze.begin(), params.freeze.end());
  if (static_cast<std::size_t>(*distinct.rbegin()) >= n_layers || distinct.size() == n_layers) {
    refuse(
        fmt::format("must be some, and not all, of the layers of weights 0 ... {}", n_layers - 1));
  }
}

/// What early stopping may look at.
std::vector<std::string_view> watched_metrics() {
  std::vector<std::string_view> names{"loss"};
  for (const std::string_view name : scorer_names()) names.push_back(name);
  return names;
}

/// A classifier's predictions are labels, a regressor's numbers.
template <class P>
void check_metric_is_of_its_kind(std::string_view owner, const P& params) {
  if (!params.early_stopping_metric || params.early_stopping_metric == "loss") return;
  const std::string_view name = *params.early_stopping_metric;
  const bool is_of_numbers =
      name == "r2" || name.starts_with("neg_mean") || name.starts_with("neg_root");
  constexpr bool kPredictsNumbers = std::is_same_v<P, MLPRegressorParams>;
  if (is_of_numbers == kPredictsNumbers) return;
  throw std::invalid_argument(fmt::format(
      "The 'early_stopping_metric' parameter of {} must be None, 'loss' or a scorer of {}. Got "
      "'{}' instead.",
      owner, kPredictsNumbers ? "numbers" : "labels", name));
}

/// The rows that classifier and regressor share, in scikit-learn's order.
template <class P>
void add_shared_rows(ParameterTable<P>& table) {
  using namespace domains;
  Domain sizes = integer(1);
  sizes.type = Domain::Type::integer_list;
  Domain batch = integer(1);
  batch.names = {"auto"};
  Domain patience = integer(1);
  patience.infinity = true;
  Domain verbosity = integer(0);
  verbosity.booleans = true;
  Domain activation = name(activation_names());
  activation.several = true;
  activation.calls = true;
  std::vector<std::string_view> schedules{"constant", "invscaling", "adaptive"};
  for (const std::string_view schedule : schedule_names()) schedules.push_back(schedule);
  Domain schedule = name(schedules);
  schedule.calls = true;
  Domain dtype = name({"float32", "float64"});
  dtype.none = true;
  Domain dropout = fraction(false);
  dropout.several = true;
  Domain layers = integer(0);
  layers.type = Domain::Type::integer_list;
  Domain metric = name(watched_metrics());
  metric.none = true;
  Domain limit = positive_real();
  limit.none = true;
  Domain initialiser = name(initialiser_names());
  initialiser.calls = true;
  Domain precision = name({"tf32"});
  precision.none = true;
  std::vector<std::string_view> solvers{"lbfgs"};
  solvers.insert(solvers.end(), update_rule_names().begin(), update_rule_names().end());
  solvers.push_back("lm");

  table
      .add("hidden_layer_sizes", &P::hidden_layer_sizes, sizes,
           "Units of each hidden layer; () is a linear model.")
      .add("activation", &P::activation, activation,
           "Activation of the hidden layers, or a list with one for each. Three take a number, "
           "which "
           "may be left out: 'leaky_relu(slope=0.01)', 'elu(alpha=1)', and 'maxout(pieces=2)', the "
           "largest of so many linear units, each with coefs of its own.")
      .add("solver", &P::solver, name(solvers),
           "lbfgs: full batch, best on small data; lm: Levenberg-Marquardt, which takes few and "
           "dear steps down a squared error, for networks of up to 5,000 weights and biases; gd: "
           "gradient descent over all samples; the others: minibatches. adamw is adam with "
           "weight_decay; rprop is for batch_size as large "
           "as the data.")
      .add("alpha", &P::alpha, real(0), "Strength of the L2 penalty on the weights.")
      .add("batch_size", &P::batch_size, batch,
           "Samples of a minibatch; auto is min(200, n_samples). Not for lbfgs, lm and gd.")
      .add("learning_rate", &P::learning_rate, schedule,
           "Schedule of the learning rate: constant; for sgd invscaling and adaptive, which are "
           "scikit-learn's; for all solvers but lbfgs and lm 'step(every=10, factor=0.1)', or "
           "'step(5, 8, "
           "factor=0.5)' after these epochs, 'exponential(factor=0.95)', 'cosine(warmup=0, "
           "restarts=0, final=0)', 'one_cycle(warmup=0.3, start=25, end=10000)' and "
           "'plateau(patience=5, factor=0.1)', all of whose numbers may be left out.")
      .add("learning_rate_init", &P::learning_rate_init, positive_real(),
           "Learning rate at the start; not for lbfgs and lm.")
      .add("power_t", &P::power_t, real(0), "Exponent of the schedule invscaling.")
      .add("max_iter", &P::max_iter, integer(1), "Epochs at most (lbfgs and lm: iterations).")
      .add("shuffle", &P::shuffle, boolean(), "Whether to shuffle the samples before each epoch.")
      .add("random_state", &P::random_state, seed(),
           "Seed of initial weights, shuffles and the early-stopping split.")
      .add(
          "tol", &P::tol, real(0),
          "Smallest improvement that counts (lbfgs and lm: largest gradient component at the end).")
      .add("verbose", &P::verbose, verbosity, "Whether Python prints progress.")
      .add("warm_start", &P::warm_start, boolean(),
           "Whether fit goes on from the previous solution.")
      .add("momentum", &P::momentum, fraction(true), "Momentum, for sgd.")
      .add("nesterovs_momentum", &P::nesterovs_momentum, boolean(),
           "Whether the momentum is Nesterov's, for sgd.")
      .add("early_stopping", &P::early_stopping, boolean(),
           "Whether to stop on the score of held-out samples instead of the training loss.")
      .add("validation_fraction", &P::validation_fraction, fraction(false),
           "Share of the training samples held out for early stopping.")
      .add("beta_1", &P::beta_1, fraction(false),
           "Decay of the first moment of adam, adamw, amsgrad, nadam and lion.")
      .add("beta_2", &P::beta_2, fraction(false),
           "Decay of the second moment of adam, adamw, amsgrad and nadam, of rmsprop's and "
           "adadelta's "
           "squares, and of what lion remembers.")
      .add("epsilon", &P::epsilon, positive_real(),
           "Guard against division by zero, for all solvers that divide.")
      .add("n_iter_no_change", &P::n_iter_no_change, patience,
           "Epochs without improvement that are let pass; not for lbfgs and lm.")
      .add("max_fun", &P::max_fun, integer(1), "Loss evaluations at most, for lbfgs and lm.")
      .add("n_threads", &P::n_threads, thread_count(),
           "Threads that share a fit or a prediction; None is one, -1 all cores. They change no "
           "result.")
      .add("device", &P::device, name({kDeviceNames.begin(), kDeviceNames.end()}),
           "What computes: 'cpu'; 'cuda', the first GPU or, in a search, all of them, or 'cuda:N', "
           "GPU number N from 0; 'auto', "
           "a GPU where there is one and steps are large enough for it, otherwise the CPU; "
           "'cuda-host', a GPU's kernels on the CPU, to test them; 'reference', each formula as a "
           "textbook writes it, slow and on one thread, to compare with.")
      .add("dtype", &P::dtype, dtype,
           "Type that a network is trained in; None is float32 for float32 samples, otherwise "
           "float64.")
      .add("weight_decay", &P::weight_decay, real(0),
           "Share of a weight that a step of adamw or lion takes from it, times the learning rate; "
           "biases "
           "keep theirs. alpha's penalty comes on top: set it to 0 for weight decay alone.")
      .add("dropout", &P::dropout, dropout,
           "Share of each hidden layer's outputs that training sets to 0, others each time; or a "
           "list with the share of the inputs and one for each hidden layer. After selu it is "
           "alpha-dropout, which keeps mean 0 and variance 1. Not for lbfgs and lm.")
      .add("batch_norm", &P::batch_norm, boolean(),
           "Whether each hidden layer is normalised over the minibatch before its activation, and "
           "by moving statistics in predictions; not for lbfgs and lm.")
      .add("residual", &P::residual, boolean(),
           "Whether a hidden layer adds what it reads to what it gives, where that is another "
           "hidden layer with as many units.")
      .add(
          "precision", &P::precision, precision,
          "'tf32' lets a GPU train wide float32 networks with products that round their factors to "
          "10 bits of mantissa; None keeps all bits.")
      .add("early_stopping_metric", &P::early_stopping_metric, metric,
           "What early stopping looks at on its samples: 'loss', or a scorer by its name, the "
           "higher the better; None is the estimator's own score.")
      .add("freeze", &P::freeze, layers,
           "Layers that stay as they are, by their numbers from 0: 0 is coefs_[0] and "
           "intercepts_[0]. For networks that go on from a fit, by warm_start or partial_fit.")
      .add("n_init", &P::n_init, integer(1),
           "Starts of fit, each with weights of its own; the one that ends with the lowest loss, "
           "or with the best score where early stopping has one, is kept. Not for partial_fit.")
      .add("layer_norm", &P::layer_norm, boolean(),
           "Whether each hidden layer of a sample is normalised before its activation, over its "
           "units, then scaled and shifted by what is learnt; not beside batch_norm.")
      .add("noise", &P::noise, real(0),
           "Standard deviation of the normal noise that training adds to the inputs, other each "
           "time; not for lbfgs and lm.")
      .add("keep_optimizer", &P::keep_optimizer, boolean(),
           "Whether fit, where warm_start makes it go on, goes on with the solver's moments, "
           "learning rate and number of steps, too; not for lbfgs and lm.")
      .add("init", &P::init, initialiser,
           "How the first weights are drawn: 'auto', scikit-learn's, which is glorot_uniform, also "
           "of the biases, narrower for logistic; by name, or 'orthogonal(gain=1)' or "
           "'constant(value=0)', with biases of 0. Normal ones are not cut off, as in PyTorch. "
           "he_normal is for relu and its like, lecun_normal for selu.")
      .add("l1", &P::l1, real(0),
           "Strength of an L1 penalty on the weights, l1 / n times the sum of their magnitudes, "
           "scaled as alpha's. A step takes no weight beyond 0, where it stays unless its gradient "
           "is larger than l1 / n (OWL-QN's rule): weights become 0 exactly, most of them by "
           "solvers "
           "with small steps at the end. Not for lbfgs and lm.")
      .add("max_norm", &P::max_norm, limit,
           "Largest norm of the weights that a unit reads by, which are shortened to it after each "
           "step; not for lbfgs and lm.")
      .add("clip_value", &P::clip_value, limit,
           "Largest component of a gradient, penalties included, before the solver's step; not for "
           "lbfgs and lm.")
      .add(
          "clip_norm", &P::clip_norm, limit,
          "Largest norm of the whole gradient, penalties included, to which it is shortened before "
          "the solver's step, after clip_value; not for lbfgs and lm.")
      .add(
          "n_members", &P::n_members, integer(1),
          "Networks that fit trains, each with weights and shuffles by a seed of its own, which is "
          "drawn from random_state. Their probabilities, or outputs, are averaged. Not for "
          "partial_fit, warm_start and n_init.")
      .require(check_precision_is_there<P>)
      .require(check_schedule<P>)
      .require(check_activations<P>)
      .require(check_initialiser<P>)
      .require(check_restraints<P>)
      .require(check_members<P>)
      .require(check_initial_weights<P>)
      .require(check_freeze<P>)
      .require(check_metric_is_of_its_kind<P>)
      .require(check_one_activation_each<P>)
      .require(check_layers_fit<P>)
      .require(check_solver_takes_layers<P>)
      .require(check_lm_has_squares<P>);
}

}  // namespace

const ParameterTable<MLPClassifierParams>& mlp_classifier_parameters() {
  static const auto table = [] {
    ParameterTable<MLPClassifierParams> rows("MLPClassifier");
    add_shared_rows(rows);
    Domain loss = domains::name({"log_loss", "hinge", "squared_hinge", "focal", "squared_error"});
    loss.calls = true;
    Domain class_weight = domains::name({"balanced"});
    class_weight.none = class_weight.objects = true;
    rows.add("loss", &MLPClassifierParams::loss, loss,
             "What is minimised: the log loss; the hinge loss of margins below 1 or its square, "
             "which give a decision_function and no probabilities; 'focal(gamma=2)', the log loss "
             "times (1 - p)^gamma, which looks at what is hard; or half the squared error of the "
             "probabilities.")
        .add("label_smoothing", &MLPClassifierParams::label_smoothing, domains::fraction(false),
             "Share of each label that the log loss spreads over all classes.")
        .add("class_weight", &MLPClassifierParams::class_weight, class_weight,
             "Weights of the classes, which those of the samples are multiplied by: a dict by "
             "label (in C++ and on the command line '{\"a\": 1, \"b\": 2.5}'), or 'balanced', "
             "n_samples / (n_classes * count); None is 1 for all.")
        .require(check_loss<MLPClassifierParams>)
        .require(check_label_smoothing)
        .require(check_metric_of_scores)
        .require([](std::string_view owner, const MLPClassifierParams& params) {
          if (params.class_weight) check_class_weight(owner, *params.class_weight);
        });
    return rows;
  }();
  return table;
}

const ParameterTable<MLPRegressorParams>& mlp_regressor_parameters() {
  static const auto table = [] {
    ParameterTable<MLPRegressorParams> rows("MLPRegressor");
    std::vector<std::string_view> losses;
    for (const Loss& loss : kLosses) {
      if (loss.targets == TargetKind::numbers) losses.push_back(loss.name);
    }
    Domain loss = domains::name(losses);
    loss.calls = true;
    Domain quantile{.type = Domain::Type::real, .high = 1.0, .low_included = false};
    quantile.several = true;
    rows.add("loss", &MLPRegressorParams::loss, loss,
             "What is minimised: half the squared error; half the Poisson, gamma or Tweedie "
             "deviance, 'tweedie(power=1.5)', of positive predictions; one that few outliers move "
             "little: Huber's, 'huber(delta=1)', which is linear beyond delta, the absolute error, "
             "whose best constant is the median, or log_cosh, a smooth one between them: the "
             "logarithm of the residual's cosh; or the pinball loss of quantiles.");
    add_shared_rows(rows);
    rows.add("quantile", &MLPRegressorParams::quantile, quantile,
             "Level of the quantile that the loss 'quantile' predicts, or several in rising order, "
             "which do not cross.")
        .require(check_loss<MLPRegressorParams>)
        .require(check_quantiles);
    return rows;
  }();
  return table;
}

}  // namespace skarma
