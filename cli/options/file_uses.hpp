#pragma once

#include <string>
#include <vector>

#include <sys/stat.h>

namespace skarma::cli {

/// The files of one command: what is written must not be read or written under another flag,
/// whichever names, links or redirections lead there. Devices may be used as often as one likes.
class FileUses {
 public:
  /// `flag` as the user knows it: "--grid-file", "FILE". An empty path is no use; "-" is standard
  /// input or output. Throw UsageError for a file that is written and already has another use.
  void reads(const std::string& flag, const std::string& path);
  void writes(const std::string& flag, const std::string& path);

 private:
  struct Use {
    std::string flag;
    std::string path;
    bool written;
    bool exists;
    struct stat status;
  };

  static Use use_of(const std::string& flag, const std::string& path, bool written);
  static bool are_same(const Use& a, const Use& b);
  void add(Use use);

  std::vector<Use> uses_;
};

}  // namespace skarma::cli
