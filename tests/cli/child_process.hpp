#pragma once

#include <signal.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace skarma::cli::test {

/// The program itself, running: with pipes as its outputs, or on a terminal of its own.
class ChildProcess {
 public:
  enum class Output { pipes, terminal };

  explicit ChildProcess(const std::vector<std::string>& arguments, Output output = Output::pipes);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Reads standard output (or the terminal) until `part` has come, or it ends.
  bool wait_for(const std::string& part);
  void interrupt() const { kill(pid_, SIGINT); }
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
