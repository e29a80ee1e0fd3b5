#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace skarma {

/// Which fit of a search to start next, so that no long one is left when the others are done: one
/// of the candidate whose fits take longest, as far as their times are known, and as expected
/// before. Of equal candidates the first. It takes memory when it is made, and none later.
class JobOrder {
 public:
  /// `expected_work` of one fit of each candidate, in any unit. Job number candidate * n_folds +
  /// fold is one fit.
  JobOrder(const std::vector<double>& expected_work, std::size_t n_folds);

  /// A job that was not handed out before. At most as often as there are jobs.
  std::size_t next();
  /// Another fit of this job's candidate will take about as long.
  void finished(std::size_t job, double seconds);

 private:
  struct Candidate {
    double expected;
    double work;  // as of now
    double seconds = 0.0;
    std::uint32_t n_started = 0;
    std::uint32_t n_finished = 0;
  };

  bool is_before(std::uint32_t a, std::uint32_t b) const;
  void place(std::size_t node);
  void place_anew(std::size_t candidate);

  std::size_t n_folds_;
  std::vector<Candidate> candidates_;
  /// A tournament: node k has the one that comes first of the nodes 2k and 2k + 1, the last nodes
  /// are the candidates, node 1 is the winner.
  std::vector<std::uint32_t> first_;
  double all_expected_ = 0.0;
  double all_seconds_ = 0.0;
};

}  // namespace skarma
