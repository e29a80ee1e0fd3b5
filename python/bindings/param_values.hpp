#pragma once

#include <pybind11/pybind11.h>

#include <skarma/estimators/params/param_value.hpp>

namespace skarma::python {

/// None, bool, int, float, str or a sequence of int as the library takes it. Throws TypeError.
ParamValue to_param_value(const pybind11::handle& value);
/// The way back; a list becomes a tuple.
pybind11::object to_python(const ParamValue& value);

}  // namespace skarma::python
