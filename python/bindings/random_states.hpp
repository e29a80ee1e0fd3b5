#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>

#include <pybind11/numpy.h>

#include <skarma/core/base/random_state.hpp>

namespace skarma::python {

/// What `numpy.random.RandomState.get_state()` returns.
using NumpyState =
    std::tuple<std::string, pybind11::array_t<std::uint32_t, pybind11::array::c_style>, int, int,
               double>;

/// A generator in that state. Throws TypeError for one that is not a Mersenne Twister's.
std::shared_ptr<RandomState> from_numpy(const NumpyState& state);
NumpyState numpy_state_of(const RandomState& random_state);

/// A NumPy `RandomState` that a fit draws from: it has the new state when this goes, after an error
/// as well. A Mersenne Twister's state is copied there and back, any other bit generator is drawn
/// from where it is.
class LentRandomState {
 public:
  explicit LentRandomState(pybind11::object numpy);
  ~LentRandomState();
  LentRandomState(const LentRandomState&) = delete;
  LentRandomState& operator=(const LentRandomState&) = delete;

  const std::shared_ptr<RandomState>& generator() const { return generator_; }

 private:
  pybind11::object numpy_;
  bool is_copy_;
  std::shared_ptr<RandomState> generator_;
};

}  // namespace skarma::python
