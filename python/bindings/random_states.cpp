#include <skarma/python/bindings/random_states.hpp>

#include <algorithm>
#include <utility>

#include <pybind11/stl.h>

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

LentRandomState::LentRandomState(pybind11::object numpy)
    : numpy_(std::move(numpy)),
      generator_(from_numpy(numpy_.attr("get_state")().cast<NumpyState>())) {}

LentRandomState::~LentRandomState() {
  try {
    numpy_.attr("set_state")(numpy_state_of(*generator_));
  } catch (pybind11::error_already_set& error) {
    error.discard_as_unraisable("skarma");
  }
}

}  // namespace skarma::python
