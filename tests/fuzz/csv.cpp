// Any bytes as a CSV file, gzip included: samples of one width, or an error.
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <skarma/cli/input/csv_samples.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/core/base/errors.hpp>

using namespace skarma;

namespace {

/// A file in memory that always has the same name.
class MemoryFile {
 public:
  MemoryFile() : file_(memfd_create("input.csv", 0)) {
    if (file_ < 0) std::abort();
    path_ = "/proc/self/fd/" + std::to_string(file_);
  }
  const std::string& path() const { return path_; }
  void fill(const std::uint8_t* data, std::size_t size) const {
    if (ftruncate(file_, 0) != 0) std::abort();
    if (pwrite(file_, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
  }

 private:
  int file_;
  std::string path_;
};

void check(const cli::Samples& samples) {
  const std::size_t n = samples.x.rows();
  const std::size_t n_names = samples.feature_names.size();
  if (n == 0 || samples.y.n_samples() != n) std::abort();
  if (n_names != 0 && n_names != samples.x.cols()) std::abort();
  if (!samples.weights.empty() && samples.weights.size() != n) std::abort();
  for (const double v : samples.x.values()) {
    if (!std::isfinite(v)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const MemoryFile file;
  if (size == 0) return 0;
  // The first byte chooses what is asked of the file.
  const unsigned choice = data[0];
  file.fill(data + 1, size - 1);
  cli::ColumnChoice columns;
  columns.targets =
      choice & 1 ? std::vector<std::string>{"-1", "1"} : std::vector<std::string>{"-1"};
  if (choice & 2) columns.weights = "2";
  if (choice & 4) columns.dropped = {"b"};
  columns.header = static_cast<cli::Header>((choice >> 3) % 3);
  try {
    check(cli::read_csv_samples(file.path(), columns,
                                static_cast<cli::TaskChoice>((choice >> 5) % 6)));
  } catch (const DataError&) {
  } catch (const cli::UsageError&) {
  }
  return 0;
}
