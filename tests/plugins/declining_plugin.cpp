// A library that speaks other versions than the one asked for, and does not say which.
#include <cstdint>

#include <skarma/core/engine/device_abi.h>

extern "C" const skarma_device_api* skarma_device_plugin(std::uint32_t) { return nullptr; }
