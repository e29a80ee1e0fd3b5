#include <skarma/python/bindings/augmentations.hpp>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <pybind11/stl.h>

#include <skarma/core/augment/augment.hpp>
#include <skarma/python/bindings/arrays.hpp>
#include <skarma/python/bindings/gil.hpp>
#include <skarma/python/bindings/native_classes.hpp>
#include <skarma/python/bindings/topics.hpp>

namespace py = pybind11;

namespace skarma::python {

/// A class of the module holds no variant.
struct AnyAugmentation {
  Augmentation augmentation;
};

namespace {

using Ends = std::pair<double, double>;
Spread spread(const Ends& ends) { return {ends.first, ends.second}; }

FillMode fill_mode_called(std::string_view name) {
  constexpr std::pair<std::string_view, FillMode> kModes[] = {{"constant", FillMode::constant},
                                                              {"nearest", FillMode::nearest},
                                                              {"reflect", FillMode::reflect},
                                                              {"wrap", FillMode::wrap}};
  const auto* const row = std::ranges::find(kModes, name, [](const auto& m) { return m.first; });
  if (row != std::end(kModes)) return row->second;
  throw std::invalid_argument(
      "fill_mode must be one of 'constant', 'nearest', 'reflect', 'wrap'. "
      "Got '" +
      std::string(name) + "' instead.");
}

AnyAugmentation checked(Augmentation augmentation) {
  check_augmentation(augmentation);
  return {std::move(augmentation)};
}

AugmentFunction function_of(py::handle function, Errands& errands) {
  return [function, &errands](const Minibatch& minibatch) {
    errands.run([&] {
      const auto& x = minibatch.x;
      Matrix<double> copy(x.rows(), x.cols());
      for (std::size_t i = 0; i < x.rows(); ++i) std::ranges::copy(x.row(i), copy.row(i).begin());
      const py::object seeds =
          py::make_tuple(minibatch.seed, minibatch.epoch, minibatch.batch, minibatch.place);
      const py::object changed =
          called(function, py::make_tuple(to_numpy(std::move(copy), false), seeds));
      const auto rows = changed.cast<py::array_t<double, py::array::c_style>>();
      const auto values = span_of(rows);
      for (std::size_t i = 0; i < x.rows(); ++i) {
        std::ranges::copy(values.subspan(i * x.cols(), x.cols()), x.row(i).begin());
      }
    });
  };
}

/// What becomes of samples, shape (n_samples, values), number 0 and the following ones.
Matrix<double> augmented(const py::array_t<double, py::array::c_style>& x,
                         const std::vector<std::size_t>& shape, const AnyAugmentation& augmenting,
                         std::uint64_t seed) {
  const std::vector one{augmenting.augmentation};
  const ImageShape image =
      shape.size() == 3 ? ImageShape{shape[0], shape[1], shape[2]} : ImageShape{1, 1, shape[0]};
  check_augmentations(one, image);
  Matrix<double> rows(static_cast<std::size_t>(x.shape(0)), image.size());
  std::ranges::copy(span_of(x), rows.data());
  std::vector<RowIndex> numbers(rows.rows());
  std::iota(numbers.begin(), numbers.end(), RowIndex{0});
  const ReleasedGil released;
  augment(one, image, {seed, 0, 0}, numbers, rows.view());
  return rows;
}

}  // namespace

std::vector<Augmentation> augmentations_of(const py::list& given, Errands& errands) {
  std::vector<Augmentation> all;
  for (const py::handle& one : given) {
    if (py::isinstance<AnyAugmentation>(one)) {
      all.push_back(one.cast<const AnyAugmentation&>().augmentation);
    } else {
      all.emplace_back(function_of(one, errands));
    }
  }
  return all;
}

void add_augmentations(py::module_& module) {
  native_class<AnyAugmentation>(module, "Augmentation", "What is done to samples in training.");
  module.def("random_translation", [](const Ends& height_factor, const Ends& width_factor,
                                      const std::string& fill_mode, double fill_value) {
    return checked(RandomTranslation{spread(height_factor), spread(width_factor),
                                     fill_mode_called(fill_mode), fill_value});
  });
  module.def(
      "random_rotation", [](const Ends& degrees, const std::string& fill_mode, double fill_value) {
        return checked(RandomRotation{spread(degrees), fill_mode_called(fill_mode), fill_value});
      });
  module.def("random_flip", [](bool horizontal, bool vertical) {
    return checked(RandomFlip{horizontal, vertical});
  });
  module.def("random_crop",
             [](std::size_t padding, const std::string& fill_mode, double fill_value) {
               return checked(RandomCrop{padding, fill_mode_called(fill_mode), fill_value});
             });
  module.def("gaussian_noise", [](double stddev) { return checked(GaussianNoise{stddev}); });
  module.def("augmented", [](const py::array_t<double, py::array::c_style>& x,
                             const std::vector<std::size_t>& shape,
                             const AnyAugmentation& augmenting, std::uint64_t seed) {
    return to_numpy(augmented(x, shape, augmenting, seed), false);
  });
}

}  // namespace skarma::python
