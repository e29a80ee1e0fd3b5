#include <skarma/cli/signals.hpp>

#include <semaphore.h>
#include <unistd.h>

#include <csignal>

#include <skarma/cli/exit_code.hpp>

namespace skarma::cli {
namespace {

sem_t interrupts;  // a handler may do little more than post to one

void on_interrupt(int) { sem_post(&interrupts); }

void set_handler(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
}

bool is_ignored() {
  struct sigaction action {};
  return sigaction(SIGINT, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

InterruptWatcher::InterruptWatcher() {
  if (is_ignored()) return;
  sem_init(&interrupts, 0, 0);
  thread_ = std::thread([this] { watch(); });
  set_handler(on_interrupt);
}

InterruptWatcher::~InterruptWatcher() {
  if (!thread_.joinable()) return;
  set_handler(SIG_DFL);
  ending_ = true;
  sem_post(&interrupts);
  thread_.join();
}

void InterruptWatcher::watch() {
  for (;;) {
    if (sem_wait(&interrupts) != 0) continue;  // another signal woke this thread
    if (ending_) return;
    if (!source_.request_stop()) _exit(kInterrupted);
  }
}

}  // namespace skarma::cli
