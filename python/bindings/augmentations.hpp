#pragma once

#include <vector>

#include <pybind11/pybind11.h>

#include <skarma/core/base/augmentation.hpp>
#include <skarma/python/bindings/interruptible.hpp>

namespace skarma::python {

/// Augmentations of the module, and Python functions of (x, seeds) in their order: x, of shape
/// (rows, values) in double, is theirs to change. List and errands must outlive them.
std::vector<Augmentation> augmentations_of(const pybind11::list& given, Errands& errands);

}  // namespace skarma::python
