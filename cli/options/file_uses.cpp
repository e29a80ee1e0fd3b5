#include <skarma/cli/options/file_uses.hpp>

#include <unistd.h>

#include <filesystem>

#include <fmt/format.h>

#include <skarma/cli/output/output_file.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/estimators/io/replace_file.hpp>

namespace skarma::cli {
namespace {

namespace fs = std::filesystem;

/// The file that a path would make, behind links that lead to nothing yet.
fs::path full_name(const std::string& path) {
  std::error_code ignored;
  return fs::weakly_canonical(fs::absolute(behind_links(path, ignored), ignored), ignored);
}

/// "--output 'r.csv'", "standard output"
std::string text_of(const auto& use) {
  return use.path == use.flag ? use.flag : fmt::format("{} '{}'", use.flag, use.path);
}

}  // namespace

FileUses::Use FileUses::use_of(const std::string& flag, const std::string& path, bool written) {
  Use use{flag, path, written, false, {}};
  const bool is_stream = written ? is_standard_output(path) : path == "-";
  use.exists = is_stream ? fstat(written ? STDOUT_FILENO : STDIN_FILENO, &use.status) == 0
                         : stat(path.c_str(), &use.status) == 0;
  // Standard input and output may be one terminal, pipe or socket, but no one file.
  if (is_stream && use.exists && !S_ISREG(use.status.st_mode)) use.exists = false;
  if (is_stream) use.path = written ? "standard output" : "standard input";
  return use;
}

bool FileUses::are_same(const Use& a, const Use& b) {
  if (a.exists != b.exists) return false;
  if (!a.exists) return full_name(a.path) == full_name(b.path);
  const bool is_device = S_ISCHR(a.status.st_mode);
  return !is_device && a.status.st_dev == b.status.st_dev && a.status.st_ino == b.status.st_ino;
}

void FileUses::add(Use use) {
  for (const Use& other : uses_) {
    if ((!use.written && !other.written) || !are_same(use, other)) continue;
    throw UsageError(fmt::format("{} is the same file as {}: give each a name of its own.",
                                 text_of(use), text_of(other)));
  }
  uses_.push_back(std::move(use));
}

void FileUses::reads(const std::string& flag, const std::string& path) {
  if (!path.empty()) add(use_of(flag, path, false));
}

void FileUses::writes(const std::string& flag, const std::string& path) {
  if (!path.empty()) add(use_of(flag, path, true));
}

}  // namespace skarma::cli
