#include <skarma/core/optim/initialise.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/kernels/lapack.hpp>

namespace skarma {
namespace {

std::vector<double> normal_numbers(RandomState& random_state, std::size_t n, double deviation) {
  std::vector<double> numbers(n);
  for (double& v : numbers) v = deviation * random_state.gauss();
  return numbers;
}

/// Shape (rows, cols). R's diagonal is positive, so that Q is uniform among all (Mezzadri, Notices
/// of the AMS 54, 2007).
std::vector<double> orthogonal_matrix(RandomState& random_state, std::size_t rows, std::size_t cols,
                                      double gain) {
  const auto drawn = normal_numbers(random_state, rows * cols, 1.0);
  const std::size_t height = std::max(rows, cols), width = std::min(rows, cols);
  const auto place = [&](std::size_t i, std::size_t j) {  // of element (i, j) of the tall one
    return rows >= cols ? i * cols + j : j * cols + i;
  };
  std::vector<double> q(drawn.size()), diagonal(width);
  for (std::size_t j = 0; j < width; ++j) {
    for (std::size_t i = 0; i < height; ++i) q[j * height + i] = drawn[place(i, j)];
  }
  kernels::qr(height, width, q.data(), diagonal.data());
  std::vector<double> result(drawn.size());
  for (std::size_t j = 0; j < width; ++j) {
    const double factor = diagonal[j] < 0.0 ? -gain : gain;
    for (std::size_t i = 0; i < height; ++i) result[place(i, j)] = factor * q[j * height + i];
  }
  return result;
}

/// The weights of a node, shape (inputs, outputs). What is computed by a filter of a convolution is
/// read as often as the filter sees places at a time.
std::vector<double> weights(const Initialiser& initialiser, RandomState& random_state,
                            const Node& node) {
  const std::size_t outputs = node.slots[1].size, n = node.slots[0].size, inputs = n / outputs;
  const std::size_t readings = node.window.height * node.window.width;
  const auto fan_in = static_cast<double>(inputs);
  const auto fan_out = static_cast<double>(outputs * readings);
  const double fan = initialiser.averages_fans ? 0.5 * (fan_in + fan_out) : fan_in;
  const double variance = initialiser.scale / fan;
  switch (initialiser.distribution) {
    case InitialDistribution::uniform: {
      const double bound = std::sqrt(3.0 * variance);
      std::vector<double> numbers(n);
      for (double& v : numbers) v = random_state.uniform(-bound, bound);
      return numbers;
    }
    case InitialDistribution::normal:
      return normal_numbers(random_state, n, std::sqrt(variance));
    case InitialDistribution::orthogonal:
      return orthogonal_matrix(random_state, inputs, outputs, initialiser.number);
    case InitialDistribution::constant:
      return std::vector<double>(n, initialiser.number);
    case InitialDistribution::by_activation:
      break;
  }
  SKARMA_CHECK(false);
  return {};
}

/// What the slot says of itself.
template <class T>
void draw_slot(const Slot& slot, RandomState& random_state, std::span<T> numbers) {
  const auto [value, bound] = slot.initial;
  for (T& w : numbers) {
    w = static_cast<T>(bound > 0.0 ? random_state.uniform(value - bound, value + bound) : value);
  }
}

}  // namespace

template <class T>
void initialise(const NetworkSpec& spec, RandomState& random_state, std::span<T> parameters,
                const Initialiser& initialiser) {
  SKARMA_CHECK(parameters.size() == spec.n_parameters());
  const bool is_auto = initialiser.distribution == InitialDistribution::by_activation;
  for (const Node& node : spec.nodes()) {
    for (const Slot& slot : node.slots) {
      const auto numbers = parameters.subspan(slot.offset, slot.size);
      if (is_auto || !has_weights(node.operation)) {
        draw_slot(slot, random_state, numbers);
      } else if (slot.name == "coefs") {
        const auto drawn = weights(initialiser, random_state, node);
        std::ranges::transform(drawn, numbers.begin(), [](double v) { return static_cast<T>(v); });
      } else {
        std::ranges::fill(numbers, T(0));
      }
    }
  }
}

template void initialise<float>(const NetworkSpec&, RandomState&, std::span<float>,
                                const Initialiser&);
template void initialise<double>(const NetworkSpec&, RandomState&, std::span<double>,
                                 const Initialiser&);

}  // namespace skarma
