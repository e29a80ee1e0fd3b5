#include <skarma/gpu/engine/wide_group.hpp>

#include <algorithm>
#include <utility>

namespace skarma::gpu {
namespace {

/// The most numbers that convolutions need of so many rows, to copy together what windows see in
/// about `memory` of them, and to sum parts of gradients.
struct ColumnsRoom {
  std::size_t columns = 0, parts = 0;

  ColumnsRoom(const BlockNet& net, Count rows, std::size_t memory) {
    for (Count s = 0; s < net.n_steps; ++s) {
      const BlockStep& step = net.steps[s];
      if (step.operation != Operation::conv2d) continue;
      const Tiling tiling = tiling_of(step, rows, memory);
      columns = std::max(columns, std::size_t{tiling.tile} * step.depth());
      parts = std::max(parts, tiling.n_parts(tiling.tile) * sums_of_part(step));
    }
  }
};

/// The widest of what steps read.
std::size_t widest_input(const BlockNet& net) {
  Count widest = 0;
  for (Count s = 0; s < net.n_steps; ++s) widest = std::max(widest, net.steps[s].inputs);
  return widest;
}

/// Those of a group from one place on.
template <class T>
WideModels<T> some_of(const WideModels<T>& all, std::size_t first, std::size_t n) {
  WideModels<T> some = all;
  const std::size_t state = first * all.state_step, room = first * all.room_step;
  some.models += first;
  some.next_batch += first;
  some.n = n;
  some.first.parameters += state;
  some.first.gradient += room;
  some.first.products += room;
  some.first.columns += room;
  some.first.parts += room;
  some.first.room.x += room;
  some.first.room.buffers += room;
  some.kept += room * sizeof(T);
  return some;
}

}  // namespace

template <class T>
void WideGroup<T>::take_steps(Device& device, const Some& which, std::size_t n_steps) {
  constexpr std::size_t kAtOnce = 16;
  WideModels<T> chosen = some(which.first, which.n);
  chosen.has_sparse = which.has_sparse;
  const auto recorded = [&](std::size_t n) -> Recording& {
    auto& recording = steps[{which, n}];
    if (recording == nullptr) {
      recording = device.record([&] {
        for (std::size_t i = 0; i < n; ++i) take_wide_step(device, chosen);
      });
    }
    return *recording;
  };
  for (; n_steps >= kAtOnce; n_steps -= kAtOnce) recorded(kAtOnce).replay();
  for (; n_steps > 0; --n_steps) recorded(1).replay();
  finish_wide_steps(device, chosen);
}

template <class T>
void WideGroup<T>::make_ready(Device& device) {
  fusions = fusions_on(device, models, std::move(fusions));
  take_wide_step(device, models);
}

template <class T>
WideModels<T> WideGroup<T>::some(std::size_t first, std::size_t n) const {
  return some_of(models, first, n);
}

template <class T>
WideOpening<T>::WideOpening(Image& image, const BlockProgram& program, Count batch, std::size_t n,
                            bool clips_norm, std::size_t columns_memory)
    : n_(n),
      n_columns_(columns_memory / sizeof(T)),
      layout_(layout_for<T>(program.net(), batch, {.gradient = true})) {
  std::size_t kept_bytes = 0;
  fusions_ = plain_fusions<T>(program.net(), batch, kept_bytes);
  Places room;
  room.place<std::byte>(layout_.bytes);
  products_ = room.place<T>(widest_input(program.net()) * batch);
  lanes_ = room.place<double>(clips_norm ? kAllLanes : kWideLanes);
  room.align(kAlignment);
  kept_ = room.place<std::byte>(kept_bytes);
  const ColumnsRoom of_images(program.net(), batch, n_columns_);
  room.align(kAlignment);
  columns_ = room.place<T>(of_images.columns);
  room.align(kAlignment);
  parts_ = room.place<T>(of_images.parts);
  room_step_ = padded(room.end());
  models_ = image.make_room<WideModel<T>>(n);
  progress_ = image.make_room<WideProgress>(n);
  next_batch_ = image.make_room<NextBatch<T>>(n);
}

template <class T>
WideModel<T> WideOpening<T>::model_on_device(const Image& image, std::size_t i, std::byte* room,
                                             const OpenedModel<T>& opened,
                                             const BlockModel<T>& model) const {
  return {.model = model,
          .room = room_of<T>(layout_, room),
          .parameters = opened.parameters,
          .moments = opened.moments,
          .gradient = at<T>(room, layout_.gradient),
          .products = at<T>(room, products_),
          .columns = at<T>(room, columns_),
          .parts = at<T>(room, parts_),
          .n_columns = n_columns_,
          .lanes = at<double>(room, lanes_),
          .progress = image.address(progress_) + i};
}

template <class T>
void WideOpening<T>::open(Image& image, std::byte* rooms, std::span<OpenedModel<T>> opened,
                          std::span<const BlockModel<T>> models, bool tf32) const {
  const auto& program = opened.front().program;
  const std::ptrdiff_t state_step =
      n_ > 1 ? opened[1].parameters - opened[0].parameters : std::ptrdiff_t{0};
  auto group = std::make_shared<WideGroup<T>>(
      WideGroup<T>{.program = program,
                   .models = {.models = image.address(models_),
                              .next_batch = image.address(next_batch_),
                              .first = model_on_device(image, 0, rooms, opened[0], models[0]),
                              .kept = rooms + kept_,
                              .steps = program->net().steps,
                              .buffers = program->net().starts,
                              .fusions = nullptr,
                              .n = n_,
                              .state_step = static_cast<std::size_t>(state_step),
                              .room_step = room_step_ / sizeof(T),
                              .tf32 = tf32,
                              .has_sparse = true},
                   .fusions = fusions_,
                   .progress = image.address(progress_),
                   .n_rows_of_step = layout_.max_rows});
  group->models.fusions = &group->fusions;
  for (std::size_t i = 0; i < n_; ++i) {
    const WideModel<T>* const there = image.address(models_) + i;
    image.put(models_, i, model_on_device(image, i, rooms + i * room_step_, opened[i], models[i]));
    image.put(progress_, i, WideProgress{});
    image.put(next_batch_, i, NextBatch<T>{there});
    opened[i].wide = group;
    opened[i].slot = i;
  }
}

template struct WideGroup<float>;
template struct WideGroup<double>;
template class WideOpening<float>;
template class WideOpening<double>;

}  // namespace skarma::gpu
