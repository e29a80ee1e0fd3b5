#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

namespace skarma {

class SpareThreads;

/// The cores that this process may use: what its affinity mask and its cgroup's CPU quota allow.
int available_cores();

/// scikit-learn's `n_jobs`: none = 1, -1 = available_cores(), -2 = one fewer ...
/// Throws std::invalid_argument for 0, calling it by `name`.
int resolve_n_jobs(std::optional<int> n_jobs, std::string_view name = "n_jobs");

/// How many threads are of use where `n_jobs` are asked for: no more than there are cores. Throws
/// as above.
int useful_threads(std::optional<int> n_jobs, std::string_view name = "n_jobs");

/// Runs job(0) ... job(n_jobs - 1), each once, in this order of starting, on `n_threads` threads
/// (the calling one included). After a stop request no further job starts. The first exception of a
/// job stops the rest and is thrown here. Threads live only for the call, so that a process may
/// fork. One that finds no further job lends itself to `spare`, which the last one closes.
void run_jobs(std::size_t n_jobs, int n_threads, const std::function<void(std::size_t)>& job,
              std::stop_token stop = {}, SpareThreads* spare = nullptr);

}  // namespace skarma
