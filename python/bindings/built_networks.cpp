#include <skarma/python/bindings/built_networks.hpp>

#include <utility>

#include <pybind11/stl.h>

#include <skarma/python/bindings/topics.hpp>

namespace py = pybind11;

namespace skarma::python {

std::int64_t BuiltNetworks::add(const nn::Sequential& network) {
  nn::Sequential copy = network;
  if (!copy.is_built() && !image_shape_.empty()) copy.build(image_shape_);
  const std::lock_guard lock(kept_->mutex);
  kept_->networks.push_back(std::move(copy));
  return static_cast<std::int64_t>(kept_->networks.size()) - 1;
}

std::unique_ptr<Estimator> BuiltNetworks::estimator() const {
  const auto build = [kept = kept_](const nn::BuildParameters& given) {
    const auto number = static_cast<std::size_t>(given.whole("network"));
    const nn::Sequential* network = nullptr;
    {
      const std::lock_guard lock(kept->mutex);
      network = &kept->networks.at(number);
    }
    return nn::Sequential(*network);
  };
  const ParamSet parameters{{"network", std::int64_t{0}}};
  std::unique_ptr<Estimator> estimator;
  if (is_classifier_) {
    estimator = std::make_unique<nn::Classifier>(build, parameters);
  } else {
    estimator = std::make_unique<nn::Regressor>(build, parameters);
  }
  estimator->set("epochs", epochs_).set("batch_size", batch_size_).set("device", device_);
  return estimator;
}

void add_built_networks(py::module_& module) {
  native_class<BuiltNetworks>(module, "BuiltNetworks", "What a search over skarma.nn trains.")
      .def(py::init<bool, std::int64_t, std::int64_t, std::string, nn::Shape>(), py::kw_only(),
           py::arg("is_classifier"), py::arg("epochs"), py::arg("batch_size"), py::arg("device"),
           py::arg("image_shape"))
      .def("add", &BuiltNetworks::add, "Keep a copy of a network: its number.");
}

}  // namespace skarma::python
