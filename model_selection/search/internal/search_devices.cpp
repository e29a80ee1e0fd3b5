#include <skarma/model_selection/search/internal/search_devices.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <skarma/core/engine/choose_device.hpp>
#include <skarma/core/engine/device_name.hpp>
#include <skarma/core/engine/registry.hpp>
#include <skarma/model_selection/search/internal/expected_work.hpp>

namespace skarma {
namespace {

constexpr const char* kFirstGpu = "cuda:0";

}  // namespace

/// A GPU that may be the choice of 'auto' says how many fits it would take together.
void SearchDevices::add(const Estimator& candidate) {
  const bool is_auto = candidate.device() == "auto";
  if (is_auto && choose(candidate, n_fits_) == kFirstGpu) ask(kFirstGpu);
  const std::string device = device_of(candidate, 0);
  use(device);
  if (device != kFirstGpu || candidate.device() == kFirstGpu) all_for_cuda_ = false;
}

/// The engine of a device that trains one model at a time is let go: each thread has its own.
void SearchDevices::ask(const std::string& device) {
  if (most_models_.contains(device) || !is_device(device)) return;
  auto engine = options_.make_engine(device, 1, nullptr);
  const std::size_t most = engine->capabilities().most_models;
  if (most > 1) engines_.emplace(device, std::move(engine));
  most_models_.emplace(device, most);
}

void SearchDevices::use(const std::string& device) {
  ask(device);
  used_.insert(device);
}

/// Fits that are prepared in turns, by one thread, may draw from one generator.
void SearchDevices::share_gpus() {
  std::erase_if(engines_, [this](const auto& engine) { return !used_.contains(engine.first); });
  if (!all_for_cuda_ || in_turns() || n_fits_ < 2) return;
  n_gpus_ = std::clamp<std::size_t>(options_.count_gpus(), 1, n_fits_);
  n_working_ = n_gpus_;
  for (std::size_t gpu = 1; gpu < n_gpus_; ++gpu) use(fmt::format("cuda:{}", gpu));
}

std::size_t SearchDevices::n_fitters() const {
  if (n_gpus_ > 1) return n_gpus_;
  return sizes().largest() > 1 ? 1 : static_cast<std::size_t>(n_threads_);
}

GroupSizes SearchDevices::sizes() const {
  GroupSizes sizes((n_fits_ + n_gpus_ - 1) / n_gpus_);
  for (const auto& [device, most] : most_models_) {
    if (used_.contains(device)) sizes.set(device, most);
  }
  return sizes;
}

std::string SearchDevices::device_of(const Estimator& candidate, std::size_t fitter) const {
  if (n_gpus_ > 1) return fmt::format("cuda:{}", fitter);
  if (candidate.device() != "auto") return full_device_name(candidate.device());
  const auto most = most_models_.find(kFirstGpu);
  return choose(candidate, most == most_models_.end() ? n_fits_ : most->second);
}

/// "cuda:0" or "cpu"; empty, and the fit chooses, where nothing is known of it. Fits in turns are
/// trained one by one.
std::string SearchDevices::choose(const Estimator& candidate, std::size_t n_together) const {
  auto work = fit_work(candidate, folds_.x(), folds_.y());
  if (!work) return {};
  work->n_fits = in_turns() ? 1 : std::min(n_together, n_fits_);
  return choose_device(*work, [this] { return options_.count_gpus() > 0; });
}

Placement SearchDevices::placement(const Estimator& candidate, std::size_t fitter) const {
  Placement placement{.device = device_of(candidate, fitter)};
  const auto most = most_models_.find(placement.device);
  if (most == most_models_.end() || most->second == 1) return placement;
  placement.bytes = expected_bytes(candidate, folds_.x(), folds_.y());
  return placement;
}

std::unique_ptr<Engine> SearchDevices::make(std::string_view device, int n_threads,
                                            SpareThreads* spare) {
  {
    const std::lock_guard lock(mutex_);
    const auto asked = engines_.find(device);
    if (asked != engines_.end() && asked->second != nullptr) return std::move(asked->second);
  }
  return options_.make_engine(device, n_threads, spare);
}

bool SearchDevices::leave() {
  std::size_t n = n_working_;
  while (n > 1) {
    if (n_working_.compare_exchange_weak(n, n - 1)) return true;
  }
  return false;
}

}  // namespace skarma
