#include <skarma/core/parallel/thread_team.hpp>

#include <algorithm>
#include <utility>

#include <skarma/core/parallel/spare_threads.hpp>
#include <skarma/core/parallel/start_threads.hpp>

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

ThreadTeam::ThreadTeam(int n_threads, SpareThreads* spare) : spare_(spare) {
  const auto help_on = [this] {
    while (!closing_) help(Visit{n_calls_home_.load()});
  };
  internal::start_threads(helpers_, static_cast<std::size_t>(std::max(n_threads, 1) - 1), help_on);
}

ThreadTeam::~ThreadTeam() {
  dismiss_guests();
  close();
}

void ThreadTeam::dismiss_guests() {
  if (is_open_) spare_->withdraw(*this);
  is_open_ = false;
}

/// Lets the helpers go; they are joined when their list goes.
void ThreadTeam::close() {
  closing_ = true;
  wake_all();
}

void ThreadTeam::open() {
  is_open_ = true;
  spare_->open(*this);
}

ThreadTeam::Visit ThreadTeam::enter() {
  ++n_guests_;
  return Visit{n_calls_home_.load()};
}

void ThreadTeam::send_guests_home() {
  ++n_calls_home_;
  wake_all();
}

/// Another number without a task, so that sleepers look up.
void ThreadTeam::wake_all() {
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
  ticket_ += kTasks + 1 + n;  // no task of past work is left
  if (n_asleep_ > 0) ticket_.notify_all();
  while (do_one()) {
  }
  for (int spins = 0; n_open_ > 0; ++spins) {
    spins < kSpins ? pause_briefly() : std::this_thread::yield();
  }
  if (has_failed_) std::rethrow_exception(take_error());
}

/// Keeps the first exception of the current work. Called in a handler.
void ThreadTeam::keep_error() noexcept {
  if (!has_failed_.exchange(true)) error_ = std::current_exception();
}

std::exception_ptr ThreadTeam::take_error() {
  has_failed_ = false;
  return std::exchange(error_, nullptr);
}

/// Takes a task and does it; false if there is none.
bool ThreadTeam::do_one() noexcept {
  std::uint64_t ticket = ticket_;
  do {
    if ((ticket & kTasks) == 0) return false;
  } while (!ticket_.compare_exchange_weak(ticket, ticket - 1));
  try {
    if (!has_failed_) work_.call(work_.task, static_cast<std::size_t>((ticket & kTasks) - 1));
  } catch (...) {
    keep_error();
  }
  --n_open_;
  return true;
}

void ThreadTeam::help(Visit visit) {
  const auto is_over = [&] { return closing_ || Visit{n_calls_home_.load()} != visit; };
  for (int spins = 0; !is_over(); ++spins) {
    if (do_one()) {
      spins = 0;
    } else if (spins < kSpins) {
      pause_briefly();
    } else {
      const std::uint64_t ticket = ticket_;
      ++n_asleep_;
      if ((ticket & kTasks) == 0 && !is_over()) ticket_.wait(ticket);
      --n_asleep_;
    }
  }
}

}  // namespace skarma
