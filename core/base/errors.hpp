#pragma once

#include <cstddef>
#include <new>
#include <stdexcept>
#include <string>

namespace skarma {

/// An estimator was asked for something that only a fitted one has.
class NotFittedError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// A file or a table holds something that cannot be read. `line` and `column` count from 1;
/// 0 means that the error belongs to no line or column.
class DataError : public std::runtime_error {
 public:
  DataError(const std::string& file, std::size_t line, std::size_t column,
            const std::string& problem)
      : std::runtime_error(place(file, line, column) + ": " + problem),
        line_(line),
        column_(column) {}

  std::size_t line() const { return line_; }
  std::size_t column() const { return column_; }

 private:
  static std::string place(const std::string& file, std::size_t line, std::size_t column) {
    std::string text = file;
    if (line > 0) text += ", line " + std::to_string(line);
    if (column > 0) text += ", column " + std::to_string(column);
    return text;
  }

  std::size_t line_;
  std::size_t column_;
};

/// Training ended with parameters that are NaN or infinite.
class DivergenceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// There is not enough memory, and for what.
class OutOfMemory : public std::bad_alloc {
 public:
  // NOLINTNEXTLINE(bugprone-throw-keyword-missing): a member.
  explicit OutOfMemory(const std::string& text) : text_(text) {}
  const char* what() const noexcept override { return text_.what(); }

 private:
  std::runtime_error text_;  // whose copies do not throw
};

/// A device cannot be used: it, its driver or the library that brings it.
class DeviceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Work was stopped on request before it had a result.
class Cancelled : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace skarma
