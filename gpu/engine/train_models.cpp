#include <skarma/gpu/engine/train_models.hpp>

#include <algorithm>
#include <map>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <skarma/gpu/engine/image.hpp>
#include <skarma/gpu/engine/train_wide.hpp>

namespace skarma::gpu {
namespace {

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

/// Small networks: each is one block's.
template <class T>
void train_by_blocks(Workbench& bench, std::span<const Passage<T>> passages) {
  if (passages.empty()) return;
  Image image;
  std::size_t shared_bytes = 0;
  const auto losses = image.make_room<double>(passages.size());
  const auto tasks = image.make_room<TrainTask<T>>(passages.size());
  bench.place_beside(image);
  for (std::size_t i = 0; i < passages.size(); ++i) {
    const auto& [job, rows] = passages[i];
    image.put(losses, i, job.loss->loss_sum);
    image.put(tasks, i,
              {.model = job.model->model,
               .rule = passages[i].rule(),
               .rows = rows,
               .batch_size = static_cast<Count>(job.range->batch_size),
               .n_steps = job.model->n_steps,
               .loss_sum = image.address(losses) + i});
    shared_bytes = std::max(shared_bytes, job.model->shared_bytes);
  }
  image.upload(bench.device());
  bench.launch(image, tasks, shared_bytes);
  const auto sums = image.download(bench.device(), losses);
  for (std::size_t i = 0; i < passages.size(); ++i) passages[i].job.loss->loss_sum = sums[i];
}

template <class T>
void train_all(Workbench& bench, std::span<const Passage<T>> passages) {
  std::vector<Passage<T>> small, wide;
  for (const Passage<T>& passage : passages) {
    (passage.job.model->wide == nullptr ? small : wide).push_back(passage);
  }
  train_by_blocks<T>(bench, small);
  train_wide<T>(bench.device(), std::move(wide));
  for (const Passage<T>& passage : passages) {
    passage.job.model->n_steps += static_cast<std::int64_t>(passage.n_batches());
  }
}

/// Models whose samples are on the device.
template <class T>
void train_resident(Workbench& bench, std::span<const TrainJob<T>> jobs) {
  if (jobs.empty()) return;
  Image image;
  Orders orders;
  std::vector<Place<RowIndex>> positions;
  for (const TrainJob<T>& job : jobs) {
    positions.push_back(orders.place(image, positions_of(*job.range)));
  }
  bench.place(image);
  image.upload(bench.device());
  std::vector<Passage<T>> passages;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const RowIndex* const order = image.address(positions[i]);
    passages.push_back({jobs[i],
                        {*jobs[i].model->data->template on_device<T>(), order, 0, order,
                         static_cast<Count>(positions[i].n)}});
  }
  train_all<T>(bench, passages);
}

/// Whole batches of a model's samples, which are gathered here.
template <class T>
void train_gathered(Workbench& bench, const TrainJob<T>& job, std::span<const RowIndex> positions) {
  const SampleView& samples = job.model->data->view();
  std::vector<T> x(positions.size() * samples.n_features());
  samples.gather(positions, x.data());
  Image image;
  const auto values = image.add(x);
  const auto order = image.add(positions);
  bench.place(image);
  image.upload(bench.device());
  const Passage<T> passage{job,
                           {plain_rows<T>(image.address(values), samples.n_features()), nullptr, 0,
                            image.address(order), static_cast<Count>(positions.size())}};
  train_all<T>(bench, {&passage, 1});
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
}

template void train_models(Workbench&, std::span<const TrainJob<float>>);
template void train_models(Workbench&, std::span<const TrainJob<double>>);

}  // namespace skarma::gpu
