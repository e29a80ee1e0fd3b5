#include <skarma/estimators/mlp/internal/initial_weights.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include <skarma/core/base/all_finite.hpp>
#include <skarma/estimators/io/internal/model_archive.hpp>

namespace skarma {
namespace {

constexpr std::string_view kCoefsInit = "coefs_init", kInterceptsInit = "intercepts_init";

void check_count(std::string_view owner, std::string_view name, std::size_t n,
                 std::size_t n_layers) {
  if (n == 0 || n == n_layers) return;
  throw std::invalid_argument(
      fmt::format("The '{}' parameter of {} must have an array for each of the {} layers of "
                  "weights. Got {} instead.",
                  name, owner, n_layers, n));
}

void check_array(std::string_view owner, std::string_view name, std::size_t layer,
                 const std::string& shape, const std::string& wanted,
                 const std::vector<double>& values) {
  if (shape != wanted) {
    throw std::invalid_argument(
        fmt::format("The '{}' parameter of {} must have an array of shape {} for layer {}. Got one "
                    "of shape {} instead.",
                    name, owner, wanted, layer, shape));
  }
  if (all_finite(std::span<const double>(values))) return;
  throw std::invalid_argument(fmt::format(
      "The '{}' parameter of {} must be finite. Got NaN or infinity in the array of layer {}.",
      name, owner, layer));
}

std::string member_name(std::string_view name, std::size_t i) {
  return fmt::format("{}.{}", name, i);
}

}  // namespace

void check_initial_weights(std::string_view owner, const InitialWeights& initial,
                           const NetworkSpec& spec) {
  const auto& layers = spec.layers();
  check_count(owner, kCoefsInit, initial.coefs.size(), layers.size());
  check_count(owner, kInterceptsInit, initial.intercepts.size(), layers.size());
  for (std::size_t i = 0; i < initial.coefs.size(); ++i) {
    const Matrix<double>& w = initial.coefs[i];
    check_array(owner, kCoefsInit, i, fmt::format("({}, {})", w.rows(), w.cols()),
                fmt::format("({}, {})", layers[i].inputs, layers[i].outputs), w.values());
  }
  for (std::size_t i = 0; i < initial.intercepts.size(); ++i) {
    const auto& b = initial.intercepts[i];
    check_array(owner, kInterceptsInit, i, fmt::format("({},)", b.size()),
                fmt::format("({},)", layers[i].outputs), b);
  }
}

template <class T>
void put_initial_weights(const InitialWeights& initial, const NetworkSpec& spec,
                         std::span<T> parameters) {
  const auto put = [&](const std::vector<double>& values, std::size_t place) {
    std::ranges::transform(values, parameters.subspan(place).begin(),
                           [](double v) { return static_cast<T>(v); });
  };
  const auto& layers = spec.layers();
  for (std::size_t i = 0; i < initial.coefs.size(); ++i) {
    put(initial.coefs[i].values(), layers[i].coef);
  }
  for (std::size_t i = 0; i < initial.intercepts.size(); ++i) {
    put(initial.intercepts[i], layers[i].intercept);
  }
}

void write_initial_weights(ModelArchive& archive, const InitialWeights& initial) {
  for (std::size_t i = 0; i < initial.coefs.size(); ++i) {
    const Matrix<double>& w = initial.coefs[i];
    archive.write_tensor(member_name(kCoefsInit, i), {w.rows(), w.cols()}, w.values());
  }
  for (std::size_t i = 0; i < initial.intercepts.size(); ++i) {
    const auto& b = initial.intercepts[i];
    archive.write_tensor(member_name(kInterceptsInit, i), {b.size()}, b);
  }
}

InitialWeights read_initial_weights(const ModelArchive& archive) {
  InitialWeights initial;
  const auto name = [](std::string_view of, std::size_t n) { return member_name(of, n); };
  while (archive.has_tensor(name(kCoefsInit, initial.coefs.size()))) {
    const auto& tensor = archive.tensor(name(kCoefsInit, initial.coefs.size()));
    if (tensor.shape.size() != 2) archive.fail("the initial weights are no matrices");
    initial.coefs.emplace_back(tensor.shape[0], tensor.shape[1], tensor.values<double>());
  }
  while (archive.has_tensor(name(kInterceptsInit, initial.intercepts.size()))) {
    initial.intercepts.push_back(
        archive.tensor(name(kInterceptsInit, initial.intercepts.size())).values<double>());
  }
  return initial;
}

template void put_initial_weights<float>(const InitialWeights&, const NetworkSpec&,
                                         std::span<float>);
template void put_initial_weights<double>(const InitialWeights&, const NetworkSpec&,
                                          std::span<double>);

}  // namespace skarma
