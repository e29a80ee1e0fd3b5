// Any bytes as the file of --grid-file: grids, or an error that names the file.
#include <cstdint>
#include <cstdlib>
#include <string>

#include <skarma/cli/input/grid_file.hpp>
#include <skarma/core/base/errors.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    if (skarma::cli::parse_grid_json("grid.json", text).empty()) std::abort();
  } catch (const skarma::DataError& error) {
    if (!std::string(error.what()).starts_with("grid.json")) std::abort();
  }
  return 0;
}
