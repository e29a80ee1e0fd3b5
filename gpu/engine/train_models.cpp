#include <skarma/gpu/engine/train_models.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include <skarma/core/engine/device_codes.hpp>

namespace skarma::gpu {
namespace {

BlockRule block_rule(const UpdateRule& rule, double rate) {
  return {.rule = static_cast<Rule>(code_of(kRuleNamesByCode, rule.name)),
          .rate = rate,
          .momentum = rule.momentum,
          .nesterovs_momentum = rule.nesterovs_momentum,
          .beta_1 = rule.beta_1,
          .beta_2 = rule.beta_2,
          .epsilon = rule.epsilon,
          .weight_decay = rule.weight_decay};
}

/// The positions that a range visits, in their order.
std::span<const RowIndex> positions_of(const EpochRange& range) {
  const std::size_t begin = std::min(range.first_batch * range.batch_size, range.order.size());
  const std::size_t end = std::min(range.end_batch * range.batch_size, range.order.size());
  return range.order.subspan(begin, end - begin);
}

/// Throws where the weights of a batch sum to 0.
template <class T>
void check_weights(const TrainJob<T>& job) {
  const auto& weights = job.model->weights;
  if (weights.empty()) return;
  const auto positions = positions_of(*job.range);
  for (std::size_t begin = 0; begin < positions.size(); begin += job.range->batch_size) {
    const auto rows = static_cast<Count>(std::min(job.range->batch_size, positions.size() - begin));
    if (weight_of(weights.data(), positions.data() + begin, rows) != 0.0) continue;
    throw std::domain_error("Weights sum to zero, can't be normalized");
  }
}

template <class T>
TrainTask<T> task_for(const TrainJob<T>& job, const BlockRows& rows, double* loss_sum) {
  return {.model = job.model->model,
          .rule = block_rule(job.model->rule, job.range->rate),
          .rows = rows,
          .batch_size = static_cast<Count>(job.range->batch_size),
          .n_steps = job.model->n_steps,
          .loss_sum = loss_sum};
}

/// The orders of a group: those that models have in common go to the device once.
class Orders {
 public:
  Place<RowIndex> place(Image& image, std::span<const RowIndex> positions) {
    const auto [found, is_new] = places_.try_emplace({positions.data(), positions.size()});
    if (is_new) found->second = image.add(positions);
    return found->second;
  }

 private:
  std::map<std::pair<const RowIndex*, std::size_t>, Place<RowIndex>> places_;
};

/// Models whose samples are on the device.
template <class T>
void train_resident(Workbench& bench, std::span<const TrainJob<T>> jobs) {
  if (jobs.empty()) return;
  Image image;
  std::vector<double> sums;
  std::vector<Place<RowIndex>> positions;
  std::size_t shared_bytes = 0;
  Orders orders;
  for (const TrainJob<T>& job : jobs) {
    sums.push_back(job.loss->loss_sum);
    positions.push_back(orders.place(image, positions_of(*job.range)));
    shared_bytes = std::max(shared_bytes, job.model->shared_bytes);
  }
  const auto losses = image.add(sums);
  const auto tasks = image.make_room<TrainTask<T>>(jobs.size());
  bench.place(image);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const RowIndex* const order = image.address(positions[i]);
    const BlockRows rows{*jobs[i].model->data->template on_device<T>(), order, 0, order,
                         static_cast<Count>(positions[i].n)};
    image.put(tasks, i, task_for(jobs[i], rows, image.address(losses) + i));
  }
  image.upload(bench.device());
  bench.launch(image, tasks, shared_bytes);
  sums = image.download(bench.device(), losses);
  for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i].loss->loss_sum = sums[i];
}

/// Whole batches of a model's samples, which are gathered here.
template <class T>
void train_gathered(Workbench& bench, const TrainJob<T>& job,
                    std::span<const RowIndex> some_positions) {
  const SampleView& samples = job.model->data->view();
  std::vector<T> x(some_positions.size() * samples.n_features());
  samples.gather(some_positions, x.data());
  Image image;
  const auto values = image.add(x);
  const auto positions = image.add(some_positions);
  const auto loss = image.add(std::span<const double>(&job.loss->loss_sum, 1));
  const auto task = image.make_room<TrainTask<T>>(1);
  bench.place(image);
  const BlockRows rows{plain_rows<T>(image.address(values), samples.n_features()), nullptr, 0,
                       image.address(positions), static_cast<Count>(some_positions.size())};
  image.put(task, 0, task_for(job, rows, image.address(loss)));
  image.upload(bench.device());
  bench.launch(image, task, job.model->shared_bytes);
  job.loss->loss_sum = image.download(bench.device(), loss).front();
}

template <class T>
void train_streamed(Workbench& bench, const TrainJob<T>& job) {
  const std::size_t batch_size = job.range->batch_size;
  const std::size_t row_bytes = job.model->data->view().n_features() * sizeof(T);
  const std::size_t batches =
      std::max<std::size_t>(1, streamed_bytes(bench.device()) / row_bytes / batch_size);
  auto left = positions_of(*job.range);
  while (!left.empty()) {
    const auto some = left.first(std::min(left.size(), batches * batch_size));
    train_gathered(bench, job, some);
    job.model->n_steps += static_cast<std::int64_t>((some.size() + batch_size - 1) / batch_size);
    left = left.subspan(some.size());
  }
}

}  // namespace

template <class T>
void train_models(Workbench& bench, std::span<const TrainJob<T>> jobs) {
  std::vector<TrainJob<T>> resident;
  for (const TrainJob<T>& job : jobs) check_weights(job);
  for (const TrainJob<T>& job : jobs) {
    if (positions_of(*job.range).empty()) continue;
    if (job.model->data->template on_device<T>() != nullptr) {
      resident.push_back(job);
    } else {
      train_streamed(bench, job);
    }
  }
  train_resident<T>(bench, resident);
  for (const TrainJob<T>& job : resident) {
    job.model->n_steps += static_cast<std::int64_t>(job.range->end_batch - job.range->first_batch);
  }
}

template void train_models(Workbench&, std::span<const TrainJob<float>>);
template void train_models(Workbench&, std::span<const TrainJob<double>>);

}  // namespace skarma::gpu
