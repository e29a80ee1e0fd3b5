#include <skarma/cli/signals.hpp>

#include <semaphore.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <string_view>
#include <system_error>

#include <skarma/cli/exit_code.hpp>

namespace skarma::cli {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};
constexpr std::int64_t kOneKeystroke = 250;  // milliseconds
constexpr std::string_view kNothingLost = "skarma: interrupted; no file was written\n";

sem_t signals;  // a handler may do little more than post to one
std::atomic<int> first_signal = 0;
std::atomic<int> last_signal = 0;
std::atomic<std::int64_t> first_time = 0;
std::atomic<std::int64_t> last_time = 0;
std::atomic<int> n_nothing_to_lose = 0;
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

std::int64_t milliseconds_now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1000000;
}

void on_signal(int signal) {
  const int error = errno;
  int none = 0;
  last_time = milliseconds_now();
  last_signal = signal;
  if (first_signal.compare_exchange_strong(none, signal)) first_time = last_time.load();
  sem_post(&signals);
  errno = error;
}

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(signal, &action, nullptr);
}

/// Replaces one handler by another, and leaves all others as they are.
void exchange_handlers(void (*old)(int), void (*handler)(int)) {
  for (const int signal : kSignals) {
    struct sigaction action {};
    if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler == old) {
      set_handler(signal, handler);
    }
  }
}

[[noreturn]] void end_at_once(std::string_view last_words) {
  if (write(STDERR_FILENO, last_words.data(), last_words.size()) < 0) {
    // nobody is there to read it
  }
  _exit(128 + first_signal);
}

}  // namespace

InterruptWatcher::InterruptWatcher() {
  first_signal = 0;
  sem_init(&signals, 0, 0);
  try {
    thread_ = std::thread([this] { watch(); });
  } catch (const std::system_error&) {
    return;
  }
  exchange_handlers(SIG_DFL, on_signal);
}

InterruptWatcher::~InterruptWatcher() {
  if (!thread_.joinable()) return;
  exchange_handlers(on_signal, SIG_DFL);
  ending_ = true;
  sem_post(&signals);
  thread_.join();
}

int InterruptWatcher::exit_code() const {
  return first_signal == 0 ? kInterrupted : 128 + first_signal;
}

void InterruptWatcher::watch() {
  for (;;) {
    if (sem_wait(&signals) != 0) continue;  // another signal woke this thread
    if (ending_) return;
    if (n_nothing_to_lose > 0) end_at_once(kNothingLost);
    if (source_.request_stop()) continue;
    if (last_signal != SIGHUP && last_time - first_time >= kOneKeystroke) end_at_once("");
  }
}

NothingToLose::NothingToLose() { ++n_nothing_to_lose; }
NothingToLose::~NothingToLose() { --n_nothing_to_lose; }

}  // namespace skarma::cli
