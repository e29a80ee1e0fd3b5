#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <skarma/estimators/nn/estimators.hpp>

namespace skarma::python {

/// Networks of skarma.nn that Python's functions have built, one for each candidate of a search,
/// behind one estimator: its parameter `network` says which is trained.
class BuiltNetworks {
 public:
  /// With what a fit is unless it is told. The shape of samples that are images, or none.
  BuiltNetworks(bool is_classifier, std::int64_t epochs, std::int64_t batch_size,
                std::string device, nn::Shape image_shape)
      : is_classifier_(is_classifier),
        epochs_(epochs),
        batch_size_(batch_size),
        device_(std::move(device)),
        image_shape_(std::move(image_shape)) {}

  /// Keeps a copy of one. Returns its number; number 0 is the estimator's unless it is told. Throws
  /// std::invalid_argument for one that does not read such images.
  std::int64_t add(const nn::Sequential& network);
  /// It knows those that are added later, too.
  std::unique_ptr<Estimator> estimator() const;

 private:
  struct Kept {
    std::mutex mutex;
    std::deque<nn::Sequential> networks;  // a deque's stay where they are
  };

  bool is_classifier_;
  std::int64_t epochs_;
  std::int64_t batch_size_;
  std::string device_;
  nn::Shape image_shape_;
  std::shared_ptr<Kept> kept_ = std::make_shared<Kept>();
};

}  // namespace skarma::python
