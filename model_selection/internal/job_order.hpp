#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

namespace skarma {

/// Which fit of a search to start next, so that no long one is left when the others are done: one
/// of the candidate whose fits take longest, as far as their times are known, and as expected
/// before. Of equal candidates the first. May be used by several threads at once.
class JobOrder {
 public:
  /// `expected_work` of one fit of each candidate, in any unit. Job number candidate * n_folds +
  /// fold is one fit.
  JobOrder(std::vector<double> expected_work, std::size_t n_folds);

  /// A job that was not handed out before. At most as often as there are jobs.
  std::size_t next();
  /// Another fit of this job's candidate will take about as long.
  void finished(std::size_t job, double seconds);

 private:
  struct Candidate {
    double expected;
    double work;  // as of now
    std::size_t n_started = 0;
    std::size_t n_finished = 0;
    double seconds = 0.0;
  };
  /// Most work first, then the first candidate.
  struct Before {
    bool operator()(const std::pair<double, std::size_t>& a,
                    const std::pair<double, std::size_t>& b) const {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    }
  };

  std::mutex mutex_;
  std::size_t n_folds_;
  std::vector<Candidate> candidates_;
  std::set<std::pair<double, std::size_t>, Before> open_;  // candidates with folds to start
  double all_expected_ = 0.0;
  double all_seconds_ = 0.0;
};

}  // namespace skarma
