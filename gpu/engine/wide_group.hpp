#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <skarma/gpu/engine/image.hpp>
#include <skarma/gpu/engine/opened_model.hpp>
#include <skarma/gpu/wide/wide_step.hpp>

namespace skarma::gpu {

/// Wide networks of one shape that were opened together.
template <class T>
struct WideGroup {
  std::shared_ptr<const BlockProgram> program;
  WideModels<T> models;  // all of them; what they share is here
  Fusions fusions;
  WideProgress* progress;  // on the device, one each
  /// Some of them, side by side.
  struct Some {
    std::size_t first, n;
    bool has_sparse;  // whether any of them learns from sparse samples
    auto operator<=>(const Some&) const = default;
  };
  /// Of their next minibatches: of one, and of several at once.
  std::map<std::pair<Some, std::size_t>, std::unique_ptr<Recording>> steps{};

  Count n_rows_of_step;

  /// Fuses what the device has, and takes a step without rows: kernels and products are made ready,
  /// so that steps can be recorded.
  void make_ready(Device& device);
  /// Takes some models through their next minibatches.
  void take_steps(Device& device, const Some& some, std::size_t n_steps);
  /// `n` models from number `first` on.
  WideModels<T> some(std::size_t first, std::size_t n) const;
  T* gradient_of(std::size_t model) const {
    return models.first.gradient + model * models.room_step;
  }
};

/// Whether models go along with `n` others from place `first` on, where `next` is the next place:
/// not where most of all would have nothing to do.
constexpr bool goes_along(std::size_t first, std::size_t n, std::size_t next) {
  return next - first + 1 <= 2 * (n + 1);
}

/// Calls f(items), once for those of each group that go along with one another, in the order of
/// their places. model_of(item) is an OpenedModel.
template <class Item, class ModelOf, class F>
void for_each_company(std::vector<Item> items, const ModelOf& model_of, const F& f) {
  std::ranges::sort(items, {}, [&](const Item& item) {
    return std::pair(model_of(item).wide.get(), model_of(item).slot);
  });
  for (std::size_t begin = 0; begin < items.size();) {
    const auto& first = model_of(items[begin]);
    std::size_t n = 1;
    while (begin + n < items.size() && model_of(items[begin + n]).wide == first.wide &&
           goes_along(first.slot, n, model_of(items[begin + n]).slot)) {
      ++n;
    }
    f(std::span<const Item>(items).subspan(begin, n));
    begin += n;
  }
}

/// What a group of wide networks has in an image beside what all models have, and behind it.
template <class T>
class WideOpening {
 public:
  WideOpening(Image& image, const BlockProgram& program, Count batch, std::size_t n,
              bool clips_norm, std::size_t columns_memory);

  /// Of all rooms.
  std::size_t room_bytes() const { return room_step_ * n_; }
  /// Makes a group of the opened models. `rooms` lie behind the image.
  void open(Image& image, std::byte* rooms, std::span<OpenedModel<T>> opened,
            std::span<const BlockModel<T>> models, bool tf32) const;

 private:
  WideModel<T> model_on_device(const Image& image, std::size_t i, std::byte* room,
                               const OpenedModel<T>& opened, const BlockModel<T>& model) const;

  std::size_t n_, n_columns_;
  BlockLayout layout_;  // with the gradient
  Fusions fusions_;
  std::size_t products_, lanes_, kept_, columns_, parts_, room_step_;
  Place<WideModel<T>> models_;
  Place<WideProgress> progress_;
  Place<NextBatch<T>> next_batch_;
};

}  // namespace skarma::gpu
