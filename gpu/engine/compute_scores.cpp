#include <skarma/gpu/engine/compute_scores.hpp>

#include <cstddef>
#include <cstdint>
#include <map>

#include <skarma/core/engine/score_sums.hpp>
#include <skarma/gpu/engine/compute_outputs.hpp>

namespace skarma::gpu {
namespace {

/// Targets in an image.
struct TargetPlaces {
  Place<std::int32_t> codes;
  Place<double> values, weights;
};

/// Targets and sums of jobs, in memory of their own.
template <class T>
class Scores {
 public:
  Scores(Device& device, std::span<const ScoredModel<T>> scored)
      : device_(device), scored_(scored) {
    for (const ScoredModel<T>& one : scored_) place(one);
    sums_ = image_.make_room<double>(n_sums_);
    memory_ = DeviceMemory(device_, image_.size());
    image_.lies_at(memory_.data());
    image_.upload(device_);
  }

  BlockScore score(std::size_t i) const {
    const ScoreJob& job = *scored_[i].job;
    const TargetPlaces& targets = targets_.at(job.targets);
    return {.targets = {image_.address(targets.codes), image_.address(targets.values),
                        image_.address(targets.weights)},
            .kind = job.kind,
            .n_outputs = scored_[i].model->net.n_outputs,
            .n_sums = static_cast<Count>(count_of(scored_[i])),
            .sums = image_.address(sums_) + first_sums_[i]};
  }
  /// Those of the first job and of its neighbours, which end in front of `end`.
  OutputJob<T> outputs(std::size_t first, std::size_t end) const {
    const auto& [model, data, job, sums] = scored_[first];
    OutputJob<T> all{.net = model->net,
                     .parameters = model->parameters,
                     .samples = &data->view(),
                     .on_device = data->template on_device<T>(),
                     .checks = true,
                     .stop = job->stop,
                     .outputs = nullptr};
    for (std::size_t i = first; i < end; ++i) all.scores.push_back(score(i));
    return all;
  }
  /// The first job after `first` that other outputs are for.
  std::size_t end_of_neighbours(std::size_t first) const {
    const ScoreJob& one = *scored_[first].job;
    std::size_t end = first + 1;
    for (; end < scored_.size(); ++end) {
      const ScoreJob& other = *scored_[end].job;
      if (other.model != one.model || other.data != one.data || other.stop != one.stop) break;
    }
    return end;
  }
  void bring_back() {
    const auto all = image_.download(device_, sums_);
    for (std::size_t i = 0; i < scored_.size(); ++i) {
      const auto first = all.begin() + static_cast<std::ptrdiff_t>(first_sums_[i]);
      scored_[i].sums->emplace(first, first + static_cast<std::ptrdiff_t>(count_of(scored_[i])));
    }
  }

 private:
  static std::size_t count_of(const ScoredModel<T>& one) {
    return n_sums(one.job->kind, one.model->net.n_outputs);
  }
  void place(const ScoredModel<T>& one) {
    const ScoreJob& job = *one.job;
    const BlockNet& net = one.model->net;
    check_score(job, net.is_of_codes, net.n_outputs, one.data->view().n_samples());
    const auto [targets, is_new] = targets_.try_emplace(job.targets);
    if (is_new) {
      targets->second = {image_.add(job.targets->codes), image_.add(job.targets->values),
                         image_.add(job.targets->weights)};
    }
    first_sums_.push_back(n_sums_);
    n_sums_ += count_of(one);
  }

  Device& device_;
  std::span<const ScoredModel<T>> scored_;
  std::map<const Targets<double>*, TargetPlaces> targets_;
  std::vector<std::size_t> first_sums_;  // of each job
  std::size_t n_sums_ = 0;               // of all
  Place<double> sums_;
  Image image_;
  DeviceMemory memory_;
};

}  // namespace

template <class T>
void compute_scores(Workbench& bench, std::span<const ScoredModel<T>> scored) {
  if (scored.empty()) return;
  Scores<T> scores(bench.device(), scored);
  std::vector<OutputJob<T>> jobs;
  std::vector<std::size_t> ends;
  for (std::size_t first = 0; first < scored.size(); first = ends.back()) {
    ends.push_back(scores.end_of_neighbours(first));
    jobs.push_back(scores.outputs(first, ends.back()));
  }
  compute_outputs<T>(bench, jobs);
  scores.bring_back();
  for (std::size_t j = 0, i = 0; j < jobs.size(); ++j) {
    for (; i < ends[j]; ++i) {
      if (jobs[j].stopped) scored[i].sums->reset();
    }
  }
}

template void compute_scores(Workbench&, std::span<const ScoredModel<float>>);
template void compute_scores(Workbench&, std::span<const ScoredModel<double>>);

}  // namespace skarma::gpu
