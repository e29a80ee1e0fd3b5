#include <skarma/core/engine/plugin_failure.hpp>

#include <stdexcept>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/net/not_finite_sample.hpp>

namespace skarma {

void throw_failure(std::int32_t code, const std::string& text) {
  switch (code) {
    case SKARMA_CANCELLED:
      throw Cancelled(text);
    case SKARMA_NOT_FINITE_SAMPLE:
      throw NotFiniteSample();
    case SKARMA_NO_MEMORY:
      throw OutOfMemory(text);
    case SKARMA_LOGIC_ERROR:
      throw std::logic_error(text);
    case SKARMA_OUT_OF_RANGE:
      throw std::out_of_range(text);
    case SKARMA_INVALID_ARGUMENT:
      throw std::invalid_argument(text);
    case SKARMA_DOMAIN_ERROR:
      throw std::domain_error(text);
    default:
      throw DeviceError(text);
  }
}

}  // namespace skarma
