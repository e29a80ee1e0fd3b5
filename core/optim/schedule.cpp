#include <skarma/core/optim/schedule.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/base/call_text.hpp>
#include <skarma/core/base/nearest_name.hpp>

namespace skarma {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// From 1 down to 0 by half a wave.
double half_wave(double share) { return (1.0 + std::cos(std::numbers::pi * share)) / 2.0; }

/// Times `factor` after every so many epochs, or after each of those that are named.
double step(const Schedule& schedule, std::int64_t epoch, std::int64_t) {
  const auto e = static_cast<double>(epoch);
  const auto places = schedule.places();
  const double n = places.empty() ? std::floor(e / schedule.argument("every"))
                                  : static_cast<double>(std::ranges::count_if(
                                        places, [&](double place) { return place <= e; }));
  return std::pow(schedule.argument("factor"), n);
}

double exponential(const Schedule& schedule, std::int64_t epoch, std::int64_t) {
  return std::pow(schedule.argument("factor"), static_cast<double>(epoch));
}

/// Up in a line for `warmup` epochs, then down by half a wave to the share `final`, and that again
/// for each restart (Loshchilov and Hutter, ICLR 2017, without their growing cycles).
double cosine(const Schedule& schedule, std::int64_t epoch, std::int64_t n_epochs) {
  const double warmup = schedule.argument("warmup"), last = schedule.argument("final");
  const auto e = static_cast<double>(epoch);
  if (e < warmup) return (e + 1.0) / (warmup + 1.0);
  const double n_cycles = schedule.argument("restarts") + 1.0;
  const double cycle = std::max(1.0, (static_cast<double>(n_epochs) - warmup) / n_cycles);
  const double done = std::min((e - warmup) / cycle, n_cycles);
  const double share = done < n_cycles ? done - std::floor(done) : 1.0;
  return last + (1.0 - last) * half_wave(share);
}

/// Up by half a wave from 1 / start in the first `warmup` of all epochs, and down to that
/// divided by `end` (Smith and Topin, arXiv:1708.07120, as in torch.optim.lr_scheduler.OneCycleLR).
double one_cycle(const Schedule& schedule, std::int64_t epoch, std::int64_t n_epochs) {
  const double first = 1.0 / schedule.argument("start"), last = first / schedule.argument("end");
  const double top = schedule.argument("warmup") * static_cast<double>(n_epochs) - 1.0;
  const double bottom = static_cast<double>(n_epochs) - 1.0;
  const auto e = std::min(static_cast<double>(epoch), bottom);
  if (e <= top) return 1.0 + (first - 1.0) * half_wave(top > 0.0 ? e / top : 1.0);
  return last + (1.0 - last) * half_wave((e - top) / (bottom - top));
}

/// LearningRate lowers the rate itself.
double plateau(const Schedule&, std::int64_t, std::int64_t) { return 1.0; }

constexpr std::array kStep = {ScheduleArgument{"every", 10, 1, kInfinity, true},
                              ScheduleArgument{"factor", 0.1, 0, kInfinity, false}};
constexpr std::array kExponential = {ScheduleArgument{"factor", 0.95, 0, kInfinity, false}};
constexpr std::array kCosine = {ScheduleArgument{"warmup", 0, 0, kInfinity, true},
                                ScheduleArgument{"restarts", 0, 0, kInfinity, true},
                                ScheduleArgument{"final", 0, 0, 1, false}};
constexpr std::array kOneCycle = {ScheduleArgument{"warmup", 0.3, 0, 1, false},
                                  ScheduleArgument{"start", 25, 1, kInfinity, false},
                                  ScheduleArgument{"end", 1e4, 1, kInfinity, false}};
constexpr std::array kPlateau = {ScheduleArgument{"patience", 5, 0, kInfinity, true},
                                 ScheduleArgument{"factor", 0.1, 0, 1, false}};

std::string range_of(const ScheduleArgument& argument) {
  const std::string kind = argument.is_whole ? "a whole number" : "a number";
  if (std::isinf(argument.high)) return fmt::format("{} from {}", kind, argument.low);
  return fmt::format("{} from {} to {}", kind, argument.low, argument.high);
}

bool may_be(const ScheduleArgument& argument, double value) {
  const bool is_fine = !argument.is_whole || value == std::floor(value);
  return is_fine && std::isfinite(value) && value >= argument.low && value <= argument.high;
}

}  // namespace

struct Schedule::Row {
  std::string_view name;
  std::span<const ScheduleArgument> arguments;
  double (*factor)(const Schedule&, std::int64_t epoch, std::int64_t n_epochs);
  bool takes_places = false;
  bool watches = false;
  bool needs_n_epochs = false;
};

std::span<const Schedule::Row> Schedule::rows() {
  static constexpr std::array kRows = {Row{"step", kStep, step, true},
                                       Row{"exponential", kExponential, exponential},
                                       Row{"cosine", kCosine, cosine, false, false, true},
                                       Row{"one_cycle", kOneCycle, one_cycle, false, false, true},
                                       Row{"plateau", kPlateau, plateau, false, true}};
  return kRows;
}

const Schedule::Row* Schedule::row_called(std::string_view name) {
  const auto row = std::ranges::find(rows(), name, &Row::name);
  return row == rows().end() ? nullptr : &*row;
}

std::vector<std::string_view> schedule_names() {
  std::vector<std::string_view> names;
  for (const auto& row : Schedule::rows()) names.push_back(row.name);
  return names;
}

bool Schedule::is_one(std::string_view text) {
  return row_called(text.substr(0, text.find('('))) != nullptr;
}

bool Schedule::needs_n_epochs(std::string_view text) {
  const Row* const row = row_called(text.substr(0, text.find('(')));
  return row != nullptr && row->needs_n_epochs;
}

Schedule::Schedule(const Row& row) : row_(&row) {
  for (const ScheduleArgument& argument : row.arguments) values_.push_back(argument.value);
}

Schedule Schedule::parse(std::string_view text) {
  const Row* const row = row_called(text.substr(0, text.find('(')));
  if (row == nullptr) {
    throw std::invalid_argument(fmt::format("There is no schedule '{}'.", text));
  }
  const auto call = parse_call(text);
  if (!call) {
    const ScheduleArgument& first = row->arguments.front();
    throw std::invalid_argument(fmt::format("'{}' is not written as '{}({}={})'.", text, row->name,
                                            first.name, first.value));
  }
  Schedule schedule(*row);
  for (const auto& [argument, value] : call->arguments) {
    if (argument.empty() && row->takes_places) {
      schedule.take_place(value);
    } else {
      schedule.take(argument, value);
    }
  }
  return schedule;
}

void Schedule::take_place(double value) {
  if (value < 1.0 || value != std::floor(value)) {
    throw std::invalid_argument(fmt::format(
        "Epochs of '{}' must be whole numbers from 1. Got {} instead.", row_->name, value));
  }
  places_.push_back(value);
}

void Schedule::take(std::string_view name, double value) {
  const auto argument = std::ranges::find(row_->arguments, name, &ScheduleArgument::name);
  if (argument == row_->arguments.end()) {
    std::vector<std::string_view> names;
    for (const ScheduleArgument& known : row_->arguments) names.push_back(known.name);
    if (name.empty()) {
      throw std::invalid_argument(fmt::format("'{}' takes its numbers by their names: {}.",
                                              row_->name, fmt::join(names, ", ")));
    }
    throw std::invalid_argument(fmt::format("'{}' has no '{}'.{} It takes: {}.", row_->name, name,
                                            did_you_mean(name, names), fmt::join(names, ", ")));
  }
  if (!may_be(*argument, value)) {
    throw std::invalid_argument(fmt::format("'{}' of '{}' must be {}. Got {} instead.", name,
                                            row_->name, range_of(*argument), value));
  }
  values_[static_cast<std::size_t>(argument - row_->arguments.begin())] = value;
}

double Schedule::factor(std::int64_t epoch, std::int64_t n_epochs) const {
  return row_->factor(*this, epoch, n_epochs);
}

bool Schedule::watches() const { return row_->watches; }

double Schedule::argument(std::string_view name) const {
  const auto known = std::ranges::find(row_->arguments, name, &ScheduleArgument::name);
  return values_[static_cast<std::size_t>(known - row_->arguments.begin())];
}

}  // namespace skarma
