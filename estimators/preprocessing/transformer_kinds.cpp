#include <skarma/estimators/preprocessing/transformer_kinds.hpp>

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/core/base/nearest_name.hpp>
#include <skarma/estimators/decomposition/pca.hpp>
#include <skarma/estimators/preprocessing/max_abs_scaler.hpp>
#include <skarma/estimators/preprocessing/min_max_scaler.hpp>
#include <skarma/estimators/preprocessing/normalizer.hpp>
#include <skarma/estimators/preprocessing/robust_scaler.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>

namespace skarma {
namespace {

template <class Class>
std::unique_ptr<Transformer> made() {
  return std::make_unique<Class>();
}

constexpr TransformerKind kKinds[] = {
    {"StandardScaler", "standard", made<StandardScaler>},
    {"MinMaxScaler", "minmax", made<MinMaxScaler>},
    {"MaxAbsScaler", "maxabs", made<MaxAbsScaler>},
    {"RobustScaler", "robust", made<RobustScaler>},
    {"Normalizer", "normalizer", made<Normalizer>},
    {"PCA", "pca", made<PCA>},
};

}  // namespace

std::span<const TransformerKind> transformer_kinds() { return kKinds; }

std::unique_ptr<Transformer> make_transformer(std::string_view name) {
  std::vector<std::string_view> known;
  for (const TransformerKind& kind : kKinds) {
    if (kind.name == name) return kind.make();
    known.push_back(kind.name);
  }
  throw std::invalid_argument(
      fmt::format("There is no transformer '{}'.{}", name, did_you_mean(name, known)));
}

}  // namespace skarma
