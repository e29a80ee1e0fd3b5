#include <skarma/gpu/engine/train_wide.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include <skarma/gpu/engine/wide_group.hpp>

namespace skarma::gpu {
namespace {

template <class T>
WideProgress start_of(const Passage<T>& passage) {
  const TrainJob<T>& job = passage.job;
  return {.rows = passage.rows,
          .batch_size = static_cast<Count>(job.range->batch_size),
          .trains = true,
          .rule = passage.rule(),
          .n_steps = job.model->n_steps,
          .loss_sum = job.loss->loss_sum,
          .weight = 0.0,
          .first_row = 0,
          .n_rows = 0};
}

template <class T>
std::size_t slot(const Passage<T>& passage) {
  return passage.job.model->slot;
}

/// Models of one group, in the order of their places. Those between them that are not to be trained
/// go along without rows, which changes nothing of them.
template <class T>
void train_side_by_side(Device& device, std::span<const Passage<T>> passages) {
  WideGroup<T>& group = *passages.front().job.model->wide;
  const std::size_t first = slot(passages.front());
  std::vector<WideProgress> progress(slot(passages.back()) - first + 1);
  std::size_t n_steps = 0;
  bool is_sparse = false;
  for (const Passage<T>& passage : passages) {
    is_sparse = is_sparse || passage.rows.samples.columns != nullptr;
    progress[slot(passage) - first] = start_of(passage);
    n_steps = std::max(n_steps, passage.n_batches());
  }
  WideProgress* const there = group.progress + first;
  device.upload(there, progress.data(), progress.size() * sizeof(WideProgress));
  group.take_steps(device, {first, progress.size(), is_sparse}, n_steps);
  device.download(progress.data(), there, progress.size() * sizeof(WideProgress));
  for (const Passage<T>& passage : passages) {
    passage.job.loss->loss_sum = progress[slot(passage) - first].loss_sum;
  }
}

}  // namespace

template <class T>
void train_wide(Device& device, std::vector<Passage<T>> passages) {
  for_each_company(
      std::move(passages),
      [](const Passage<T>& passage) -> const OpenedModel<T>& { return *passage.job.model; },
      [&](std::span<const Passage<T>> company) { train_side_by_side(device, company); });
}

template void train_wide(Device&, std::vector<Passage<float>>);
template void train_wide(Device&, std::vector<Passage<double>>);

}  // namespace skarma::gpu
