#include <skarma/core/parallel/spare_threads.hpp>

#include <algorithm>
#include <new>
#include <utility>

#include <skarma/core/parallel/start_threads.hpp>
#include <skarma/core/parallel/thread_team.hpp>

namespace skarma {

SpareThreads::SpareThreads(std::size_t n_jobs, int n_threads, int n_cores)
    : n_cores_(static_cast<std::size_t>(n_cores)) {
  const std::size_t budget = static_cast<std::size_t>(n_threads);
  n_more_ = std::min(budget - std::min(n_jobs, budget), n_cores_ - 1);
}

SpareThreads::~SpareThreads() { close(); }

void SpareThreads::lend() {
  std::unique_lock lock(mutex_);
  while (!closed_) {
    ThreadTeam* const team = choose();
    if (team == nullptr) {
      changed_.wait(lock);
      continue;
    }
    const auto visit = team->enter();
    ++n_guests_;
    lock.unlock();
    team->help(visit);
    lock.lock();
    --n_guests_;
    team->leave();
    changed_.notify_all();
  }
}

void SpareThreads::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void SpareThreads::open(ThreadTeam& team) {
  const std::lock_guard lock(mutex_);
  try {
    teams_.reserve(teams_.size() + 1);
  } catch (const std::bad_alloc&) {
    return;
  }
  for (ThreadTeam* other : teams_) other->send_guests_home();  // to choose anew
  teams_.push_back(&team);
  internal::start_threads(more_, std::exchange(n_more_, 0), [this] { lend(); });
  changed_.notify_all();
}

void SpareThreads::withdraw(ThreadTeam& team) {
  std::unique_lock lock(mutex_);
  std::erase(teams_, &team);
  team.send_guests_home();
  changed_.notify_all();
  changed_.wait(lock, [&] { return team.n_guests() == 0; });
}

std::size_t SpareThreads::n_guests() const {
  const std::lock_guard lock(mutex_);
  return n_guests_;
}

ThreadTeam* SpareThreads::choose() const {
  if (teams_.empty() || teams_.size() + n_guests_ >= n_cores_) return nullptr;
  return *std::ranges::min_element(teams_, {}, &ThreadTeam::n_guests);
}

}  // namespace skarma
