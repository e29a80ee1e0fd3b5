#include <optional>
#include <span>
#include <stop_token>
#include <utility>

#include <pybind11/stl.h>

#include <skarma/estimators/nn/sequential.hpp>
#include <skarma/python/bindings/arrays.hpp>
#include <skarma/python/bindings/augmentations.hpp>
#include <skarma/python/bindings/gil.hpp>
#include <skarma/python/bindings/interruptible.hpp>
#include <skarma/python/bindings/topics.hpp>
#include <skarma/python/bindings/watched_fit.hpp>

namespace py = pybind11;
using namespace pybind11::literals;

namespace skarma::python {
namespace {

using nn::Extent;
using nn::Sequential;
using Numbers = py::array_t<double, py::array::c_style>;
using Codes = py::array_t<std::int32_t, py::array::c_style>;

/// Class numbers of shape (n,) or rows of numbers, which must outlive the view.
nn::TargetView targets_of(const py::array& y) {
  if (py::isinstance<Codes>(y)) return span_of(py::reinterpret_borrow<Codes>(y));
  const auto values = py::reinterpret_borrow<Numbers>(y);
  return MatrixView<const double>(values.data(), static_cast<std::size_t>(values.shape(0)),
                                  static_cast<std::size_t>(values.shape(1)));
}

nn::Optimizer optimizer_of(const py::dict& given) {
  nn::Optimizer optimizer;
  const auto take = [&]<class T>(const char* name, T& value) {
    if (given.contains(name)) value = given[name].cast<T>();
  };
  take("name", optimizer.name);
  take("learning_rate", optimizer.learning_rate);
  take("momentum", optimizer.momentum);
  take("nesterov", optimizer.nesterov);
  take("beta_1", optimizer.beta_1);
  take("beta_2", optimizer.beta_2);
  take("epsilon", optimizer.epsilon);
  take("weight_decay", optimizer.weight_decay);
  take("schedule", optimizer.schedule);
  return optimizer;
}

/// As optimizer_of takes it.
py::dict optimizer_in(const Sequential& model) {
  const nn::Optimizer& o = model.optimizer();
  return py::dict("name"_a = o.name, "learning_rate"_a = o.learning_rate, "momentum"_a = o.momentum,
                  "nesterov"_a = o.nesterov, "beta_1"_a = o.beta_1, "beta_2"_a = o.beta_2,
                  "epsilon"_a = o.epsilon, "weight_decay"_a = o.weight_decay,
                  "schedule"_a = o.schedule);
}

/// What a fit is given beside samples and targets: "batch_size", "epochs", "shuffle", "n_threads";
/// where they are there "validation", a pair of samples and targets, "sample_weight", and
/// "callback", a function of an event's name and the fit, with "batches", and "augment", a list of
/// what is done to each minibatch. Returns whether it was interrupted.
bool fit(Sequential& model, const py::object& x, const py::array& y, const py::dict& given) {
  nn::FitSettings settings{.batch_size = given["batch_size"].cast<int>(),
                           .epochs = given["epochs"].cast<int>(),
                           .shuffle = given["shuffle"].cast<bool>(),
                           .n_threads = given["n_threads"].cast<int>()};
  const Samples samples(x);
  std::optional<Samples> validation_samples;
  py::array validation_targets;
  if (given.contains("validation")) {
    const auto [own_x, own_y] = given["validation"].cast<std::pair<py::object, py::array>>();
    validation_samples.emplace(own_x);
    validation_targets = own_y;
    settings.validation = nn::ValidationSamples{validation_samples->view(), targets_of(own_y)};
  }
  if (given.contains("sample_weight")) {
    const auto weights = given["sample_weight"].cast<Numbers>();
    const auto values = span_of(weights);
    settings.sample_weight.assign(values.begin(), values.end());
  }
  Errands errands;
  py::object function;
  if (given.contains("callback")) {
    function = given["callback"];
    settings.control.callbacks = {callback_of(function, given["batches"].cast<bool>(), errands)};
  }
  const auto augment = given.contains("augment") ? given["augment"].cast<py::list>() : py::list();
  settings.augment = augmentations_of(augment, errands);
  const nn::TargetView targets = targets_of(y);
  return run_interruptible(
      [&](std::stop_token stop) {
        settings.control.stop = std::move(stop);
        model.fit(samples.view(), targets, settings);
      },
      function || !augment.empty() ? &errands : nullptr);
}

py::dict history_of(const Sequential& model) {
  const HistoryTable table = model.history();
  py::dict history("loss"_a = table.loss);
  if (!table.accuracy.empty()) history["accuracy"] = table.accuracy;
  return history;
}

py::list summary_of(const Sequential& model) {
  py::list lines;
  for (const nn::LayerSummary& line : model.summary()) {
    lines.append(py::make_tuple(line.name, line.kind, line.output_shape, line.n_parameters));
  }
  return lines;
}

Extent extent(const std::pair<std::size_t, std::size_t>& both) { return {both.first, both.second}; }

/// A function for each class of layers, but for those of pools and convolutions.
void add_simple_layers(py::module_& module) {
  native_class<nn::Layer>(module, "Layer", "A layer of a Sequential.")
      .def("that_is",
           [](nn::Layer layer, bool trainable) {
             layer.trainable = trainable;
             return layer;
           })
      .def("json", &nn::to_json);
  module.def("dense", [](std::size_t units, const std::string& activation, nn::Shape input_shape) {
    return nn::Layer(nn::Dense(units, activation, std::move(input_shape)));
  });
  module.def("activation_layer", [](const std::string& activation, nn::Shape input_shape) {
    return nn::Layer(nn::Activation(activation, std::move(input_shape)));
  });
  module.def("dropout", [](double rate, nn::Shape input_shape) {
    return nn::Layer(nn::Dropout(rate, std::move(input_shape)));
  });
  module.def("batch_norm", [](nn::Shape input_shape) {
    return nn::Layer(nn::BatchNorm(std::move(input_shape)));
  });
  module.def("layer_norm", [](nn::Shape input_shape) {
    return nn::Layer(nn::LayerNorm(std::move(input_shape)));
  });
  module.def("residual",
             [](const std::vector<nn::Layer>& layers) { return nn::Layer(nn::Residual(layers)); });
  module.def("flatten",
             [](nn::Shape input_shape) { return nn::Layer(nn::Flatten(std::move(input_shape))); });
  module.def("rescale", [](double scale, double offset, nn::Shape input_shape) {
    return nn::Layer(nn::Rescale(scale, offset, std::move(input_shape)));
  });
}

/// Those of what sees a window of an image.
void add_image_layers(py::module_& module) {
  using Pair = std::pair<std::size_t, std::size_t>;
  module.def("conv2d",
             [](std::size_t filters, const Pair& kernel_size, const std::string& activation,
                const Pair& strides, const std::string& padding, nn::Shape input_shape) {
               return nn::Layer(nn::Conv2D(filters, extent(kernel_size), activation,
                                           extent(strides), padding, std::move(input_shape)));
             });
  module.def("max_pool2d", [](const Pair& size, const Pair& strides, const std::string& padding,
                              nn::Shape input_shape) {
    return nn::Layer(nn::MaxPool2D(extent(size), extent(strides), padding, std::move(input_shape)));
  });
  module.def("average_pool2d", [](const Pair& size, const Pair& strides, const std::string& padding,
                                  nn::Shape input_shape) {
    return nn::Layer(
        nn::AveragePool2D(extent(size), extent(strides), padding, std::move(input_shape)));
  });
  module.def("global_average_pool2d", [](nn::Shape input_shape) {
    return nn::Layer(nn::GlobalAveragePool2D(std::move(input_shape)));
  });
}

/// Both compute without the GIL.
py::array outputs_of(const Sequential& model, const py::object& x, int n_threads) {
  const Samples samples(x);
  Matrix<double> outputs;
  {
    const ReleasedGil released;
    outputs = model.predict(samples.view(), n_threads);
  }
  return to_numpy(std::move(outputs), false);
}
py::array features_of(const Sequential& model, const py::object& x, std::size_t layer,
                      int n_threads) {
  const Samples samples(x);
  Matrix<double> values;
  {
    const ReleasedGil released;
    values = model.features(samples.view(), layer, n_threads);
  }
  return to_numpy(std::move(values), false);
}

std::pair<double, double> evaluated(const Sequential& model, const py::object& x,
                                    const py::array& y, int n_threads) {
  const Samples samples(x);
  const nn::TargetView targets = targets_of(y);
  const ReleasedGil released;
  const auto [loss, accuracy] = model.evaluate(samples.view(), targets, n_threads);
  return {loss, accuracy};
}

using SequentialClass = py::class_<Sequential>;

/// Layers, and how it is compiled.
void add_structure(SequentialClass& sequential) {
  sequential.def("build", &Sequential::build)
      .def_property_readonly("layers",
                             [](const Sequential& model) {
                               py::list layers;
                               for (const nn::Layer& layer : model.layers()) {
                                 layers.append(py::cast(nn::Layer(layer)));
                               }
                               return layers;
                             })
      .def("set_layers", &Sequential::set_layers)
      .def_property_readonly("is_compiled", &Sequential::is_compiled)
      .def_property_readonly("is_float32", &Sequential::is_float32)
      .def_property_readonly("seed", &Sequential::seed)
      .def_property_readonly("loss", &Sequential::loss)
      .def_property_readonly("optimizer", &optimizer_in)
      .def_property_readonly("is_built", &Sequential::is_built)
      .def_property_readonly("input_shape", &Sequential::input_shape)
      .def("compile",
           [](Sequential& model, const py::dict& optimizer, const std::string& loss,
              bool counts_right) { model.compile(optimizer_of(optimizer), loss, counts_right); })
      .def_property_readonly("counts_right", &Sequential::counts_right)
      .def_property("device", &Sequential::device,
                    [](Sequential& model, const std::string& device) { model.set_device(device); })
      .def_property_readonly("takes_codes", &Sequential::wants_class_numbers)
      .def("summary", &summary_of);
}

void add_weights(SequentialClass& sequential) {
  sequential
      .def("weight_places",
           [](const Sequential& model) {
             py::list all;
             for (const nn::WeightPlace& w : model.weight_places()) {
               all.append(py::make_tuple(w.layer, w.name, w.offset, w.shape));
             }
             return all;
           })
      .def_property_readonly("n_params", &Sequential::count_params)
      .def_property_readonly("n_trainable_params", &Sequential::count_trainable_params)
      .def("weights",
           [](const Sequential& model) {
             auto weights = model.weights();
             const std::size_t n = weights.size();
             return to_numpy(std::move(weights), {n});
           })
      .def("set_weights",
           [](Sequential& model, const Numbers& weights) { model.set_weights(span_of(weights)); })
      .def("with_weights", [](const Sequential& model, const Numbers& weights) {
        return model.with_weights(span_of(weights));
      });
}

}  // namespace

void add_sequentials(py::module_& module) {
  add_simple_layers(module);
  add_image_layers(module);
  auto sequential =
      native_class<Sequential>(module, "Sequential", "A network as a list of layers.");
  sequential
      .def(py::init(
          [](std::vector<nn::Layer> layers, std::optional<std::int64_t> seed, bool float32) {
            return Sequential(std::move(layers), seed ? RandomSeed(*seed) : RandomSeed(), float32);
          }))
      .def("fit", &fit)
      .def("evaluate", &evaluated)
      .def("predict", &outputs_of)
      .def("features", &features_of)
      .def("to_bytes", [](const Sequential& model) { return py::bytes(model.to_bytes()); })
      .def_static("from_bytes",
                  [](const py::bytes& bytes) {
                    return Sequential::from_bytes(std::string_view(bytes), "the state");
                  })
      .def("copy", [](const Sequential& model) { return Sequential(model); })
      .def("history", &history_of, "Of all fits since it was compiled, by Keras's names.");
  add_structure(sequential);
  add_weights(sequential);
}

}  // namespace skarma::python
