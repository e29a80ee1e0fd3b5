// The program as the shell starts it: exit codes, pipes, terminals and Ctrl-C.
#include <gtest/gtest.h>

#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include <skarma/tests/cli/child_process.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma::cli {
namespace test {
namespace {

[[noreturn]] void become_program(const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>(SKARMA_CLI_PATH)};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  signal(SIGINT, SIG_DFL);  // a shell in the background passes on that it is ignored
  signal(SIGPIPE, SIG_DFL);
  setenv("TERM", "xterm", 1);
  execv(SKARMA_CLI_PATH, argv.data());
  _exit(127);
}

void read_all(int fd, std::string& text) {
  char buffer[4096];
  for (ssize_t n = 0; fd >= 0 && (n = read(fd, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& arguments, Output output) {
  if (output == Output::terminal) {
    winsize size{.ws_row = 40, .ws_col = 120, .ws_xpixel = 0, .ws_ypixel = 0};
    pid_ = forkpty(&out_fd_, nullptr, nullptr, &size);
    if (pid_ == 0) become_program(arguments);
    return;
  }
  int out[2] = {-1, -1};
  int err[2] = {-1, -1};
  if (pipe(out) != 0 || pipe(err) != 0) throw std::runtime_error("no pipe");
  pid_ = fork();
  if (pid_ == 0) {
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    for (const int fd : {out[0], out[1], err[0], err[1]}) close(fd);
    become_program(arguments);
  }
  close(out[1]);
  close(err[1]);
  out_fd_ = out[0];
  err_fd_ = err[0];
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close_output();
  if (err_fd_ >= 0) close(err_fd_);
}

bool ChildProcess::wait_for(const std::string& part) {
  char buffer[4096];
  while (out_.find(part) == std::string::npos) {
    const ssize_t n = read(out_fd_, buffer, sizeof buffer);
    if (n <= 0) return false;
    out_.append(buffer, static_cast<std::size_t>(n));
  }
  return true;
}

void ChildProcess::type_interrupt() const {
  if (write(out_fd_, "\x03", 1) != 1) throw std::runtime_error("no terminal to type on");
}

void ChildProcess::close_output() {
  if (out_fd_ >= 0) close(out_fd_);
  out_fd_ = -1;
}

int ChildProcess::finish() {
  read_all(out_fd_, out_);
  read_all(err_fd_, err_);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1 - WTERMSIG(status);
}

}  // namespace test

namespace {

using test::ChildProcess;
using Words = std::vector<std::string>;

/// A search of many fits, none of which is long.
const Words kMany = {"grid-search", "--dataset",  "iris",
                     "--scale",     "standard",   "--seed",
                     "1",           "--max-iter", "100",
                     "--tol",       "0",          "--n-iter-no-change",
                     "1000",        "--grid",     "alpha=logspace(-4,4,2000)",
                     "--jobs",      "2"};
/// One whose first fit takes longer than any test.
const Words kEndless = {
    "grid-search", "--dataset",  "digits", "--seed", "1", "--hidden-layer-sizes",
    "600,600",     "--max-iter", "100000", "--tol",  "0", "--n-iter-no-change",
    "100000",      "--jobs",     "2"};

bool has(const std::string& text, const std::string& part) {
  return skarma::test::contains(text, part);
}

TEST(Program, ExitCodes) {
  EXPECT_EQ(ChildProcess({"--version"}).finish(), 0);
  EXPECT_EQ(ChildProcess({"datasets"}).finish(), 0);
  EXPECT_EQ(ChildProcess({"grid-search", "none.csv", "--target", "y"}).finish(), 1);
  EXPECT_EQ(ChildProcess({"grid-serach"}).finish(), 2);
  EXPECT_EQ(ChildProcess({}).finish(), 2);
}

TEST(Program, SaysNothingButResultsInAPipe) {
  ChildProcess program({"grid-search", "--dataset", "iris", "--solver", "lbfgs", "--seed", "1"});
  EXPECT_EQ(program.finish(), 0);
  EXPECT_EQ(program.err(), "");
  EXPECT_TRUE(has(program.out(), "best: ")) << program.out();
  EXPECT_FALSE(has(program.out(), "\x1b"));
}

TEST(Program, AClosedPipeEndsItQuietly) {
  ChildProcess program({"grid-search", "--dataset", "iris", "--solver", "lbfgs", "--seed", "1"});
  program.close_output();
  EXPECT_EQ(program.finish(), 141);
  EXPECT_EQ(program.err(), "");
}

TEST(ProgramThreads, AnInterruptShowsWhatIsComplete) {
  ChildProcess program(kMany, ChildProcess::Output::terminal);
  ASSERT_TRUE(program.wait_for("best 0.")) << program.out();
  program.type_interrupt();
  EXPECT_EQ(program.finish(), 130);
  EXPECT_TRUE(has(program.out(), "mean test")) << program.out();
  EXPECT_TRUE(has(program.out(), "of 2000 candidates are complete")) << program.out();
}

TEST(ProgramThreads, AnInterruptEndsALongFit) {
  ChildProcess program(kEndless);
  ASSERT_TRUE(program.wait_for("fits on 2 threads"));
  program.interrupt();
  EXPECT_EQ(program.finish(), 130);
  EXPECT_TRUE(has(program.err(), "interrupted before any candidate was complete"));
}

TEST(ProgramThreads, TheTerminalShowsProgressAndColour) {
  ChildProcess program({"grid-search", "--dataset", "iris", "--solver", "lbfgs", "--seed", "1",
                        "--scale", "standard", "--grid", "alpha=0.1,1"},
                       ChildProcess::Output::terminal);
  EXPECT_EQ(program.finish(), 0);
  EXPECT_TRUE(has(program.out(), "/10 fits, 0:0")) << program.out();
  EXPECT_TRUE(has(program.out(), "\r\x1b[2K\x1b[4m")) << program.out();  // cleared, then the table
  EXPECT_TRUE(has(program.out(), "\x1b[1;32m*")) << program.out();
}

}  // namespace
}  // namespace skarma::cli
