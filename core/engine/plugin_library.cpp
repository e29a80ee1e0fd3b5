#include <skarma/core/engine/plugin_library.hpp>

#include <dlfcn.h>

#include <cstdlib>
#include <memory>
#include <string>

#include <fmt/format.h>

#include <skarma/core/base/errors.hpp>

namespace skarma {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPluginFunction = "skarma_device_plugin";

struct CloseLibrary {
  void operator()(void* library) const noexcept { dlclose(library); }
};

/// The folder of the program or library that this code is part of. A program's name may be one
/// without a folder.
fs::path own_folder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&open_plugin), &info) != 0) {
    const fs::path file(info.dli_fname);
    if (file.is_absolute()) return file.parent_path();
  }
  std::error_code unknown;
  return fs::read_symlink("/proc/self/exe", unknown).parent_path();
}

bool is_there(const fs::path& file) {
  std::error_code unknown;
  return fs::exists(file, unknown);
}

/// The library, wherever it lies.
fs::path find_plugin() {
  fs::path beside = own_folder() / kPluginName;
  if (is_there(beside)) return beside;
  const char* const named = std::getenv(kPluginVariable);
  if (named == nullptr || *named == '\0') {
    throw DeviceError(
        fmt::format("No library of a device was found: there is no {}, and {} is not set.",
                    beside.string(), kPluginVariable));
  }
  if (!is_there(named)) {
    throw DeviceError(
        fmt::format("No library of a device was found: there is no {}, and no {}, which {} names.",
                    beside.string(), named, kPluginVariable));
  }
  return named;
}

void check_version(const skarma_device_api* api, const fs::path& library) {
  if (api == nullptr) {
    throw DeviceError(fmt::format("{} has no device for version {} of the interface.",
                                  library.string(), int{SKARMA_DEVICE_ABI}));
  }
  if (api->version != SKARMA_DEVICE_ABI) {
    throw DeviceError(fmt::format(
        "{} speaks version {} of the interface to devices; this skarma speaks version {}.",
        library.string(), api->version, int{SKARMA_DEVICE_ABI}));
  }
  if (api->size < sizeof(skarma_device_api)) {
    throw DeviceError(fmt::format("{} knows {} bytes of the interface to devices; there are {}.",
                                  library.string(), api->size, sizeof(skarma_device_api)));
  }
}

}  // namespace

const skarma_device_api& open_plugin(const fs::path& library) {
  // A path without a slash would be looked for in the system's folders.
  std::unique_ptr<void, CloseLibrary> opened(
      dlopen(fs::absolute(library).c_str(), RTLD_NOW | RTLD_LOCAL));
  if (opened == nullptr) {
    throw DeviceError(fmt::format("The library of a device cannot be opened: {}.", dlerror()));
  }
  void* const function = dlsym(opened.get(), kPluginFunction);
  if (function == nullptr) {
    throw DeviceError(fmt::format("{} is no library of a device: it has no function {}.",
                                  library.string(), kPluginFunction));
  }
  const auto* const api =
      reinterpret_cast<decltype(&skarma_device_plugin)>(function)(SKARMA_DEVICE_ABI);
  check_version(api, library);
  static_cast<void>(opened.release());  // it stays
  return *api;
}

const skarma_device_api& device_plugin() {
  static const skarma_device_api& api = open_plugin(find_plugin());
  return api;
}

}  // namespace skarma
