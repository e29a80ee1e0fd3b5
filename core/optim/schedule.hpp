#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skarma {

/// A number that a schedule takes, by its name: "warmup" of "cosine(warmup=5)".
struct ScheduleArgument {
  std::string_view name;
  double value;  // unless another is given
  double low;
  double high;
  bool is_whole;
};

/// How the learning rate of any stochastic solver goes from epoch to epoch, written as a call:
/// "step(every=10, factor=0.1)" or "step(5, 8, factor=0.5)", "exponential(factor=0.95)",
/// "cosine(warmup=0, restarts=0, final=0)", "one_cycle(warmup=0.3, start=25, end=10000)",
/// "plateau(patience=5, factor=0.1)". schedule.cpp says what they are.
class Schedule {
 public:
  /// Throws std::invalid_argument, which says what it takes.
  static Schedule parse(std::string_view text);
  /// Whether the text begins with a schedule's name.
  static bool is_one(std::string_view text);
  /// Whether it is one whose rates depend on how many epochs there will be in all.
  static bool needs_n_epochs(std::string_view text);

  /// The rate of epoch number `epoch` from 0, of `n_epochs` in all, in the place of 1.
  double factor(std::int64_t epoch, std::int64_t n_epochs) const;
  /// Whether it looks at what an epoch came to, in the place of its number.
  bool watches() const;
  double argument(std::string_view name) const;
  /// Epochs that were given by their places.
  std::span<const double> places() const { return places_; }

 private:
  struct Row;
  static std::span<const Row> rows();
  static const Row* row_called(std::string_view name);
  friend std::vector<std::string_view> schedule_names();

  explicit Schedule(const Row& row);
  void take_place(double value);
  void take(std::string_view name, double value);

  const Row* row_;
  std::vector<double> values_;
  std::vector<double> places_;
};

/// "step", "exponential", "cosine", "one_cycle", "plateau".
std::vector<std::string_view> schedule_names();

}  // namespace skarma
