#include <skarma/core/engine/plugin_library.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/devices.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma {
namespace {

constexpr const char* kProgram = SKARMA_TEST_PLUGINS "/skarma_find_plugin";

/// What a program says that looks for the library, with this in front of its name and that behind.
std::string said_by(const std::string& program, const std::string& environment,
                    const std::string& device = "") {
  const std::string command = "env " + environment + " '" + program + "' " + device;
  const std::unique_ptr<FILE, int (*)(FILE*)> output(popen(command.c_str(), "r"), pclose);
  std::string text;
  for (int c = std::fgetc(output.get()); c != EOF; c = std::fgetc(output.get())) {
    text.push_back(static_cast<char>(c));
  }
  return text;
}

TEST(PluginLibrary, IsNotFoundWhereThereIsNone) {
  const std::string looked = "No library of a device was found: there is no " SKARMA_TEST_PLUGINS
                             "/libskarma_cuda.so, and ";
  EXPECT_EQ(said_by(kProgram, "-u SKARMA_GPU_PLUGIN"), looked + "SKARMA_GPU_PLUGIN is not set.\n");
  EXPECT_EQ(said_by(kProgram, "SKARMA_GPU_PLUGIN="), looked + "SKARMA_GPU_PLUGIN is not set.\n");
  EXPECT_EQ(said_by(kProgram, "SKARMA_GPU_PLUGIN=/no/such"),
            looked + "no /no/such, which SKARMA_GPU_PLUGIN names.\n");
}

TEST(PluginLibrary, IsWhatADeviceNeeds) {
  const std::string none = "-u SKARMA_GPU_PLUGIN";
  for (const char* device : {"cuda", "cuda:3", "cuda-host"}) {
    EXPECT_EQ(said_by(kProgram, none, device),
              std::string("device='") + device +
                  "' cannot be used here. No library of a device was found: there is "
                  "no " SKARMA_TEST_PLUGINS
                  "/libskarma_cuda.so, and SKARMA_GPU_PLUGIN is not set.\n");
  }
  for (const char* device : {"cpu", "auto", "reference"}) {
    EXPECT_EQ(said_by(kProgram, none, device), "found\n");
  }
}

TEST(PluginLibrary, NeedsADriver) {
  const std::string name = "SKARMA_GPU_PLUGIN=" + test::plugin_path("skarma_no_driver");
  EXPECT_EQ(said_by(kProgram, name, "cuda"),
            "device='cuda' cannot be used here. There is no driver.\n");
  EXPECT_EQ(said_by(kProgram, name, "cuda-host"), "found\n");
}

TEST(PluginLibrary, IsFoundBesideTheProgramFirst) {
  const test::TemporaryFolder folder;
  std::filesystem::copy_file(kProgram, folder.path("program"));
  std::filesystem::create_symlink(test::plugin_path("skarma_cpu_plugin"),
                                  folder.path("libskarma_cuda.so"));
  EXPECT_EQ(said_by(folder.path("program"), "SKARMA_GPU_PLUGIN=/no/such"), "found\n");
  EXPECT_EQ(said_by("program", "PATH='" + folder.path("") + "'"), "found\n");
}

TEST(PluginLibrary, IsNamedByAPathFromHere) {
  const std::string name =
      "SKARMA_GPU_PLUGIN=" +
      std::filesystem::relative(test::plugin_path("skarma_cpu_plugin")).string();
  EXPECT_EQ(said_by(kProgram, name), "found\n");
}

TEST(PluginLibrary, IsOpenedOnce) {
  EXPECT_NO_THROW(test::engine_of(test::kPlugin));
  const skarma_device_api& opened = device_plugin();
  EXPECT_EQ(&open_plugin(test::plugin_path("skarma_cpu_plugin")), &opened);
  setenv(kPluginVariable, "/no/such", 1);
  EXPECT_EQ(&device_plugin(), &opened);
}

TEST(PluginLibrary, IsNoText) {
  const test::TemporaryFolder folder;
  const std::string text = folder.write("library.so", "This is no library, whatever its name.");
  EXPECT_THROW_WITH(open_plugin(text), DeviceError,
                    "The library of a device cannot be opened: " + text);
}

TEST(PluginLibrary, HasTheFunction) {
  const std::string path = test::plugin_path("skarma_no_plugin");
  EXPECT_THROW_WITH(open_plugin(path), DeviceError,
                    path + " is no library of a device: it has no function skarma_device_plugin.");
}

TEST(PluginLibrary, SpeaksThisVersion) {
  const std::string path = test::plugin_path("skarma_other_version");
  EXPECT_THROW_WITH(
      open_plugin(path), DeviceError,
      path + " speaks version 45 of the interface to devices; this skarma speaks version 4.");
}

TEST(PluginLibrary, DoesNotDecline) {
  const std::string path = test::plugin_path("skarma_declining_plugin");
  EXPECT_THROW_WITH(open_plugin(path), DeviceError,
                    path + " has no device for version 4 of the interface.");
}

TEST(PluginLibrary, KnowsAllFunctions) {
  const std::string path = test::plugin_path("skarma_shorter_plugin");
  EXPECT_THROW_WITH(open_plugin(path), DeviceError,
                    path + " knows 16 bytes of the interface to devices; there are " +
                        std::to_string(sizeof(skarma_device_api)) + ".");
}

}  // namespace
}  // namespace skarma
