#include <skarma/python/bindings/watched_fit.hpp>

#include <stdexcept>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include <skarma/core/net/network_spec.hpp>
#include <skarma/python/bindings/arrays.hpp>
#include <skarma/python/bindings/gil.hpp>
#include <skarma/python/bindings/topics.hpp>

namespace py = pybind11;

namespace skarma::python {
namespace {

class PythonCallback final : public FitCallback {
 public:
  PythonCallback(const py::object& function, bool wants_batches, Errands& errands)
      : function_(function), wants_batches_(wants_batches), errands_(errands) {}

  void on_begin(FitProgress& fit) override { tell("on_begin", fit); }
  void on_epoch_begin(FitProgress& fit) override { tell("on_epoch_begin", fit); }
  void on_batch(FitProgress& fit) override { tell("on_batch", fit); }
  void on_epoch(FitProgress& fit) override { tell("on_epoch", fit); }
  void on_end(FitProgress& fit) override { tell("on_end", fit); }
  bool wants_batches() const override { return wants_batches_; }

 private:
  void tell(const char* event, FitProgress& fit) {
    errands_.run([&] {
      const py::object watched = py::cast(WatchedFit(fit));
      const auto forget = [&] { watched.cast<WatchedFit&>().forget(); };
      try {
        const py::object stops = called(function_, py::make_tuple(event, watched));
        if (PyObject_IsTrue(stops.ptr()) != 0) fit.stop();
      } catch (...) {
        forget();
        throw;
      }
      forget();
    });
  }

  const py::object& function_;
  bool wants_batches_;
  Errands& errands_;
};

/// scikit-learn's attributes of a fitted network, as it is now.
py::dict weights_of(const WatchedFit& fit) {
  FitProgress& progress = fit.progress();
  const NetworkSpec& spec = progress.network();
  const auto w = progress.parameters();
  const auto part = [&](std::size_t offset, std::size_t n) {
    const auto first = w.begin() + static_cast<std::ptrdiff_t>(offset);
    return std::vector<double>(first, first + static_cast<std::ptrdiff_t>(n));
  };
  const bool float32 = progress.is_float32();
  py::list coefs, intercepts, norms;
  for (const LayerPlace& layer : spec.layers()) {
    auto coef = part(layer.coef, layer.inputs * layer.outputs);
    coefs.append(to_numpy(std::move(coef), {layer.inputs, layer.outputs}, float32));
    intercepts.append(to_numpy(part(layer.intercept, layer.outputs), {layer.outputs}, float32));
  }
  for (const Node& node : spec.nodes()) {
    if (node.operation == Operation::dense || node.slots.empty()) continue;
    std::vector<double> numbers;
    for (const Slot& slot : node.slots) {
      const auto own = part(slot.offset, slot.size);
      numbers.insert(numbers.end(), own.begin(), own.end());
    }
    norms.append(to_numpy(std::move(numbers), {node.slots.size(), node.units}, float32));
  }
  py::dict all;
  all["coefs_"] = coefs;
  all["intercepts_"] = intercepts;
  const bool by_batch = spec.has(Operation::batch_norm);
  if (!norms.empty()) all[by_batch ? "batch_norms_" : "layer_norms_"] = norms;
  all["n_layers_"] = spec.layer_units().size();
  all["n_outputs_"] = spec.n_outputs();
  all["out_activation_"] = std::string(spec.loss().link.name);
  return all;
}

}  // namespace

FitProgress& WatchedFit::progress() const {
  if (progress_ == nullptr) {
    throw std::invalid_argument("A fit can be asked while it calls, not later.");
  }
  return *progress_;
}

std::shared_ptr<FitCallback> callback_of(const py::object& function, bool wants_batches,
                                         Errands& errands) {
  return std::make_shared<PythonCallback>(function, wants_batches, errands);
}

void add_watched_fits(py::module_& module) {
  const auto fact = [](auto member) {
    return [member](const WatchedFit& fit) { return fit.progress().*member; };
  };
  native_class<KeptFit>(module, "KeptFit", "What a fit can go back to.");
  native_class<WatchedFit>(module, "WatchedFit", "A fit, as a callback finds it.")
      .def_property_readonly("n_iter", fact(&FitProgress::n_iter))
      .def_property_readonly("max_iter", fact(&FitProgress::max_iter))
      .def_property_readonly("batch", fact(&FitProgress::batch))
      .def_property_readonly("n_batches", fact(&FitProgress::n_batches))
      .def_property_readonly("loss", fact(&FitProgress::loss))
      .def_property_readonly("validation_score", fact(&FitProgress::validation_score))
      .def_property_readonly("validation_loss", fact(&FitProgress::validation_loss))
      .def_property_readonly("accuracy", fact(&FitProgress::accuracy))
      .def_property_readonly("seconds", fact(&FitProgress::seconds))
      .def_property_readonly("has_ended", fact(&FitProgress::has_ended))
      .def_property(
          "learning_rate", [](const WatchedFit& fit) { return fit.progress().learning_rate(); },
          [](const WatchedFit& fit, double rate) { fit.progress().set_learning_rate(rate); })
      .def("stop", [](const WatchedFit& fit) { fit.progress().stop(); })
      .def("weights", &weights_of)
      .def("packed",
           [](const WatchedFit& fit) {
             auto parameters = fit.progress().parameters();
             const std::size_t n = parameters.size();
             return to_numpy(std::move(parameters), {n});
           })
      .def("checkpoint", [](const WatchedFit& fit) { return KeptFit{fit.progress().checkpoint()}; })
      .def("restore", [](const WatchedFit& fit, const KeptFit& kept) {
        fit.progress().restore(*kept.checkpoint);
      });
}

}  // namespace skarma::python
