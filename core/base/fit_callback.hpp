#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace skarma {

class NetworkSpec;

/// Parameters, moments and the number of steps of a network in training, as they were.
class FitCheckpoint {
 public:
  virtual ~FitCheckpoint() = default;
};

/// A fit as a callback finds it, and what the callback may do to it. It is good for the length of
/// one call.
class FitProgress {
 public:
  virtual ~FitProgress() = default;

  int n_iter = 0;             // epochs (lbfgs: iterations) of this fit that are complete
  int max_iter = 0;           // how many there are at most
  std::size_t batch = 0;      // minibatches of the present epoch that are complete
  std::size_t n_batches = 0;  // of an epoch; 0 for lbfgs
  /// Of the last epoch; in on_batch the mean of this epoch so far.
  double loss = std::numeric_limits<double>::quiet_NaN();
  std::optional<double> validation_score{};  // after an epoch, where there are samples for it
  std::optional<double> validation_loss{};
  std::optional<double> accuracy{};  // of training in the last epoch, where it is counted
  double seconds = 0.0;              // since the fit began
  bool has_ended = false;            // whether this was the last epoch, whatever the callbacks say

  /// Ends the fit: at once after on_begin and on_epoch, else when the epoch is complete.
  void stop() { stops_ = true; }
  bool is_stopped() const { return stops_; }

  /// That of the steps that come next; NaN for lbfgs.
  virtual double learning_rate() const = 0;
  /// A schedule goes on from there. Throws std::invalid_argument unless it is positive and finite,
  /// and for lbfgs, which has none.
  virtual void set_learning_rate(double rate) = 0;
  /// What the parameters are of.
  virtual const NetworkSpec& network() const = 0;
  /// Whether it computes in that.
  virtual bool is_float32() const = 0;
  /// Packed as MLPBase::packed_parameters().
  virtual std::vector<double> parameters() = 0;
  /// The bytes of a model file with the network as it is now, in float64 and without the scalers of
  /// a pipeline: model_from_bytes() makes an estimator of them.
  virtual std::string model_bytes() = 0;
  /// What restore() goes back to. Throws std::invalid_argument for lbfgs, whose steps know of all
  /// steps before.
  virtual std::shared_ptr<const FitCheckpoint> checkpoint() = 0;
  virtual void restore(const FitCheckpoint& checkpoint) = 0;

 private:
  bool stops_ = false;
};

/// Watches a fit, and may steer it. The calls come from the thread that trains, one after another.
/// An exception ends the fit, which leaves the estimator as it was.
class FitCallback {
 public:
  virtual ~FitCallback() = default;

  /// Before the first epoch.
  virtual void on_begin(FitProgress&) {}
  virtual void on_epoch_begin(FitProgress&) {}
  /// After each minibatch; only where wants_batches(), as a fit that is watched so gives up some of
  /// its speed. lbfgs has none.
  virtual void on_batch(FitProgress&) {}
  /// After each epoch (lbfgs: iteration), once it is scored and the schedule has moved the rate.
  virtual void on_epoch(FitProgress&) {}
  /// Once training has ended, unless by an exception. With early stopping the network is that of
  /// the best epoch.
  virtual void on_end(FitProgress&) {}
  virtual bool wants_batches() const { return false; }
};

}  // namespace skarma
