#pragma once

#include <signal.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace skarma::cli::test {

#define SKARMA_NEEDS_TERMINAL()                          \
  if (!skarma::cli::test::ChildProcess::has_terminals()) \
  GTEST_SKIP() << "the system gives no pseudo-terminal"

/// The program itself, running: with pipes as its outputs, or on a terminal of its own.
class ChildProcess {
 public:
  enum class Output { pipes, terminal };

  /// Whether the system gives terminals; a test that needs one is skipped without.
  static bool has_terminals();

  explicit ChildProcess(const std::vector<std::string>& arguments, Output output = Output::pipes,
                        unsigned short width = 120);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Reads standard output (or the terminal) until `part` has come, or it ends.
  bool wait_for(const std::string& part);
  void interrupt() const { send(SIGINT); }
  void send(int signal) const { kill(pid_, signal); }
  /// Types Ctrl-C on the terminal.
  void type_interrupt() const;
  void close_output();
  /// Reads to the end; the exit code, or -1 - signal if one killed it.
  int finish();

  const std::string& out() const { return out_; }
  const std::string& err() const { return err_; }

 private:
  pid_t pid_ = -1;
  int out_fd_ = -1;
  int err_fd_ = -1;
  std::string out_;
  std::string err_;
};

}  // namespace skarma::cli::test
