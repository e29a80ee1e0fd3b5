#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include <pybind11/stl.h>

#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/python/bindings/arrays.hpp>
#include <skarma/python/bindings/gil.hpp>
#include <skarma/python/bindings/interruptible.hpp>
#include <skarma/python/bindings/param_values.hpp>
#include <skarma/python/bindings/random_states.hpp>
#include <skarma/python/bindings/topics.hpp>
#include <skarma/python/bindings/watched_fit.hpp>

namespace py = pybind11;

namespace skarma::python {
namespace {

using Numbers = py::array_t<double, py::array::c_style>;

/// Everything that comes with the samples of one fit.
struct FitArguments {
  py::object x;
  const Target& y;
  std::optional<Numbers> sample_weight;
  std::vector<std::string> feature_names;
  py::object random_state;  // an int, or a RandomState that is drawn from
  py::object observer;      // a function of n_iter, loss, score or None, lowered rate or None
  py::dict more;            // what few fits have; see Extras
};

/// What a fit is given beside its samples, each where it is there: "validation", a tuple of
/// samples, target and weights or None; "holdout", rows to learn from and rows to hold out;
/// "n_epochs"; "callback", a function of an event's name and the fit, and "batches".
class Extras {
 public:
  Extras(const py::dict& given, FitOptions& options) {
    if (given.contains("validation")) {
      const auto [x, y, weights] =
          given["validation"].cast<std::tuple<py::object, const Target&, std::optional<Numbers>>>();
      samples_.emplace(x);
      weights_ = weights;
      options.validation.emplace(ValidationData{
          samples_->view(), y, weights ? span_of(*weights_) : std::span<const double>()});
    }
    if (given.contains("holdout")) {
      const auto [train, test] = given["holdout"].cast<std::pair<Rows, Rows>>();
      const auto rows = [](const Rows& r) {
        return std::vector<RowIndex>(r.data(), r.data() + r.size());
      };
      options.holdout = TrainTest{rows(train), rows(test)};
    }
    if (given.contains("n_epochs")) options.n_epochs = given["n_epochs"].cast<int>();
    if (given.contains("callback")) {
      function_ = given["callback"];
      options.control.callbacks = {callback_of(function_, given["batches"].cast<bool>(), errands_)};
    }
  }
  Extras(const Extras&) = delete;
  Extras& operator=(const Extras&) = delete;

  Errands* errands() { return function_ ? &errands_ : nullptr; }

 private:
  using Rows = py::array_t<RowIndex, py::array::c_style>;

  std::optional<Samples> samples_;
  std::optional<Numbers> weights_;
  py::object function_;
  Errands errands_;
};

/// Whether a fit takes no more than some 20 ms, in which nobody misses Ctrl-C: another thread would
/// cost a small one more than its training.
template <class Params>
bool is_brief(const Params& params, const SampleView& x, const Target& y) {
  constexpr double kMultiplications = 1e7;
  double weights = 0.0;
  auto inputs = static_cast<double>(x.n_features());
  for (const int units : params.hidden_layer_sizes) {
    weights += inputs * units;
    inputs = units;
  }
  const auto n_classes = y.has_labels() ? skarma::n_classes(y.classes()) : 0;
  weights += inputs * static_cast<double>(std::max(y.n_outputs(), n_classes));
  return weights * static_cast<double>(x.n_samples()) * params.max_iter * params.n_init *
             params.n_members <
         kMultiplications;
}

/// The random state of one fit. The model draws from the caller's generator until this goes.
template <class Model>
class Draws {
 public:
  Draws(Model& model, const py::object& random_state) : model_(model) {
    if (py::isinstance<py::int_>(random_state)) {
      model.set_random_state(RandomSeed(random_state.cast<std::int64_t>()));
    } else {
      lent_.emplace(random_state);
      model.set_random_state(RandomSeed(lent_->generator()));
    }
  }
  ~Draws() {
    if (lent_) model_.set_random_state({});
  }
  Draws(const Draws&) = delete;
  Draws& operator=(const Draws&) = delete;

 private:
  Model& model_;
  std::optional<LentRandomState> lent_;
};

/// Runs one way of fitting; returns whether it was interrupted.
template <class Model, class Fit>
bool fitted(Model& model, const FitArguments& arguments, Fit fit) {
  const Draws<Model> draws(model, arguments.random_state);
  const Samples samples(arguments.x);
  FitOptions options{.sample_weight = {}, .feature_names = arguments.feature_names, .control = {}};
  if (arguments.sample_weight) options.sample_weight = span_of(*arguments.sample_weight);
  if (!arguments.observer.is_none()) {
    options.control.observer = [&](const EpochReport& report) {
      const TakenGil gil;
      if (!gil) return false;
      called(arguments.observer, py::make_tuple(report.n_iter, report.loss, report.validation_score,
                                                report.lowered_rate));
      return true;
    };
  }
  Extras extras(arguments.more, options);
  const auto work = [&](std::stop_token stop) {
    options.control.stop = std::move(stop);
    fit(samples.view(), options);
  };
  const bool is_alone = arguments.more.empty();
  if (!is_alone || !is_brief(model.params(), samples.view(), arguments.y)) {
    return run_interruptible(work, extras.errands());
  }
  const ReleasedGil released;
  work({});
  return false;
}

Matrix<double> matrix_of(const py::handle& value) {
  const auto array = Numbers::ensure(value);
  if (!array || array.ndim() != 2) {
    throw py::value_error("The arrays of coefs_init have two dimensions.");
  }
  const auto values = span_of(array);
  return {static_cast<std::size_t>(array.shape(0)), static_cast<std::size_t>(array.shape(1)),
          std::vector<double>(values.begin(), values.end())};
}

std::vector<double> vector_of(const py::handle& value) {
  const auto array = Numbers::ensure(value);
  if (!array || array.ndim() != 1) {
    throw py::value_error("The arrays of intercepts_init have one dimension.");
  }
  const auto values = span_of(array);
  return {values.begin(), values.end()};
}

/// Parameters by their names, those that are lists of arrays among them: None or a list.
template <class Model>
void set_parameters(Model& model, const py::dict& parameters) {
  InitialWeights initial = model.params().initial;
  for (const auto& [key, value] : parameters) {
    const auto name = key.template cast<std::string>();
    if (name == "coefs_init") {
      initial.coefs.clear();
      if (!value.is_none()) {
        for (const auto& item : value) initial.coefs.push_back(matrix_of(item));
      }
    } else if (name == "intercepts_init") {
      initial.intercepts.clear();
      if (!value.is_none()) {
        for (const auto& item : value) initial.intercepts.push_back(vector_of(item));
      }
    } else {
      model.set(name, to_param_value(value));
    }
  }
  model.set_initial_weights(std::move(initial));
}

/// None where there are none.
py::object initial_coefs(const InitialWeights& initial) {
  py::list all;
  for (const auto& w : initial.coefs) all.append(to_numpy(w, false));
  return all.empty() ? py::object(py::none()) : all;
}

py::object initial_intercepts(const InitialWeights& initial) {
  py::list all;
  for (auto b : initial.intercepts) {
    const std::size_t n = b.size();
    all.append(to_numpy(std::move(b), {n}));
  }
  return all.empty() ? py::object(py::none()) : all;
}

bool is_text(const py::object& object, const std::string& text) {
  return PyUnicode_Check(object.ptr()) &&
         PyUnicode_CompareWithASCIIString(object.ptr(), text.c_str()) == 0;
}

bool is_activation(const py::object& object, const ActivationNames& names) {
  if (const auto* one = std::get_if<std::string>(&names)) return is_text(object, *one);
  const bool is_list = py::isinstance<py::list>(object) || py::isinstance<py::tuple>(object);
  return is_list && py::list(object).equal(py::cast(std::get<std::vector<std::string>>(names)));
}

/// Whether these are the model's weights and biases, bit by bit, in arrays of its own type.
template <class T>
bool has_parameters(const MLPBase& model, const std::vector<py::object>& coefs,
                    const std::vector<py::object>& intercepts) {
  std::span<const T> own = model.parameters_view<T>().first(model.n_weights());
  const auto is_next = [&own](const py::object& object) {
    if (!py::isinstance<py::array_t<T, py::array::c_style>>(object)) return false;
    const auto array = py::reinterpret_borrow<py::array>(object);
    const auto size = static_cast<std::size_t>(array.size());
    if (size > own.size() || std::memcmp(array.data(), own.data(), size * sizeof(T)) != 0) {
      return false;
    }
    own = own.subspan(size);
    return true;
  };
  return std::all_of(coefs.begin(), coefs.end(), is_next) &&
         std::all_of(intercepts.begin(), intercepts.end(), is_next) && own.empty();
}

py::list coefs_of(const MLPBase& model) {
  py::list all;
  for (const auto& coef : model.coefs()) all.append(to_numpy(coef, model.predicts_float32()));
  return all;
}

/// A model normalises in one way: the numbers of its batch or layer normalisations.
py::list norms_of(const MLPBase& model) {
  py::list all;
  for (const bool by_batch : {true, false}) {
    for (const auto& numbers : by_batch ? model.batch_norms() : model.layer_norms()) {
      all.append(to_numpy(numbers, model.predicts_float32()));
    }
  }
  return all;
}

/// Whether these are the numbers of the model's normalisations, bit by bit, in arrays.
bool has_norms(const MLPBase& model, const std::optional<std::vector<py::object>>& norms) {
  const py::list own = norms_of(model);
  if (!norms) return own.empty();
  const auto is_same = [](const py::handle& a, const py::object& b) {
    return py::isinstance<py::array>(b) && a.attr("tobytes")().equal(b.attr("tobytes")());
  };
  return std::equal(own.begin(), own.end(), norms->begin(), norms->end(), is_same);
}

py::list intercepts_of(const MLPBase& model) {
  py::list all;
  for (auto& intercept : model.intercepts()) {
    const std::size_t n = intercept.size();
    all.append(to_numpy(std::move(intercept), {n}, model.predicts_float32()));
  }
  return all;
}

/// scikit-learn's attributes of a fitted network, by their names, and our own; all but loss_curve_,
/// which may be long.
template <class Model>
py::dict results_of(const Model& model) {
  py::dict all;
  all["coefs_"] = coefs_of(model);
  all["intercepts_"] = intercepts_of(model);
  if (auto norms = norms_of(model); !norms.empty()) {
    all[model.batch_norms().empty() ? "layer_norms_" : "batch_norms_"] = norms;
  }
  all["n_layers_"] = model.n_layers();
  all["n_outputs_"] = model.n_outputs();
  all["out_activation_"] = model.out_activation();
  all["device_"] = model.device_used();
  all["n_iter_"] = model.n_iter();
  all["t_"] = model.t();
  all["loss_"] = model.loss();
  if constexpr (std::is_same_v<Model, MLPClassifier>) {
    if (model.temperature() != 1.0) all["temperature_"] = model.temperature();
  }
  if (auto losses = model.validation_loss_curve(); !losses.empty()) {
    all["validation_loss_curve_"] = std::move(losses);
  }
  if (model.params().solver == "lbfgs" || model.params().solver == "lm") return all;
  all["best_loss_"] = model.best_loss();
  all["validation_scores_"] = model.validation_scores();
  all["best_validation_score_"] = model.best_validation_score();
  all["_no_improvement_count"] = model.no_improvement_count();
  return all;
}

py::bytes bytes_of(const MLPBase& model) {
  std::string bytes;
  {
    const ReleasedGil released;
    bytes = model_to_bytes(model);
  }
  return py::bytes(bytes);
}

/// The model whose state these bytes are. Throws ValueError for one of another class.
template <class Model>
Model of_bytes(const py::bytes& bytes) {
  const std::string_view content = bytes;
  std::unique_ptr<Estimator> model;
  {
    const ReleasedGil released;
    model = model_from_bytes(content, "the state");
  }
  if (const auto* same = dynamic_cast<const Model*>(model.get())) return *same;
  throw py::value_error("This is the state of " + std::string(model->name()) + ", not of " +
                        std::string(Model().name()) + ".");
}

/// Whether the model is what these attributes, which anybody may have changed, say.
template <class Model>
bool has_form(const Model& model, const py::object& activation, const py::object& out_activation,
              const py::object& n_layers) {
  return is_activation(activation, model.params().activation) &&
         is_text(out_activation, model.out_activation()) &&
         n_layers.equal(py::int_(model.n_layers()));
}

/// What is the same for both.
template <class Model>
py::class_<Model> add_mlp(py::module_& module, const char* name) {
  return native_class<Model>(module, name)
      .def(py::init([](const py::dict& parameters) {
             Model model;
             set_parameters(model, parameters);
             return model;
           }),
           py::arg("parameters"))
      .def(py::init(&of_bytes<Model>), py::arg("state"))
      .def(
          "set", [](Model& self, const py::dict& parameters) { set_parameters(self, parameters); },
          py::arg("parameters"))
      .def("validate", [](const Model& self) { self.validate(); })
      .def(
          "fit",
          [](Model& self, const py::object& x, const Target& y,
             const std::optional<Numbers>& sample_weight,
             const std::vector<std::string>& feature_names, const py::object& random_state,
             const py::object& observer, const py::dict& more) {
            return fitted(self, {x, y, sample_weight, feature_names, random_state, observer, more},
                          [&](const SampleView& samples, const FitOptions& options) {
                            self.fit(samples, y, options);
                          });
          },
          py::arg("x"), py::arg("y"), py::arg("sample_weight"), py::arg("feature_names"),
          py::arg("random_state"), py::arg("observer"), py::arg("more") = py::dict())
      .def("set_random_state",
           [](Model& self, const NumpyState& state) {
             self.set_random_state(RandomSeed(from_numpy(state)));
           })
      .def("set_packed_parameters",
           [](Model& self, const Numbers& packed) { self.set_packed_parameters(span_of(packed)); })
      .def("packed_parameters",
           [](const Model& self) {
             auto packed = self.packed_parameters();
             const std::size_t n = packed.size();
             return to_numpy(std::move(packed), {n});
           })
      .def("has_form", &has_form<Model>)
      .def("consists_of",
           [](const Model& self, const std::vector<py::object>& coefs,
              const std::vector<py::object>& intercepts,
              const std::optional<std::vector<py::object>>& norms, const py::object& activation,
              const py::object& out_activation, const py::object& n_layers,
              const py::object& device) {
             return has_form(self, activation, out_activation, n_layers) &&
                    is_text(device, self.params().device) && has_norms(self, norms) &&
                    (self.predicts_float32() ? has_parameters<float>(self, coefs, intercepts)
                                             : has_parameters<double>(self, coefs, intercepts));
           })
      .def(
          "copy", [](const Model& self) { return Model(self); }, py::call_guard<ReleasedGil>())
      .def("parameters",
           [](const Model& self) {
             py::dict all;
             for (const auto& [parameter, value] : self.parameters()) {
               all[py::str(parameter)] = to_python(value);
             }
             all["coefs_init"] = initial_coefs(self.params().initial);
             all["intercepts_init"] = initial_intercepts(self.params().initial);
             return all;
           })
      .def_property_readonly("n_features_in", &Model::n_features_in)
      .def_property_readonly("feature_names_in", &Model::feature_names_in)
      .def("set_feature_names", &Model::set_feature_names, py::arg("names"))
      .def("coefs", [](const Model& self) { return coefs_of(self); })
      .def("intercepts", [](const Model& self) { return intercepts_of(self); })
      .def("norms", [](const Model& self) { return norms_of(self); })
      .def("results", [](const Model& self) { return results_of(self); })
      .def("summary",
           [](const Model& self) {
             py::list layers;
             const NetworkSummary summary = self.summary();
             for (const LayerSummary& layer : summary.layers) {
               layers.append(py::make_tuple(layer.name, layer.operation, layer.units,
                                            layer.n_parameters, layer.n_trained));
             }
             return py::make_tuple(layers, summary.text());
           })
      .def(
          "input_gradient",
          [](const Model& self, const py::object& x, const Target& y) {
            const Samples samples(x);
            Matrix<double> gradient;
            {
              const ReleasedGil released;
              gradient = self.input_gradient(samples.view(), y);
            }
            return to_numpy(std::move(gradient), self.predicts_float32());
          },
          py::arg("x"), py::arg("y"))
      .def("history",
           [](const Model& self) {
             const HistoryTable table = self.history();
             py::dict all;
             const auto add = [&](const char* key, std::vector<double> column) {
               const std::size_t n = column.size();
               all[key] = to_numpy(std::move(column), {n});
             };
             add("loss", table.loss);
             add("validation_score", table.validation_score);
             add("validation_loss", table.validation_loss);
             add("learning_rate", table.learning_rate);
             add("seconds", table.seconds);
             return all;
           })
      .def_property_readonly("n_members", &Model::n_members)
      .def("member", &Model::member, py::arg("i"))
      .def("in_double",
           [](const Model& self) {
             Model wide(self);
             wide.widen();
             return wide;
           })
      .def_property_readonly("n_losses", &Model::n_losses)
      .def("losses", &Model::loss_curve, py::arg("first"))
      .def_property_readonly("activation",
                             [](const Model& self) { return self.params().activation; })
      .def_property_readonly("device", [](const Model& self) { return self.params().device; })
      .def_property_readonly("n_iter", &Model::n_iter)
      .def_property_readonly("fit_warning", &Model::fit_warning)
      .def_property_readonly("is_float32", &Model::predicts_float32)
      .def_property_readonly("stop_reason",
                             [](const Model& self) { return to_string(self.stop_reason()); })
      .def(py::pickle([](const Model& self) { return bytes_of(self); }, &of_bytes<Model>))
      // Whatever the protocol, the constructor makes the object.
      .def("__reduce__", [](const Model& self) {
        return py::make_tuple(py::type::of<Model>(), py::make_tuple(bytes_of(self)));
      });
}

py::array outputs_of(const MLPClassifier& model, const py::object& x,
                     Matrix<double> (MLPClassifier::*outputs)(const SampleView&) const) {
  const Samples samples(x);
  Matrix<double> result;
  {
    const ReleasedGil released;
    result = (model.*outputs)(samples.view());
  }
  return to_numpy(std::move(result), model.predicts_float32());
}

}  // namespace

void add_mlps(py::module_& module) {
  add_mlp<MLPClassifier>(module, "MLPClassifier")
      .def(
          "partial_fit",
          [](MLPClassifier& self, const py::object& x, const Target& y,
             const std::optional<Target>& classes, const std::optional<Numbers>& sample_weight,
             const std::vector<std::string>& feature_names, const py::object& random_state,
             const py::object& observer, const py::dict& more) {
            return fitted(self, {x, y, sample_weight, feature_names, random_state, observer, more},
                          [&](const SampleView& samples, const FitOptions& options) {
                            self.partial_fit(samples, y, classes, options);
                          });
          },
          py::arg("x"), py::arg("y"), py::arg("classes"), py::arg("sample_weight"),
          py::arg("feature_names"), py::arg("random_state"), py::arg("observer"),
          py::arg("more") = py::dict())
      .def(
          "integrated_gradients",
          [](const MLPClassifier& self, const py::object& x, const std::optional<Target>& labels,
             const Numbers& baseline, int n_steps) {
            const Samples samples(x);
            Matrix<double> added;
            {
              const ReleasedGil released;
              added = self.integrated_gradients(samples.view(), labels, span_of(baseline), n_steps);
            }
            return to_numpy(std::move(added), self.predicts_float32());
          },
          py::arg("x"), py::arg("labels"), py::arg("baseline"), py::arg("n_steps"))
      .def_property_readonly(
          "classes",
          [](const MLPClassifier& self) {
            return py::array(
                std::visit([](const auto& labels) { return py::cast(labels); }, self.classes()));
          })
      .def_property_readonly("is_multilabel", &MLPClassifier::is_multilabel)
      .def_property("temperature", &MLPClassifier::temperature, &MLPClassifier::set_temperature)
      .def(
          "calibrate",
          [](MLPClassifier& self, const py::object& x, const Target& y,
             const std::optional<Numbers>& sample_weight) {
            const Samples samples(x);
            const auto weights =
                sample_weight ? span_of(*sample_weight) : std::span<const double>();
            const ReleasedGil released;
            self.calibrate(samples.view(), y, weights);
          },
          py::arg("x"), py::arg("y"), py::arg("sample_weight"))
      .def("logits",
           [](const MLPClassifier& self, const py::object& x) {
             return outputs_of(self, x, &MLPClassifier::logits);
           })
      .def("predict_proba", [](const MLPClassifier& self, const py::object& x) {
        return outputs_of(self, x, &MLPClassifier::predict_proba);
      });
  add_mlp<MLPRegressor>(module, "MLPRegressor")
      .def(
          "partial_fit",
          [](MLPRegressor& self, const py::object& x, const Target& y,
             const std::optional<Numbers>& sample_weight,
             const std::vector<std::string>& feature_names, const py::object& random_state,
             const py::object& observer, const py::dict& more) {
            return fitted(self, {x, y, sample_weight, feature_names, random_state, observer, more},
                          [&](const SampleView& samples, const FitOptions& options) {
                            self.partial_fit(samples, y, options);
                          });
          },
          py::arg("x"), py::arg("y"), py::arg("sample_weight"), py::arg("feature_names"),
          py::arg("random_state"), py::arg("observer"), py::arg("more") = py::dict())
      .def(
          "integrated_gradients",
          [](const MLPRegressor& self, const py::object& x, std::size_t output,
             const Numbers& baseline, int n_steps) {
            const Samples samples(x);
            Matrix<double> added;
            {
              const ReleasedGil released;
              added = self.integrated_gradients(samples.view(), output, span_of(baseline), n_steps);
            }
            return to_numpy(std::move(added), self.predicts_float32());
          },
          py::arg("x"), py::arg("output"), py::arg("baseline"), py::arg("n_steps"))
      .def("predict", [](const MLPRegressor& self, const py::object& x) {
        const Samples samples(x);
        Matrix<double> y;
        {
          const ReleasedGil released;
          y = self.predict(samples.view()).values();
        }
        return to_numpy(std::move(y), self.predicts_float32());
      });
}

}  // namespace skarma::python
