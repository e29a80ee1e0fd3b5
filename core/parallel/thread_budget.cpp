#include <skarma/core/parallel/thread_budget.hpp>

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <skarma/core/parallel/spare_threads.hpp>
#include <skarma/core/parallel/start_threads.hpp>

namespace skarma {
namespace {

int affinity_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// Cores of the cgroup's quota, version 2 then version 1; 0 if there is none.
int quota_cores() {
  std::string quota;
  double period = 0.0;
  if (std::ifstream v2("/sys/fs/cgroup/cpu.max"); v2 >> quota >> period) {
    if (quota == "max") return 0;
  } else {
    std::ifstream v1_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
    std::ifstream v1_period("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
    if (!(v1_quota >> quota) || !(v1_period >> period)) return 0;
  }
  const double microseconds = std::atof(quota.c_str());
  if (microseconds <= 0.0 || period <= 0.0) return 0;
  return std::max(1, static_cast<int>(std::ceil(microseconds / period)));
}

}  // namespace

int available_cores() {
  const int quota = quota_cores();
  return quota > 0 ? std::min(quota, affinity_cores()) : affinity_cores();
}

int resolve_n_jobs(std::optional<int> n_jobs, std::string_view name) {
  if (!n_jobs) return 1;
  if (*n_jobs == 0) {
    throw std::invalid_argument(std::string(name) + " == 0 has no meaning: use 1 or more, or -1.");
  }
  return *n_jobs > 0 ? *n_jobs : std::max(1, available_cores() + 1 + *n_jobs);
}

int useful_threads(std::optional<int> n_jobs, std::string_view name) {
  const int wanted = resolve_n_jobs(n_jobs, name);
  return wanted == 1 ? 1 : std::min(wanted, available_cores());
}

void run_jobs(std::size_t n_jobs, int n_threads, const std::function<void(std::size_t)>& job,
              std::stop_token stop, SpareThreads* spare) {
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> n_working{0};
  std::atomic<bool> failed{false};
  std::exception_ptr error;
  std::mutex error_mutex;

  const auto do_jobs = [&] {
    while (!stop.stop_requested() && !failed) {
      const std::size_t i = next.fetch_add(1);
      if (i >= n_jobs) return;
      try {
        job(i);
      } catch (...) {
        const std::lock_guard lock(error_mutex);
        if (!error) error = std::current_exception();
        failed = true;
      }
    }
  };
  const auto work = [&] {
    ++n_working;
    do_jobs();
    const bool is_last = --n_working == 0;
    if (spare != nullptr) is_last ? spare->close() : spare->lend();
  };

  const std::size_t n_helpers =
      std::min(static_cast<std::size_t>(std::max(n_threads, 1)), std::max<std::size_t>(n_jobs, 1)) -
      1;
  {
    std::vector<std::jthread> helpers;
    internal::start_threads(helpers, n_helpers, work);
    work();
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace skarma
