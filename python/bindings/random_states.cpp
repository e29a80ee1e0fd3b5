#include <skarma/python/bindings/random_states.hpp>

#include <algorithm>
#include <utility>

#include <pybind11/stl.h>

#include <skarma/python/bindings/gil.hpp>

namespace py = pybind11;

namespace skarma::python {

std::shared_ptr<RandomState> from_numpy(const NumpyState& state) {
  const auto& [name, key, pos, has_gauss, gauss] = state;
  RandomState::State own{.key = {}, .pos = pos, .has_gauss = has_gauss != 0, .gauss = gauss};
  if (name != "MT19937" || static_cast<std::size_t>(key.size()) != own.key.size()) {
    throw py::type_error("expected the state of a Mersenne Twister");
  }
  std::copy(key.data(), key.data() + key.size(), own.key.begin());
  return std::make_shared<RandomState>(own);
}

NumpyState numpy_state_of(const RandomState& random_state) {
  const auto& state = random_state.state();
  py::array_t<std::uint32_t, py::array::c_style> key(static_cast<py::ssize_t>(state.key.size()),
                                                     state.key.data());
  return {"MT19937", std::move(key), state.pos, state.has_gauss ? 1 : 0, state.gauss};
}

namespace {

/// NumPy's public struct bitgen_t begins so (numpy/random/bitgen.h).
struct BitGenerator {
  void* state;
  std::uint64_t (*next_uint64)(void*);
  std::uint32_t (*next_uint32)(void*);
  double (*next_double)(void*);
};

std::shared_ptr<RandomState> drawn_in_place(const py::object& bit_generator) {
  const py::object capsule = attribute(bit_generator, "capsule");
  const auto* bits =
      static_cast<const BitGenerator*>(PyCapsule_GetPointer(capsule.ptr(), "BitGenerator"));
  if (bits == nullptr) throw py::error_already_set();
  return std::make_shared<RandomState>(
      BitSource{bits->state, bits->next_uint64, bits->next_uint32, bits->next_double});
}

}  // namespace

LentRandomState::LentRandomState(pybind11::object numpy) : numpy_(std::move(numpy)) {
  const py::object bit_generator = attribute(numpy_, "_bit_generator");
  const auto kind = attribute(py::type::of(bit_generator), "__name__").cast<std::string>();
  is_copy_ = kind == "MT19937";
  generator_ =
      is_copy_ ? from_numpy(called(attribute(numpy_, "get_state"), py::tuple()).cast<NumpyState>())
               : drawn_in_place(bit_generator);
}

LentRandomState::~LentRandomState() {
  if (!is_copy_) return;
  try {
    called(attribute(numpy_, "set_state"), py::make_tuple(numpy_state_of(*generator_)));
  } catch (pybind11::error_already_set& error) {
    error.discard_as_unraisable("skarma");
  } catch (const std::exception&) {  // want of memory: nobody can be told
  }
}

}  // namespace skarma::python
