#pragma once

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/cli/app.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma::cli::test {

/// A FILE that keeps what is written to it.
class TextSink {
 public:
  TextSink() : file_(open_memstream(&text_, &size_)) {}
  ~TextSink() {
    std::fclose(file_);
    std::free(text_);
  }
  TextSink(const TextSink&) = delete;
  TextSink& operator=(const TextSink&) = delete;

  std::FILE* file() const { return file_; }
  std::string text() const {
    std::fflush(file_);
    return {text_, size_};
  }

 private:
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_;
};

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

/// Runs the program in this process, with neither colour nor a live line.
inline Outcome run_app(const std::vector<std::string>& arguments, std::stop_token stop = {}) {
  const TextSink out;
  const TextSink err;
  const int code = run(arguments, {.out = out.file(), .err = err.file(), .stop = std::move(stop)});
  return {code, out.text(), err.text()};
}

inline void expect_has(const std::string& text, const std::string& part) {
  EXPECT_TRUE(skarma::test::contains(text, part)) << "'" << part << "' is not in:\n" << text;
}

/// Until `part` is in the text that another thread writes.
inline void wait_for(const TextSink& sink, const std::string& part) {
  while (sink.text().find(part) == std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

/// A ParameterNames that changes nothing.
inline std::string as_it_is(std::string_view name) { return std::string(name); }

}  // namespace skarma::cli::test
