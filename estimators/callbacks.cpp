#include <skarma/estimators/callbacks.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include <skarma/estimators/io/replace_file.hpp>

namespace skarma {
namespace {

/// The figure, the lower the better.
double badness_of(Monitored what, const FitProgress& fit) {
  const bool by_score = what == Monitored::validation_score ||
                        (what == Monitored::best_known && fit.validation_score);
  if (what == Monitored::loss || (what == Monitored::best_known && !by_score)) return fit.loss;
  const auto& figure = by_score ? fit.validation_score : fit.validation_loss;
  if (!figure) {
    throw std::invalid_argument(
        fmt::format("A callback looks at the validation {}, and there are no samples for it: give "
                    "the fit some, "
                    "or set early_stopping.",
                    by_score ? "score" : "loss"));
  }
  return by_score ? -*figure : *figure;
}

std::string text_of(const std::optional<double>& figure) {
  return figure && !std::isnan(*figure) ? fmt::format("{}", *figure) : "";
}

}  // namespace

bool Monitor::improves(const FitProgress& fit) {
  const double badness = badness_of(what_, fit);
  if (std::isnan(badness)) return false;
  const bool is_score = what_ == Monitored::validation_score ||
                        (what_ == Monitored::best_known && fit.validation_score);
  const double sign = is_score ? -1.0 : 1.0;
  if (best_ && badness >= sign * *best_ - min_delta_) return false;
  best_ = sign * badness;
  return true;
}

void CsvLog::on_begin(FitProgress&) {
  std::error_code none;
  const bool has_rows = append_ && std::filesystem::file_size(path_, none) > 0 && !none;
  file_.open(path_, append_ ? std::ios::app : std::ios::trunc);
  if (!file_) throw std::runtime_error(path_.string() + " cannot be opened for writing.");
  if (!has_rows) {
    file_ << "epoch,loss,validation_score,validation_loss,learning_rate,seconds\n";
  }
  seconds_ = 0.0;
}

void CsvLog::on_epoch(FitProgress& fit) {
  file_ << fmt::format("{},{},{},{},{},{}\n", fit.n_iter, fit.loss, text_of(fit.validation_score),
                       text_of(fit.validation_loss), text_of(rate_), fit.seconds - seconds_);
  file_.flush();
  seconds_ = fit.seconds;
}

void CsvLog::on_end(FitProgress&) { file_.close(); }

void ModelCheckpoint::on_begin(FitProgress&) {
  if (!path_.empty()) check_replaceable(path_);
  monitor_ = Monitor(what_);
  best_epoch_ = 0;
  kept_ = nullptr;
}

void ModelCheckpoint::on_epoch(FitProgress& fit) {
  if (!monitor_.improves(fit)) return;
  best_epoch_ = fit.n_iter;
  if (restore_best_) kept_ = fit.checkpoint();
  if (!path_.empty()) replace_file(path_, fit.model_bytes());
}

void ModelCheckpoint::on_end(FitProgress& fit) {
  if (kept_ != nullptr) fit.restore(*kept_);
  kept_ = nullptr;
}

void ReduceLROnPlateau::on_begin(FitProgress&) {
  monitor_ = Monitor(what_, min_delta_);
  n_worse_ = 0;
}

void ReduceLROnPlateau::on_epoch(FitProgress& fit) {
  n_worse_ = monitor_.improves(fit) ? 0 : n_worse_ + 1;
  if (n_worse_ <= patience_) return;
  n_worse_ = 0;
  const double lower = std::max(fit.learning_rate() * factor_, min_lr_);
  if (lower < fit.learning_rate()) fit.set_learning_rate(lower);
}

void RestoreOnDivergence::on_begin(FitProgress&) {
  n_restores_ = 0;
  lowest_ = std::numeric_limits<double>::infinity();
  kept_ = nullptr;
}

/// The loss is that of the weights before the epoch's steps.
void RestoreOnDivergence::on_epoch(FitProgress& fit) {
  if (fit.loss < lowest_ || kept_ == nullptr) {
    if (fit.loss < lowest_) lowest_ = fit.loss;  // no NaN
    kept_ = before_;
  }
  if (std::isfinite(fit.loss) && fit.loss <= growth_ * lowest_) return;
  fit.restore(*kept_);
  if (n_restores_ == max_restores_) return fit.stop();
  ++n_restores_;
  fit.set_learning_rate(fit.learning_rate() * factor_);
}

void RestoreOnDivergence::on_end(FitProgress&) { before_ = kept_ = nullptr; }

}  // namespace skarma
