#include <skarma/core/base/thread_team.hpp>

namespace skarma {
namespace {

constexpr std::uint64_t kTasks = 0xffffffff;
/// Longer than the pauses between two pieces of a training step: 20 to 200 us, as a pause takes.
constexpr int kSpins = 4000;

void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

}  // namespace

ThreadTeam::ThreadTeam(int n_threads) {
  try {
    for (int i = 1; i < n_threads; ++i) helpers_.emplace_back([this] { help(); });
  } catch (...) {
    close();
    throw;
  }
}

ThreadTeam::~ThreadTeam() { close(); }

/// Lets the helpers go; they are joined when their list goes.
void ThreadTeam::close() {
  closing_ = true;
  ticket_ += kTasks + 1;
  ticket_.notify_all();
}

ThreadTeam& ThreadTeam::alone() {
  static ThreadTeam team(1);
  return team;
}

void ThreadTeam::share(std::uint32_t n, Work work) {
  work_ = work;
  n_open_ = n;
  const std::uint64_t number = ticket_ / (kTasks + 1) + 1;
  ticket_ = number * (kTasks + 1) + n;
  if (n_asleep_ > 0) ticket_.notify_all();
  while (do_one()) {
  }
  for (int spins = 0; n_open_ > 0; ++spins) {
    spins < kSpins ? pause_briefly() : std::this_thread::yield();
  }
}

/// Takes a task and does it; false if there is none.
bool ThreadTeam::do_one() noexcept {
  std::uint64_t ticket = ticket_;
  do {
    if ((ticket & kTasks) == 0) return false;
  } while (!ticket_.compare_exchange_weak(ticket, ticket - 1));
  work_.call(work_.task, static_cast<std::size_t>((ticket & kTasks) - 1));
  --n_open_;
  return true;
}

void ThreadTeam::help() {
  for (int spins = 0; !closing_; ++spins) {
    if (do_one()) {
      spins = 0;
    } else if (spins < kSpins) {
      pause_briefly();
    } else {
      const std::uint64_t ticket = ticket_;
      ++n_asleep_;
      if ((ticket & kTasks) == 0 && !closing_) ticket_.wait(ticket);
      --n_asleep_;
    }
  }
}

}  // namespace skarma
