#include <skarma/estimators/params/random_seed.hpp>

#include <random>

namespace skarma {

std::shared_ptr<RandomState> RandomSeed::generator() const {
  if (generator_) return generator_;
  if (!seed_) {
    std::random_device entropy;
    return std::make_shared<RandomState>(static_cast<std::uint32_t>(entropy()));
  }
  if (*seed_ < 0 || *seed_ > 0xffffffffLL) {
    throw std::invalid_argument("Seed must be between 0 and 2**32 - 1");
  }
  return std::make_shared<RandomState>(static_cast<std::uint32_t>(*seed_));
}

RandomSeed RandomSeed::copy() const {
  return generator_ ? RandomSeed(std::make_shared<RandomState>(*generator_)) : *this;
}

}  // namespace skarma
