#pragma once

#include <cstdint>
#include <span>

#include <skarma/core/base/augmentation.hpp>
#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/sample_view.hpp>
#include <skarma/core/net/node.hpp>
#include <skarma/core/parallel/thread_team.hpp>

namespace skarma {

/// Throws std::invalid_argument for numbers out of their range.
void check_augmentation(const Augmentation& augmentation);
/// The same for samples of this shape: only images can be moved.
void check_augmentations(std::span<const Augmentation> augmentations, const ImageShape& shape);

/// Which minibatch it is; `seed` is the training's.
struct MinibatchNumber {
  std::uint64_t seed, epoch, batch;
};

/// Does all augmentations, one after another, to a minibatch: `rows` are the samples with these
/// numbers. No bit depends on the team, nor, but for functions, on which samples are together.
template <class T>
void augment(std::span<const Augmentation> augmentations, const ImageShape& shape,
             const MinibatchNumber& number, std::span<const RowIndex> samples, MatrixView<T> rows,
             ThreadTeam& team = ThreadTeam::alone());

}  // namespace skarma
