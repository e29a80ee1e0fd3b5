#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include <skarma/core/engine/shared_engine.hpp>
#include <skarma/estimators/estimator.hpp>
#include <skarma/model_selection/internal/fit_and_score.hpp>
#include <skarma/model_selection/search/internal/group_sizes.hpp>

namespace skarma {

/// Where a fit is computed, and what it is expected to take there.
struct Placement {
  std::string device{};     // "cpu", "cuda:1" ...; empty: the fit chooses
  std::uint64_t bytes = 0;  // of its memory; 0: unknown, or of no account
};

/// The devices that the fits of a search go to. 'auto' is chosen once for each candidate, by the
/// steps of all fits that a GPU would take together. Each device is asked once what it can, before
/// any fit; the engine that was asked then serves the fits. From share_gpus() on it is for several
/// threads.
class SearchDevices {
 public:
  /// Of a search of so many fits, on `n_threads` of this processor. `folds` and `options` must
  /// outlive this.
  SearchDevices(const Folds& folds, const FitAndScoreOptions& options, std::size_t n_fits,
                int n_threads)
      : folds_(folds), options_(options), n_fits_(n_fits), n_threads_(n_threads) {}

  /// Takes note of a candidate, and asks its device. A name that is none is left to the fits, which
  /// say so. Throws DeviceError where there is no such device.
  void add(const Estimator& candidate);
  /// To be called after the last candidate: if all are for 'cuda', the fits are for all GPUs.
  /// Throws DeviceError for a GPU that cannot be used.
  void share_gpus();

  /// How many fitters there are: one for each GPU; one where a device of other searches is glad of
  /// groups; otherwise as many as threads.
  std::size_t n_fitters() const;
  /// How many fits a fitter's devices are glad to train at once: of all fits no more than its part.
  GroupSizes sizes() const;
  /// Where the fits of a candidate are computed that come to this fitter.
  Placement placement(const Estimator& candidate, std::size_t fitter) const;
  /// The engine that was asked, or a new one for all others who want it.
  std::unique_ptr<Engine> make(std::string_view device, int n_threads, SpareThreads* spare);
  /// A fitter's device is lost. True if other fitters have other GPUs: it is to take no more fits.
  bool leave();

 private:
  void ask(const std::string& device);
  void use(const std::string& device);
  std::string choose(const Estimator& candidate, std::size_t n_together) const;
  bool in_turns() const { return options_.before_fit && n_threads_ == 1; }
  std::string device_of(const Estimator& candidate, std::size_t fitter) const;

  const Folds& folds_;
  const FitAndScoreOptions& options_;
  std::size_t n_fits_;
  int n_threads_;
  bool all_for_cuda_ = true;
  std::size_t n_gpus_ = 1;  // that fits are shared among
  std::atomic<std::size_t> n_working_ = 1;
  std::map<std::string, std::size_t, std::less<>> most_models_;  // of devices that were asked
  std::set<std::string, std::less<>> used_;                      // by candidates
  std::mutex mutex_;                                             // for the engines
  std::map<std::string, std::unique_ptr<Engine>, std::less<>> engines_;
};

}  // namespace skarma
