#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

namespace skarma {

class SpareThreads;

/// A few threads that share the work inside one fit, where a piece takes microseconds: they wait
/// for it spinning, and sleep when there is none for a while. Who does a piece is open; what a
/// piece is does not depend on the number of threads, so that results do not either.
class ThreadTeam {
 public:
  /// The calling thread and n_threads - 1 helpers, or as many as the system starts. Guests from
  /// `spare` join when there is work that is worth sharing, and leave when they are called away, in
  /// the middle of it or not; `spare` must outlive the team.
  explicit ThreadTeam(int n_threads, SpareThreads* spare = nullptr);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  /// The calling thread alone. May serve any number of callers at once.
  static ThreadTeam& alone();

  /// With the guests of this moment.
  std::size_t n_threads() const { return helpers_.size() + 1 + n_guests_; }
  /// n_threads() for work that is worth sharing: the first such call lets guests in. For the
  /// caller of run().
  std::size_t n_threads_to_share() {
    if (spare_ != nullptr && !is_open_) open();
    return n_threads();
  }

  /// Lets the guests go; the next work that is worth sharing lets others in. For the caller of
  /// run().
  void dismiss_guests();

  /// Calls task(0) ... task(n - 1), each once, and returns when all are done. The first exception
  /// of a task is thrown here, after which no further task starts. For one caller at a time; n is
  /// at most 2^32 - 1.
  template <class Task>
  void run(std::size_t n, const Task& task) {
    if (n < 2 || n_threads_to_share() == 1) {
      for (std::size_t i = 0; i < n; ++i) task(i);
      return;
    }
    share(static_cast<std::uint32_t>(n),
          {&task, [](const void* t, std::size_t i) { (*static_cast<const Task*>(t))(i); }});
  }

  /// For SpareThreads, which counts guests in and out one at a time. A guest enters, helps for as
  /// long as nobody sends the guests home after that, and leaves.
  enum class Visit : std::uint32_t {};
  std::size_t n_guests() const { return n_guests_; }
  Visit enter();
  void help(Visit visit);
  void leave() { --n_guests_; }
  void send_guests_home();

 private:
  struct Work {
    const void* task;
    void (*call)(const void* task, std::size_t i);
  };

  void share(std::uint32_t n, Work work);
  bool do_one() noexcept;
  void keep_error() noexcept;
  std::exception_ptr take_error();
  void open();
  void close();
  void wake_all();

  Work work_{};
  /// The number of the current work in the upper half, how many of its tasks nobody has taken in
  /// the lower one: a task is taken by counting down, and nobody takes one of past work.
  std::atomic<std::uint64_t> ticket_{0};
  std::atomic<std::uint32_t> n_open_{0};  // tasks that are not done
  std::atomic<bool> has_failed_{false};   // a task of the current work
  std::exception_ptr error_;              // its exception
  std::atomic<int> n_asleep_{0};
  std::atomic<bool> closing_{false};
  std::atomic<std::uint32_t> n_calls_home_{0};
  std::atomic<std::size_t> n_guests_{0};
  SpareThreads* spare_;
  bool is_open_ = false;
  std::vector<std::jthread> helpers_;
};

/// Where part i of n things begins when they are cut into `parts` parts at multiples of `multiple`;
/// part number `parts` begins at n.
constexpr std::size_t part_begin(std::size_t i, std::size_t n, std::size_t parts,
                                 std::size_t multiple = 1) {
  return i == parts ? n : n * i / parts / multiple * multiple;
}

/// Calls task(begin, end) for a part of [0, n) for each thread, where the whole has `cost`
/// (elements to pass over) that make it worth while. For work whose result no cut can change.
template <class Task>
void run_in_parts(ThreadTeam& team, std::size_t n, std::size_t cost, const Task& task) {
  constexpr std::size_t kWorthSharing = 65536;
  const std::size_t parts = cost < kWorthSharing ? 1 : std::min(n, team.n_threads_to_share());
  team.run(parts,
           [&](std::size_t i) { task(part_begin(i, n, parts), part_begin(i + 1, n, parts)); });
}

}  // namespace skarma
