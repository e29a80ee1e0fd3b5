#include <skarma/cli/input/nearest_file.hpp>

#include <filesystem>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <skarma/core/base/nearest_name.hpp>

namespace skarma::cli {

std::string did_you_mean_file(const std::string& path) {
  namespace fs = std::filesystem;
  constexpr std::size_t kMostFiles = 10000;
  const fs::path folder = fs::path(path).parent_path();
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator file(folder.empty() ? "." : folder, error), end;
       !error && file != end && names.size() < kMostFiles; file.increment(error)) {
    names.push_back(file->path().filename().string());
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string nearest = nearest_name(fs::path(path).filename().string(), known);
  return nearest.empty() ? "" : fmt::format(" Did you mean '{}'?", (folder / nearest).string());
}

}  // namespace skarma::cli
