#pragma once

#include <type_traits>

#include <pybind11/pybind11.h>

namespace skarma {
class MLPClassifier;
class MLPRegressor;
class Target;
namespace nn {
struct Layer;
class Sequential;
}  // namespace nn
}  // namespace skarma

namespace skarma::python {

struct AnyAugmentation;
class BuiltNetworks;
struct CrossValidationJob;
struct DoneFit;
class RunningFits;
class WatchedFit;
struct KeptFit;
class RuleSteps;
class LbfgsSteps;

template <class T, class... Classes>
inline constexpr bool kIsOneOf = (std::is_same_v<T, Classes> || ...);

/// The classes of the extension module. Python can make an object of each without its constructor
/// (`X.__new__(X)`, as pickle and copyreg do): the caster below refuses it wherever it is used.
template <class T>
inline constexpr bool kIsNativeClass =
    kIsOneOf<T, MLPClassifier, MLPRegressor, Target, CrossValidationJob, DoneFit, RunningFits,
             WatchedFit, KeptFit, AnyAugmentation, BuiltNetworks, nn::Layer, nn::Sequential,
             RuleSteps, LbfgsSteps>;

/// pybind11's own errors in making an object would leave C functions of the interpreter, which ends
/// the process: they become TypeErrors. Before the first class is added.
void guard_new_objects(pybind11::module_& module);

PyObject* new_object(PyTypeObject* type, PyObject* arguments, PyObject* keywords);

/// Adds a class of the module. It has a `__new__` of its own, so that copyreg sees that it cannot
/// take its objects apart.
template <class T>
pybind11::class_<T> native_class(pybind11::module_& module, const char* name,
                                 const char* documentation = "") {
  static_assert(kIsNativeClass<T>);
  const auto set_new = [](PyHeapTypeObject* type) { type->ht_type.tp_new = new_object; };
  return pybind11::class_<T>(module, name, documentation, pybind11::custom_type_setup(set_new));
}

}  // namespace skarma::python

namespace pybind11::detail {

template <class T>
class type_caster<T, std::enable_if_t<skarma::python::kIsNativeClass<T>>>
    : public type_caster_base<T> {
 public:
  bool load(handle source, bool convert) {
    const type_info* type = this->typeinfo;
    if (type != nullptr && PyObject_TypeCheck(source.ptr(), type->type) != 0) {
      auto* object = reinterpret_cast<instance*>(source.ptr());
      if (!object->get_value_and_holder(type, false).holder_constructed()) {
        throw type_error(std::string(type->type->tp_name) +
                         ": this object was made without its constructor.");
      }
    }
    return type_caster_base<T>::load(source, convert);
  }
};

}  // namespace pybind11::detail
