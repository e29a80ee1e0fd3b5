// The program as the shell starts it: exit codes, pipes, terminals and Ctrl-C.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include <skarma/estimators/io/model_file.hpp>
#include <skarma/tests/cli/child_process.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma::cli {
namespace test {
namespace {

[[noreturn]] void become_program(const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>(SKARMA_CLI_PATH)};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  // A shell in the background passes on that it is ignored, nohup, too.
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) signal(number, SIG_DFL);
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

bool ChildProcess::has_terminals() {
  int master = -1;
  int slave = -1;
  if (openpty(&master, &slave, nullptr, nullptr, nullptr) != 0) return false;
  close(master);
  close(slave);
  return true;
}

ChildProcess::ChildProcess(const std::vector<std::string>& arguments, Output output,
                           unsigned short width) {
  if (output == Output::terminal) {
    winsize size{.ws_row = 40, .ws_col = width, .ws_xpixel = 0, .ws_ypixel = 0};
    pid_ = forkpty(&out_fd_, nullptr, nullptr, &size);
    if (pid_ < 0) throw std::runtime_error("no terminal");
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

using skarma::test::TemporaryFolder;
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
  ChildProcess program({"grid-search", "--dataset", "iris", "--solver", "lbfgs", "--seed", "1",
                        "--max-iter", "10000"});
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

TEST(Program, AClosedPipeDoesNotCostTheModel) {
  const TemporaryFolder folder;
  for (const char* command : {"fit", "grid-search"}) {
    const std::string path = folder.path(command);
    ChildProcess program(
        {command, "--dataset", "iris", "--solver", "lbfgs", "--seed", "1", "--save-model", path});
    program.close_output();
    EXPECT_EQ(program.finish(), 141);
    EXPECT_NE(load_model(path), nullptr);
  }
}

TEST(ProgramThreads, AnInterruptShowsWhatIsComplete) {
  SKARMA_NEEDS_TERMINAL();
  ChildProcess program(kMany, ChildProcess::Output::terminal);
  ASSERT_TRUE(program.wait_for("best 0.")) << program.out();
  program.type_interrupt();
  EXPECT_EQ(program.finish(), 130);
  EXPECT_TRUE(has(program.out(), "mean test")) << program.out();
  EXPECT_TRUE(has(program.out(), "of 2000 candidates are complete")) << program.out();
}

TEST(ProgramThreads, AnInterruptEndsALongFit) {
  ChildProcess program(kEndless);
  ASSERT_TRUE(program.wait_for("fits on "));
  program.interrupt();
  EXPECT_EQ(program.finish(), 130);
  EXPECT_TRUE(has(program.err(), "interrupted before any candidate was complete"));
}

class StoppedThreads : public ::testing::TestWithParam<int> {
 protected:
  const TemporaryFolder folder;
};

TEST_P(StoppedThreads, ASearchKeepsItsPartialTable) {
  SKARMA_NEEDS_TERMINAL();
  Words arguments = kMany;
  for (const std::string word : {"--output", "r.csv", "--save-model", "m"}) {
    arguments.push_back(word.starts_with("--") ? word : folder.path(word));
  }
  folder.write("m", "good");
  ChildProcess program(arguments, ChildProcess::Output::terminal);
  ASSERT_TRUE(program.wait_for("best 0."));
  program.send(GetParam());
  EXPECT_EQ(program.finish(), 128 + GetParam()) << program.out();
  EXPECT_TRUE(has(folder.read("r.csv"), "mean_test_score")) << program.out();
  EXPECT_TRUE(has(program.out(), "of 2000 candidates are complete")) << program.out();
  EXPECT_TRUE(has(program.out(), "m is not written")) << program.out();
  EXPECT_EQ(folder.read("m"), "good");
}

TEST_P(StoppedThreads, AFitLeavesAGoodModel) {
  SKARMA_NEEDS_TERMINAL();
  const std::string path = folder.write("m", "good");
  ChildProcess program(
      {"fit", "--dataset", "digits", "--seed", "1", "--hidden-layer-sizes", "100", "--max-iter",
       "100000", "--tol", "0", "--n-iter-no-change", "100000", "--save-model", path},
      ChildProcess::Output::terminal);
  ASSERT_TRUE(program.wait_for("iteration "));
  program.send(GetParam());
  EXPECT_EQ(program.finish(), 128 + GetParam()) << program.out();
  EXPECT_EQ(folder.read("m"), "good");
  EXPECT_TRUE(has(program.out(), path + ".interrupted, and " + path + " is as it was"))
      << program.out();
  EXPECT_NE(load_model(path + ".interrupted"), nullptr);
}

/// ThreadSanitizer keeps a signal back until the call is over that the thread is in.
#ifdef __SANITIZE_THREAD__
#define SKARMA_NEEDS_SIGNALS_IN_READ() \
  GTEST_SKIP() << "ThreadSanitizer gives no signal to a thread that waits in read()"
#else
#define SKARMA_NEEDS_SIGNALS_IN_READ() static_cast<void>(0)
#endif

TEST_P(StoppedThreads, NothingIsWrittenWhileTheFileIsRead) {
  SKARMA_NEEDS_SIGNALS_IN_READ();
  const std::string path = folder.write("m", "good");
  const std::string pipe = folder.path("t.csv");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  ChildProcess program({"fit", pipe, "--target", "y", "--save-model", path});
  const int writer = open(pipe.c_str(), O_WRONLY);  // once the program reads
  EXPECT_EQ(write(writer, "a,y\n1,0\n2,1\n", 12), 12);
  program.send(GetParam());
  EXPECT_EQ(program.finish(), 128 + GetParam()) << program.err();
  close(writer);
  EXPECT_EQ(program.err(), "skarma: interrupted; no file was written\n");
  EXPECT_EQ(folder.read("m"), "good");
}

TEST_P(StoppedThreads, WhateverIsReadMayNeverCome) {
  SKARMA_NEEDS_SIGNALS_IN_READ();
  const std::string pipe = folder.path("p");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const Words& arguments :
       {Words{"grid-search", "--dataset", "iris", "--grid-file", pipe}, Words{"info", pipe}}) {
    ChildProcess program(arguments);
    const int writer = open(pipe.c_str(), O_WRONLY);  // once the program reads
    program.send(GetParam());
    EXPECT_EQ(program.finish(), 128 + GetParam()) << arguments.front();
    close(writer);
  }
}

INSTANTIATE_TEST_SUITE_P(Signals, StoppedThreads, ::testing::Values(SIGINT, SIGTERM, SIGHUP),
                         [](const auto& which) -> std::string {
                           if (which.param == SIGINT) return "SIGINT";
                           return which.param == SIGTERM ? "SIGTERM" : "SIGHUP";
                         });

/// Runs lines of the shell, in which $skarma is the program, as a user whom limits bind.
int run_limited(const std::string& script, const TemporaryFolder& folder) {
  const std::string as_user =
      geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : "";
  std::filesystem::permissions(folder.path(""), std::filesystem::perms::all);
  folder.write("script", "export ASAN_OPTIONS=detect_leaks=0\nskarma='" SKARMA_CLI_PATH "'\ncd '" +
                             folder.path("") + "'\n" + script);
  const std::string line = as_user + "bash '" + folder.path("script") + "' >'" +
                           folder.path("out") + "' 2>'" + folder.path("err") + "' </dev/null";
  const int status = std::system(line.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1 - WTERMSIG(status);
}

/// Whether an ordinary user can run the program where it lies.
bool is_in_reach(const TemporaryFolder& folder) {
  return run_limited("$skarma --version", folder) == 0;
}

#define SKARMA_NEEDS_USER() \
  if (!is_in_reach(folder)) GTEST_SKIP() << "an ordinary user cannot run the program here"

TEST(Program, AThreadThatIsRefusedEndsNothing) {
  const TemporaryFolder folder;
  SKARMA_NEEDS_USER();
  const std::string limited = "export OPENBLAS_NUM_THREADS=1\nulimit -u 1 && exec $skarma ";
  ASSERT_EQ(run_limited(limited + "--version", folder), 0) << folder.read("err");
  EXPECT_TRUE(has(folder.read("out"), "skarma "));
  EXPECT_EQ(run_limited(limited + "fit --dataset iris --max-iter 2 --save-model m", folder), 0)
      << folder.read("err");
  EXPECT_NE(load_model(folder.path("m")), nullptr);
}

#ifndef __SANITIZE_ADDRESS__
TEST(Program, ASearchThatRanOutOfMemoryFails) {
  const TemporaryFolder folder;
  SKARMA_NEEDS_USER();
  const std::string search =
      "ulimit -v 8000000 && exec $skarma grid-search --dataset iris --cv 2 --jobs 1 --max-iter 2 "
      "--grid 'hidden_layer_sizes=(4,),(200000,200000)' --output r.csv --save-model m";
  EXPECT_EQ(run_limited(search, folder), 1) << folder.read("out");
  EXPECT_TRUE(has(folder.read("err"), "there was not enough memory")) << folder.read("err");
  EXPECT_TRUE(has(folder.read("r.csv"), "mean_test_score"));
  EXPECT_TRUE(has(folder.read("out"), "the best, fitted on 150 samples, is in m"));
  EXPECT_NE(load_model(folder.path("m")), nullptr) << "of the candidates that had a score";
}

TEST(Program, AFitThatRanOutOfMemorySaysWhatTakesLess) {
  const TemporaryFolder folder;
  SKARMA_NEEDS_USER();
  const std::string fit =
      "ulimit -v 8000000 && exec $skarma fit --dataset iris --hidden-layer-sizes 200000,200000";
  EXPECT_EQ(run_limited(fit, folder), 1);
  EXPECT_TRUE(has(folder.read("err"), "fewer units or a smaller batch_size take less"))
      << folder.read("err");
}
#endif

TEST(Program, AReaderThatHasGoneHidesNoFailure) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("/dev/full", folder.path("full.csv"));
  ChildProcess program({"grid-search", "--dataset", "iris", "--solver", "lbfgs", "--seed", "1",
                        "--output", folder.path("full.csv")});
  program.close_output();
  EXPECT_EQ(program.finish(), 1);
  EXPECT_TRUE(has(program.err(), "No space left on device")) << program.err();
}

TEST(Program, PredictionsDoNotGoWhereTheDataAre) {
  const TemporaryFolder folder;
  SKARMA_NEEDS_USER();
  folder.write("t.csv", "a,y\n1,no\n2,yes\n");
  std::filesystem::permissions(folder.path("t.csv"), std::filesystem::perms::all);
  ASSERT_EQ(run_limited("$skarma fit t.csv --max-iter 2 --save-model m", folder), 0);
  EXPECT_EQ(run_limited("$skarma predict m t.csv >>t.csv", folder), 2);
  EXPECT_EQ(folder.read("err").find("skarma: standard output is the same file as FILE 't.csv'"), 0U)
      << folder.read("err");
}

TEST(Program, ClosedStreamsAreNoFiles) {
  const TemporaryFolder folder;
  SKARMA_NEEDS_USER();
  const std::string fit = "$skarma fit --dataset iris --solver lbfgs --seed 1 --save-model m ";
  EXPECT_EQ(run_limited(fit + "<&- 2>&-", folder), 0);
  EXPECT_NE(load_model(folder.path("m")), nullptr);
  std::filesystem::remove(folder.path("m"));
  EXPECT_EQ(run_limited(fit + "<&- >&- 2>&-", folder), 1) << "nobody reads what it says";
  EXPECT_NE(load_model(folder.path("m")), nullptr);
}

TEST(Program, ResultsGoIntoAPipe) {
  const TemporaryFolder folder;
  SKARMA_NEEDS_USER();
  EXPECT_EQ(run_limited("mkfifo p\n"
                        "cat p >read &\n"
                        "$skarma grid-search --dataset iris --max-iter 2 --output p && wait",
                        folder),
            0)
      << folder.read("err");
  EXPECT_TRUE(folder.read("read").starts_with("mean_fit_time,")) << folder.read("read");
}

TEST(Program, TheTableFitsTheTerminal) {
  SKARMA_NEEDS_TERMINAL();
  for (const unsigned short width : std::initializer_list<unsigned short>{60, 200}) {
    ChildProcess program({"grid-search", "--dataset", "iris", "--max-iter", "2", "--cv", "2",
                          "--seed", "1", "--grid", "alpha=0.1,1", "--grid",
                          "learning_rate_init=0.1,1", "--grid", "hidden_layer_sizes=(4,),(5,5)"},
                         ChildProcess::Output::terminal, width);
    EXPECT_EQ(program.finish(), 0);
    EXPECT_EQ(has(program.out(), "std test"), width == 200) << program.out();
    EXPECT_TRUE(has(program.out(), "rank")) << program.out();
  }
}

TEST(ProgramThreads, TheTerminalShowsProgressAndColour) {
  SKARMA_NEEDS_TERMINAL();
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
