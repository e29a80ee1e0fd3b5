#include <skarma/core/train/epoch_orders.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <tuple>

namespace skarma {
namespace {

/// What decides about all orders that a run will draw.
struct Draws {
  const TrainingRun* run;

  bool operator<(const Draws& other) const { return key() < other.key(); }

 private:
  using Key = std::tuple<const std::size_t&, const bool&, const int&, const bool&, const double&,
                         const std::array<std::uint32_t, 624>&>;
  Key key() const {
    const RandomState::State& state = run->random_state->state();
    return std::tie(run->n_samples, run->settings.shuffle, state.pos, state.has_gauss, state.gauss,
                    state.key);
  }
};

/// How many runs draw from each generator.
std::map<const RandomState*, int> uses(std::span<TrainingRun* const> runs) {
  std::map<const RandomState*, int> n;
  for (const TrainingRun* run : runs) ++n[run->random_state];
  return n;
}

}  // namespace

EpochOrder::EpochOrder(TrainingRun& run)
    : generator_(run.random_state), shuffles_(run.settings.shuffle), positions_(run.n_samples) {
  std::iota(positions_.begin(), positions_.end(), RowIndex{0});
}

void EpochOrder::share() {
  if (copy_ != nullptr) return;
  copy_ = std::make_unique<RandomState>(*generator_);
  generator_ = copy_.get();
}

void EpochOrder::leave(TrainingRun& run) const {
  if (copy_ != nullptr) *run.random_state = *copy_;
}

void EpochOrder::shuffle() {
  if (shuffles_) generator_->shuffle(std::span(positions_));
}

std::vector<std::shared_ptr<EpochOrder>> epoch_orders(std::span<TrainingRun* const> runs) {
  if (runs.size() == 1) return {std::make_shared<EpochOrder>(*runs.front())};
  const auto n_uses = uses(runs);
  std::map<Draws, std::shared_ptr<EpochOrder>> known;
  std::vector<std::shared_ptr<EpochOrder>> orders;
  for (TrainingRun* const run : runs) {
    const RandomState* const generator = run->random_state;
    const bool is_its_own =
        generator != nullptr && generator->has_own_state() && n_uses.at(generator) == 1;
    std::shared_ptr<EpochOrder> alone;
    auto& order = is_its_own ? known[{run}] : alone;
    if (order == nullptr) {
      order = std::make_shared<EpochOrder>(*run);
    } else {
      order->share();
    }
    orders.push_back(order);
  }
  return orders;
}

}  // namespace skarma
