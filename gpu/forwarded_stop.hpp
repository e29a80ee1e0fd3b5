#pragma once

#include <new>
#include <stop_token>

#include <skarma/core/engine/device_abi.h>

namespace skarma::gpu {

/// A stop request of the other side as a token here, as long as this lives.
class ForwardedStop {
 public:
  /// Null: nobody asks. Throws std::bad_alloc.
  explicit ForwardedStop(const skarma_stop* stop) : stop_(stop) {
    if (stop_ == nullptr) return;
    source_ = std::stop_source();
    subscription_ = stop_->subscribe(stop_->context, request, &source_);
    if (subscription_ == nullptr) throw std::bad_alloc();
  }
  ~ForwardedStop() {
    if (subscription_ != nullptr) stop_->unsubscribe(subscription_);
  }
  ForwardedStop(const ForwardedStop&) = delete;
  ForwardedStop& operator=(const ForwardedStop&) = delete;

  std::stop_token token() const { return source_.get_token(); }

 private:
  static void request(void* source) { static_cast<std::stop_source*>(source)->request_stop(); }

  const skarma_stop* stop_;
  std::stop_source source_{std::nostopstate};
  void* subscription_ = nullptr;
};

}  // namespace skarma::gpu
