#pragma once

#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include <skarma/core/base/fit_callback.hpp>

namespace skarma {

// Ready callbacks: FitOptions::control.callbacks = {std::make_shared<CsvLog>("log.csv")}.

/// The figure of an epoch that a callback looks at. `best_known`: the score of the samples for
/// validation, or without any the loss.
enum class Monitored { best_known, loss, validation_loss, validation_score };

/// Finds the best epoch so far by a figure. NaN is never better.
class Monitor {
 public:
  explicit Monitor(Monitored what, double min_delta = 0.0) : what_(what), min_delta_(min_delta) {}

  /// Whether this epoch is better than all before, by more than min_delta. Throws
  /// std::invalid_argument where there are no samples for validation and the figure is theirs.
  bool improves(const FitProgress& fit);
  std::optional<double> best() const { return best_; }

 private:
  Monitored what_;
  double min_delta_;
  std::optional<double> best_;
};

/// Writes a row for each epoch to a file of comma-separated values, which is whole after each:
/// epoch, loss, validation_score, validation_loss, learning_rate, seconds; empty where there is no
/// such figure.
class CsvLog : public FitCallback {
 public:
  /// With `append`, rows are written behind what is there. Throws std::runtime_error, when the fit
  /// begins, for a file that cannot be opened.
  explicit CsvLog(std::filesystem::path path, bool append = false)
      : path_(std::move(path)), append_(append) {}

  void on_begin(FitProgress& fit) override;
  void on_epoch_begin(FitProgress& fit) override { rate_ = fit.learning_rate(); }
  void on_epoch(FitProgress& fit) override;
  void on_end(FitProgress& fit) override;

 private:
  std::filesystem::path path_;
  bool append_;
  std::ofstream file_;
  double rate_ = 0.0;
  double seconds_ = 0.0;
};

/// Keeps the best network of a fit: in a model file (FitProgress::model_bytes), which is replaced
/// whole, and with `restore_best` as what the fit ends with, which lbfgs cannot.
class ModelCheckpoint : public FitCallback {
 public:
  explicit ModelCheckpoint(std::filesystem::path path, Monitored what = Monitored::best_known,
                           bool restore_best = false)
      : path_(std::move(path)), what_(what), restore_best_(restore_best), monitor_(what) {}

  void on_begin(FitProgress& fit) override;
  void on_epoch(FitProgress& fit) override;
  void on_end(FitProgress& fit) override;

  std::optional<double> best() const { return monitor_.best(); }
  /// From 1; 0 before the first epoch.
  int best_epoch() const { return best_epoch_; }

 private:
  std::filesystem::path path_;  // empty: no file
  Monitored what_;
  bool restore_best_;
  Monitor monitor_;
  int best_epoch_ = 0;
  std::shared_ptr<const FitCheckpoint> kept_;
};

/// Multiplies the learning rate by `factor` after more than `patience` epochs that were no better.
class ReduceLROnPlateau : public FitCallback {
 public:
  explicit ReduceLROnPlateau(Monitored what = Monitored::best_known, double factor = 0.1,
                             int patience = 10, double min_delta = 1e-4, double min_lr = 0.0)
      : what_(what),
        factor_(factor),
        patience_(patience),
        min_delta_(min_delta),
        min_lr_(min_lr),
        monitor_(what, min_delta) {}

  void on_begin(FitProgress& fit) override;
  void on_epoch(FitProgress& fit) override;

 private:
  Monitored what_;
  double factor_;
  int patience_;
  double min_delta_;
  double min_lr_;
  Monitor monitor_;
  int n_worse_ = 0;
};

/// Goes back to before the best epoch, with a lower learning rate, when the loss explodes: when it
/// is not finite, or `growth` times the lowest so far. After `max_restores` the fit ends there.
class RestoreOnDivergence : public FitCallback {
 public:
  explicit RestoreOnDivergence(double factor = 0.5, double growth = 10.0, int max_restores = 10)
      : factor_(factor), growth_(growth), max_restores_(max_restores) {}

  void on_begin(FitProgress& fit) override;
  void on_epoch_begin(FitProgress& fit) override { before_ = fit.checkpoint(); }
  void on_epoch(FitProgress& fit) override;
  void on_end(FitProgress& fit) override;

  int n_restores() const { return n_restores_; }

 private:
  double factor_;
  double growth_;
  int max_restores_;
  int n_restores_ = 0;
  double lowest_ = std::numeric_limits<double>::infinity();
  std::shared_ptr<const FitCheckpoint> before_, kept_;
};

}  // namespace skarma
