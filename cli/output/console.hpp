#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
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
  bool colour = false;           // out is a terminal that wants colour
  bool live = false;             // err is a terminal that can rewrite a line
  std::size_t width = SIZE_MAX;  // columns of the terminal that out is
  std::stop_token stop{};

  /// Writes results, at once. Throws OutputError.
  void print(std::string_view text) const;
  /// Writes a line about the work itself; nobody is hurt if it gets lost.
  void note(std::string_view line) const;
};

/// Prints about work that is also done for a file: where standard output takes no more, the work
/// goes on, and the error comes at its end.
class PatientPrinter {
 public:
  /// Impatient, it throws at once.
  PatientPrinter(const Console& console, bool patient) : console_(console), patient_(patient) {}

  /// Throws OutputError unless it is patient.
  void print(std::string_view text);
  /// Throws the first OutputError that there was.
  void finish() const;

 private:
  const Console& console_;
  bool patient_;
  std::exception_ptr failure_;
};

/// The columns of a terminal; nothing where there is none or it does not say.
std::optional<std::size_t> terminal_width(std::FILE* terminal);

/// Standard output and error as they are; NO_COLOR and TERM=dumb are respected.
Console standard_console(std::stop_token stop);

}  // namespace skarma::cli
