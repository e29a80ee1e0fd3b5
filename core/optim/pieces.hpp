#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>

#include <skarma/core/parallel/thread_team.hpp>

namespace skarma {

/// The sum of part(begin, end) over pieces of a run of parameters. Pieces depend on its size alone
/// and are summed in their order: no thread changes a bit.
template <class Part>
double sum_of_pieces(ThreadTeam& team, std::size_t begin, std::size_t end, const Part& part) {
  constexpr std::size_t kPiece = 16384, kMostPieces = 64;
  const std::size_t size = end - begin;
  const std::size_t pieces = std::clamp<std::size_t>(size / kPiece, 1, kMostPieces);
  std::array<double, kMostPieces> sums{};
  team.run(pieces, [&](std::size_t i) {
    sums[i] =
        part(begin + part_begin(i, size, pieces, 64), begin + part_begin(i + 1, size, pieces, 64));
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

}  // namespace skarma
