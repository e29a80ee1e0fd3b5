#include <skarma/core/engine/stop_description.hpp>

#include <memory>

namespace skarma {
namespace {

struct Telling {
  void (*tell)(void* listener);
  void* listener;
  void operator()() const noexcept { tell(listener); }
};
using Subscription = std::stop_callback<Telling>;

void* subscribe(const void* context, void (*tell)(void*), void* listener) noexcept {
  const auto& token = *static_cast<const std::stop_token*>(context);
  try {
    return std::make_unique<Subscription>(token, Telling{tell, listener}).release();
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void unsubscribe(void* subscription) noexcept {
  const std::unique_ptr<Subscription> ended(static_cast<Subscription*>(subscription));
}

}  // namespace

StopDescription::StopDescription(const std::stop_token& token)
    : possible_(token.stop_possible()), stop_{&token, subscribe, unsubscribe} {}

}  // namespace skarma
