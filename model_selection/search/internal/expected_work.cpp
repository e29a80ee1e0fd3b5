#include <skarma/model_selection/search/internal/expected_work.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <skarma/core/base/csr_view.hpp>
#include <skarma/core/base/matrix_view.hpp>
#include <skarma/core/optim/update_rule.hpp>
#include <skarma/estimators/pipeline.hpp>

namespace skarma {
namespace {

/// The value of a parameter, if there is one of this type.
template <class Value>
std::optional<Value> value_of(const Estimator& estimator, std::string_view name) {
  auto value = estimator.parameter(name);
  auto* const typed = value ? std::get_if<Value>(&*value) : nullptr;
  return typed != nullptr ? std::optional(std::move(*typed)) : std::nullopt;
}

std::size_t n_outputs_for(const Estimator& estimator, const Target& y) {
  if (!estimator.is_classifier() || !y.has_labels()) return y.n_outputs();
  const std::size_t n = n_classes(y.classes());
  return n > 2 ? n : 1;
}

/// Bytes of a number of the network.
std::uint64_t number_bytes(const Estimator& estimator, const SampleView& x) {
  const auto dtype = value_of<std::string>(estimator, "dtype");
  const bool float32 = dtype ? *dtype == "float32" : x.is_float32();
  return float32 ? sizeof(float) : sizeof(double);
}

template <class T>
std::uint64_t bytes_of(const MatrixView<const T>& x) {
  return std::uint64_t{x.rows()} * x.cols() * sizeof(T);
}
template <class T>
std::uint64_t bytes_of(const CsrView<T>& x) {
  if (x.rows() == 0) return 0;
  const auto n = static_cast<std::uint64_t>(x.row_starts()[x.rows()]);
  return n * (sizeof(T) + sizeof(std::int32_t)) + x.rows() * sizeof(std::int64_t);
}

}  // namespace

double expected_work(const Estimator& estimator, std::size_t n_features) {
  const auto hidden = value_of<std::vector<std::int64_t>>(estimator, "hidden_layer_sizes");
  const auto max_iter = value_of<std::int64_t>(estimator, "max_iter");
  if (!hidden || !max_iter) {
    const auto epochs = value_of<std::int64_t>(estimator, "epochs");  // of a list of layers
    return epochs ? static_cast<double>(*epochs) : 1.0;
  }
  double products = 0.0;
  double inputs = static_cast<double>(n_features);
  for (const std::int64_t units : *hidden) {
    products += inputs * static_cast<double>(units);
    inputs = static_cast<double>(units);
  }
  const auto n_members = value_of<std::int64_t>(estimator, "n_members");
  const double networks = n_members ? static_cast<double>(*n_members) : 1.0;
  return networks * static_cast<double>(*max_iter) * (products + inputs);
}

std::optional<FitWork> fit_work(const Estimator& estimator, const SampleView& x, const Target& y) {
  const auto hidden = value_of<std::vector<std::int64_t>>(estimator, "hidden_layer_sizes");
  const auto solver = value_of<std::string>(estimator, "solver");
  if (!hidden || !solver) return {};
  FitWork work{
      .layer_units = {x.n_features()}, .n_samples = x.n_samples(), .batch_size = x.n_samples()};
  work.layer_units.insert(work.layer_units.end(), hidden->begin(), hidden->end());
  work.layer_units.push_back(n_outputs_for(estimator, y));
  if (*solver != "lbfgs" && *solver != "lm" && !takes_all_samples(*solver)) {
    const auto batch_size = value_of<std::int64_t>(estimator, "batch_size");
    work.batch_size = batch_size ? static_cast<std::size_t>(*batch_size) : 200;
  }
  return work;
}

namespace {

/// Of samples that transformers compute anew, for this fit alone.
std::uint64_t own_sample_bytes(const Estimator& estimator, const SampleView& x) {
  const auto* pipeline = dynamic_cast<const Pipeline*>(&estimator);
  if (pipeline == nullptr) return 0;
  const bool computes_anew = std::ranges::any_of(
      pipeline->transformers(), [](const auto& step) { return step.second->computes_anew(); });
  if (!computes_anew) return 0;
  return x.n_samples() * x.n_features() * (x.is_float32() ? sizeof(float) : sizeof(double));
}

}  // namespace

std::uint64_t expected_bytes(const Estimator& estimator, const SampleView& x, const Target& y) {
  constexpr std::size_t kMostRows = 4096;     // of a full batch, that a device takes at once
  constexpr std::uint64_t kStates = 6;        // parameters, gradient, three moments, the best ones
  constexpr std::uint64_t kFixed = 40960;     // bytes of whatever size a fit is: sums, descriptions
  constexpr std::uint64_t kNormSums = 33280;  // and those of a gradient's norm
  const auto work = fit_work(estimator, x, y);
  if (!work) return 0;
  const auto& units = work->layer_units;
  std::uint64_t n_parameters = 0, n_values = units.front() + std::ranges::max(units);
  for (std::size_t i = 1; i < units.size(); ++i) {
    n_parameters += (units[i - 1] + 1) * units[i];
    n_values += 2 * units[i];
  }
  const std::size_t rows = std::min({work->batch_size, work->n_samples, kMostRows});
  const std::uint64_t numbers =
      kStates * n_parameters + n_values * rows + work->n_samples * (y.n_outputs() + 1);
  return numbers * number_bytes(estimator, x) + work->n_samples * sizeof(RowIndex) +
         own_sample_bytes(estimator, x) + kFixed +
         (value_of<double>(estimator, "clip_norm") ? kNormSums : 0);
}

std::uint64_t sample_bytes(const SampleView& x) {
  return std::visit([](const auto& stored) { return bytes_of(stored); }, x.stored());
}

}  // namespace skarma
