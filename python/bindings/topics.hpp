#pragma once

#include <pybind11/pybind11.h>

#include <skarma/python/bindings/native_classes.hpp>

namespace skarma::python {

// Each adds one topic to the module.
void add_targets(pybind11::module_& module);
void add_watched_fits(pybind11::module_& module);
void add_mlps(pybind11::module_& module);
void add_augmentations(pybind11::module_& module);
void add_sequentials(pybind11::module_& module);
void add_built_networks(pybind11::module_& module);
void add_parameters(pybind11::module_& module);
void add_cross_validation(pybind11::module_& module);
void add_reports(pybind11::module_& module);
void add_model_files(pybind11::module_& module);
void add_optimisers(pybind11::module_& module);
void add_runtime(pybind11::module_& module);

}  // namespace skarma::python
