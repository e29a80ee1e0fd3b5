#pragma once

#include <memory>
#include <string>
#include <system_error>

namespace skarma {

/// A file cannot be read or written; `code()` is the system's reason.
class FileError : public std::system_error {
 public:
  /// `action` is "read" or "write"; `problem` says more than the system does.
  FileError(const std::string& action, const std::string& path, int error,
            const std::string& problem = "")
      : std::system_error(error, std::generic_category()),
        texts_(std::make_shared<const Texts>(action, path,
                                             problem.empty() ? code().message() : problem)) {}

  const char* what() const noexcept override { return texts_->whole.c_str(); }
  const std::string& path() const noexcept { return texts_->path; }
  const std::string& problem() const noexcept { return texts_->problem; }

 private:
  struct Texts {
    Texts(const std::string& action, const std::string& file, const std::string& why)
        : path(file), problem(why), whole("Cannot " + action + " " + path + ": " + why + ".") {}
    std::string path;
    std::string problem;
    std::string whole;
  };

  std::shared_ptr<const Texts> texts_;  // exceptions are copied without throwing
};

}  // namespace skarma
