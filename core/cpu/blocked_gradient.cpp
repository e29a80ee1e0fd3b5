#include <skarma/core/cpu/blocked_gradient.hpp>

#include <algorithm>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {
namespace {

constexpr std::size_t kSummedRows = 512;

/// Up to eight, as far as their gradients take no more than 16 MB.
std::size_t n_lanes(const NetworkSpec& spec, std::size_t rows) {
  constexpr std::size_t kMostLanes = 8, kNumbers = 2'000'000;
  const std::size_t blocks = (rows + kSummedRows - 1) / kSummedRows;
  return std::clamp<std::size_t>(std::min(blocks, kNumbers / spec.n_trained()), 1, kMostLanes);
}

template <class T>
Inputs<T> rows_of(const Inputs<T>& inputs, std::size_t begin, std::size_t count) {
  if (const auto* x = std::get_if<kernels::DenseRows<T>>(&inputs)) return x->from_row(begin);
  const auto& x = std::get<kernels::SparseRows<T>>(inputs);
  return kernels::SparseRows<T>{x.values, x.columns, x.begins + begin, x.ends + begin, count};
}

template <class T>
T* moved(T* memory, std::size_t by) {
  return memory == nullptr ? nullptr : memory + by;
}

}  // namespace

template <class T>
BlockedGradient<T>::BlockedGradient(const NetworkSpec& spec, std::size_t rows, ThreadTeam& team)
    : spec_(spec), rows_(std::min(rows, kSummedRows)), team_(&team), lanes_(n_lanes(spec, rows)) {
  SKARMA_CHECK(!spec.differs_in_training());
}

/// The threads for the next sum, with a network each: those of guests are made when they come.
template <class T>
std::size_t BlockedGradient<T>::threads() {
  const bool is_one = lanes_.size() == 1;
  const std::size_t n = is_one ? 1 : std::min(team_->n_threads_to_share(), lanes_.size());
  while (networks_.size() < n) {
    // A single lane leaves the team to the products inside the network.
    networks_.emplace_back(spec_, rows_, is_one ? *team_ : ThreadTeam::alone());
    block_gradients_.emplace_back(spec_.n_trained());
  }
  return n;
}

template <class T>
void BlockedGradient<T>::run_lane(Lane& lane, std::size_t number, Network<T>& network,
                                  std::vector<T>& block_gradient, const T* parameters,
                                  const Batch<T>& batch, const std::stop_token& stop) const {
  lane.loss = 0.0;
  lane.gradient.assign(spec_.n_trained(), 0.0);
  for (std::size_t begin = number * kSummedRows; begin < batch.rows && !stop.stop_requested();
       begin += lanes_.size() * kSummedRows) {
    const std::size_t rows = std::min(kSummedRows, batch.rows - begin);
    const Batch<T> block{rows_of(batch.inputs, begin, rows),
                         moved(batch.codes, begin),
                         moved(batch.values, begin * spec_.n_outputs()),
                         moved(batch.weights, begin),
                         rows,
                         batch.weight};
    lane.loss += network.loss_and_gradient(parameters, block, block_gradient.data());
    for (std::size_t i = 0; i < block_gradient.size(); ++i) lane.gradient[i] += block_gradient[i];
  }
}

template <class T>
double BlockedGradient<T>::operator()(const T* parameters, const Batch<T>& batch,
                                      std::span<double> gradient, const std::stop_token& stop) {
  const std::size_t n_threads = threads();
  team_->run(n_threads, [&](std::size_t thread) {
    for (std::size_t i = thread; i < lanes_.size(); i += n_threads) {
      run_lane(lanes_[i], i, networks_[thread], block_gradients_[thread], parameters, batch, stop);
    }
  });
  double loss = 0.0;
  std::fill(gradient.begin(), gradient.end(), 0.0);
  for (const Lane& lane : lanes_) {
    loss += lane.loss;
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += lane.gradient[i];
  }
  return loss;
}

template class BlockedGradient<float>;
template class BlockedGradient<double>;

}  // namespace skarma
