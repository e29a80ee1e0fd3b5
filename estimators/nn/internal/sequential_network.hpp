#pragma once

#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>

#include <skarma/core/base/random_state.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/estimators/mlp/internal/trained_network.hpp>
#include <skarma/estimators/nn/internal/settings_for.hpp>
#include <skarma/estimators/nn/sequential.hpp>

namespace skarma::nn {

/// Threads may predict while one fits: a fit works on copies, which take the place of what was
/// there when it is done.
struct Sequential::Network {
  struct State {
    NetworkSpec spec;
    std::shared_ptr<RandomState> random_state;
    std::shared_ptr<const TrainedNetwork> trained{};  // null until weights are wanted

    const TrainedNetwork& drawn(bool float32) {
      if (!trained) {
        auto fresh = std::make_shared<TrainedNetwork>();
        fresh->start(settings_for({}, {}), spec, float32, *random_state);
        trained = std::move(fresh);
      }
      return *trained;
    }
  };

  /// While one lives the network belongs to a fit: nothing else may change it.
  class Claim {
   public:
    explicit Claim(std::shared_ptr<Network> network) : network_(std::move(network)) {
      const std::lock_guard lock(network_->mutex_);
      network_->check_idle();
      network_->is_claimed_ = true;
    }
    ~Claim() {
      const std::lock_guard lock(network_->mutex_);
      network_->is_claimed_ = false;
    }
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;

   private:
    std::shared_ptr<Network> network_;
  };

  Network(NetworkSpec network, const ImageShape& shape, std::shared_ptr<RandomState> draws)
      : input(shape), state_{std::move(network), std::move(draws)} {}
  Network(const Network& other) : input(other.input), state_(other.copied()) {}

  const ImageShape input;

  /// With weights.
  State state(bool float32) {
    const std::lock_guard lock(mutex_);
    state_.drawn(float32);
    return state_;
  }
  NetworkSpec spec() const {
    const std::lock_guard lock(mutex_);
    return state_.spec;
  }
  void set(State state) {
    const std::lock_guard lock(mutex_);
    state_ = std::move(state);
  }
  /// Throws std::runtime_error while a fit is under way.
  void check_unclaimed() const {
    const std::lock_guard lock(mutex_);
    check_idle();
  }
  /// Calls change(state), unless a fit is under way.
  template <class Change>
  void change(const Change& change) {
    const std::lock_guard lock(mutex_);
    check_idle();
    change(state_);
  }

 private:
  State copied() const {
    const std::lock_guard lock(mutex_);
    State copy = state_;
    copy.random_state = std::make_shared<RandomState>(*copy.random_state);
    return copy;
  }
  void check_idle() const {
    if (is_claimed_) throw std::runtime_error("This Sequential is being fitted.");
  }

  mutable std::mutex mutex_;
  State state_;
  bool is_claimed_ = false;
};

}  // namespace skarma::nn
