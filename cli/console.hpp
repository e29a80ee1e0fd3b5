#pragma once

#include <cstdio>
#include <stdexcept>
#include <stop_token>
#include <string_view>

namespace skarma::cli {

/// Standard output takes no more: its reader has gone, or a disk is full.
class OutputError : public std::runtime_error {
 public:
  explicit OutputError(int code);
  /// Whether the other end of a pipe was closed, as by `| head -1`: no fault of anybody.
  bool reader_gone() const;

 private:
  int code_;
};

/// Where a command's text goes, and how the user asks it to stop.
struct Console {
  std::FILE* out;
  std::FILE* err;
  bool colour = false;  // out is a terminal that wants colour
  bool live = false;    // err is a terminal that can rewrite a line
  std::stop_token stop{};

  /// Writes results, at once. Throws OutputError.
  void print(std::string_view text) const;
  /// Writes a line about the work itself; nobody is hurt if it gets lost.
  void note(std::string_view line) const;
};

/// Standard output and error as they are; NO_COLOR and TERM=dumb are respected.
Console standard_console(std::stop_token stop);

}  // namespace skarma::cli
