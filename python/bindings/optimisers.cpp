#include <skarma/python/bindings/optimisers.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

#include <pybind11/stl.h>

#include <skarma/python/bindings/arrays.hpp>
#include <skarma/python/bindings/topics.hpp>

namespace py = pybind11;

namespace skarma::python {
namespace {

using Vector = py::array_t<double, py::array::c_style | py::array::forcecast>;

NetworkSpec linear(std::size_t n) {
  if (n == 0) throw std::invalid_argument("There is nothing to step.");
  return {{n, 1}, *find_activation("identity"), *find_loss("squared_error")};
}

void check_size(std::size_t size, std::size_t n) {
  if (size == n) return;
  throw std::invalid_argument("Expected " + std::to_string(n) + " numbers, got " +
                              std::to_string(size) + ".");
}

py::array to_array(std::vector<double> values) {
  const std::size_t n = values.size();
  return to_numpy(std::move(values), {n});
}

}  // namespace

RuleSteps::RuleSteps(const UpdateRule& rule, std::size_t n)
    : spec_(linear(n)),
      state_(start_optimiser<double>(rule, spec_.n_trained())),
      parameters_(spec_.n_trained()),
      gradient_(spec_.n_trained()) {}

std::vector<double> RuleSteps::step(std::span<const double> point, std::span<const double> gradient,
                                    double rate) {
  const std::size_t n = spec_.n_inputs();
  check_size(point.size(), n);
  check_size(gradient.size(), n);
  std::copy(point.begin(), point.end(), parameters_.begin());
  std::copy(gradient.begin(), gradient.end(), gradient_.begin());
  gradient_.back() = 0.0;
  take_step<double>(state_, spec_, parameters_, gradient_, 0.0, 1.0, rate);
  return {parameters_.begin(), parameters_.begin() + static_cast<std::ptrdiff_t>(n)};
}

std::string LbfgsSteps::next() {
  const Minimiser::Event event = lbfgs_.next();
  is_wanted_ = event == Minimiser::Event::evaluate;
  return is_wanted_ ? "evaluate" : event == Minimiser::Event::iterated ? "iterated" : "ended";
}

void LbfgsSteps::tell(double value, std::span<const double> gradient) {
  if (!is_wanted_) throw std::invalid_argument("No evaluation was asked for.");
  check_size(gradient.size(), n_);
  std::copy(gradient.begin(), gradient.end(), lbfgs_.gradient().begin());
  lbfgs_.tell(value);
  is_wanted_ = false;
}

void add_optimisers(py::module_& module) {
  module.def(
      "update_rule_names",
      [] {
        const auto names = update_rule_names();
        return std::vector<std::string>(names.begin(), names.end());
      },
      "The update rules that networks are trained by, as `solver` names them.");
  native_class<RuleSteps>(module, "RuleSteps", "An update rule that is told gradients.")
      .def(py::init([](const std::string& name, std::size_t n, double momentum,
                       bool nesterovs_momentum, double beta_1, double beta_2, double epsilon,
                       double weight_decay) {
             return RuleSteps(
                 {name, momentum, nesterovs_momentum, beta_1, beta_2, epsilon, weight_decay}, n);
           }),
           py::arg("name"), py::arg("n"), py::kw_only(), py::arg("momentum"),
           py::arg("nesterovs_momentum"), py::arg("beta_1"), py::arg("beta_2"), py::arg("epsilon"),
           py::arg("weight_decay"))
      .def(
          "step",
          [](RuleSteps& self, const Vector& point, const Vector& gradient, double rate) {
            return to_array(self.step(span_of(point), span_of(gradient), rate));
          },
          py::arg("point"), py::arg("gradient"), py::arg("rate"), "The point after one step.");
  native_class<LbfgsSteps>(module, "LbfgsSteps", "L-BFGS that is told values and gradients.")
      .def(py::init([](const Vector& start, int max_iter, double gradient_tol) {
             MinimiserLimits limits;
             limits.max_iter = max_iter;
             limits.gradient_tol = gradient_tol;
             const auto values = span_of(start);
             return std::make_unique<LbfgsSteps>(std::vector<double>(values.begin(), values.end()),
                                                 limits);
           }),
           py::arg("start"), py::kw_only(), py::arg("max_iter"), py::arg("gradient_tol"))
      .def(
          "next", [](LbfgsSteps& self) { return self.next(); },
          "'evaluate' the point, 'iterated' or 'ended'.")
      .def_property_readonly("point", [](const LbfgsSteps& self) { return to_array(self.point()); })
      .def_property_readonly("x", [](const LbfgsSteps& self) { return to_array(self.x()); })
      .def_property_readonly("value", [](const LbfgsSteps& self) { return self.value(); })
      .def(
          "tell",
          [](LbfgsSteps& self, double value, const Vector& gradient) {
            self.tell(value, span_of(gradient));
          },
          py::arg("value"), py::arg("gradient"), "What the function is at the point.");
}

}  // namespace skarma::python
