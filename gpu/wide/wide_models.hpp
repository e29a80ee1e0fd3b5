#pragma once

#include <cstddef>

#include <skarma/gpu/device/products.hpp>
#include <skarma/gpu/wide/fusions.hpp>
#include <skarma/gpu/wide/unfolding.hpp>
#include <skarma/gpu/wide/wide_model.hpp>
#include <skarma/gpu/wide/wide_tasks.hpp>

namespace skarma::gpu {

/// Wide models of one shape that lie side by side on a device: everything of model i lies i times
/// a step after that of the first one.
template <class T>
struct WideModels {
  const WideModel<T>* models;      // on the device, as are the next ones
  const NextBatch<T>* next_batch;  // one each
  WideModel<T> first;              // a copy of models[0]
  std::byte* kept;                 // where the first one's epilogues keep what they keep
  const BlockStep* steps;          // here
  const Count* buffers;            // here: BlockNet::starts
  const Fusions* fusions;          // here
  std::size_t n;
  std::size_t state_step;  // elements between parameters of neighbours
  std::size_t room_step;   // and between those of anything in their rooms
  bool tf32;
  bool has_sparse;  // whether any of them may learn from sparse samples
};

/// The products of their steps, by the fusions.
template <class T>
class WideProducts {
 public:
  WideProducts(const WideModels<T>& models, const Fusions& fusions)
      : models_(models), fusions_(fusions) {}

  /// x W of a dense step.
  Products<T> forward(Count s) const;
  // Of a convolution, for the places of a tile from number `first` on:
  /// What windows see, times W.
  Products<T> convolution(Count s, Count first) const;
  /// The derivatives by what they see.
  Products<T> columns_delta(Count s, Count first) const;
  /// Calls use(products) until all gradients of coefs of a tile's parts are there.
  template <class Use>
  void for_parts(Count s, Count first, const Use& use) const {
    const Tiling tiling = tiling_of(models_.first, models_.steps[s]);
    const Count places = tiling.tile_at(first), whole = places / tiling.part;
    const Count rest = places - whole * tiling.part;
    if (whole == 1) use(part_gradient(s, first, {0, 0, tiling.part}));
    for (std::size_t model = 0; whole > 1 && model < models_.n; ++model) {
      use(parts_gradient(s, first, model, whole));
    }
    if (rest > 0) use(part_gradient(s, first, {whole, whole * tiling.part, rest}));
  }
  /// The gradient of its coefs, which may add up.
  Products<T> coef_gradient(Count s, bool adds) const;
  /// The derivative by its input.
  Products<T> input_delta(Count s) const;

 private:
  /// Some places of a tile.
  struct Part {
    Count number, begin, n;
  };
  /// Of one part, for all models.
  Products<T> part_gradient(Count s, Count first, const Part& part) const;
  /// Of the first parts, all of one size, for one model.
  Products<T> parts_gradient(Count s, Count first, std::size_t model, Count n) const;

  Count rows() const { return models_.first.room.max_rows; }
  Count places_at(const BlockStep& step, Count first) const {
    return tiling_of(models_.first, step).tile_at(first);
  }
  /// Values of a step's places from number `first` on.
  ModelMatrices<T> places(const BlockStep& step, int number, Count first) const;
  const StepFusion& fusion(Count s) const { return fusions_.steps[s]; }
  Products<T> product(const ModelMatrices<const T>& a, const ModelMatrices<const T>& b,
                      const ModelMatrices<T>& c, Count rows, Count columns, Count depth) const;
  Epilogue<T> epilogue(EpilogueKind kind, T* vector, std::size_t vector_step,
                       std::size_t kept) const;
  ModelMatrices<T> buffer(int number, Count width) const;
  ModelMatrices<const T> input(const BlockStep& step) const;
  ModelMatrices<const T> coefs(const BlockStep& step) const;

  const WideModels<T>& models_;
  const Fusions& fusions_;
};

}  // namespace skarma::gpu
