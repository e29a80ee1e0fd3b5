#pragma once

#include <optional>
#include <string>

#include <skarma/estimators/transformer.hpp>

namespace skarma {

/// scikit-learn's parameter of Normalizer.
struct NormalizerParams {
  std::string norm = "l2";
};

/// Divides every sample by its norm: the sum of absolute values (l1), the root of the sum of
/// squares (l2) or the largest absolute value (max). Samples of norm 0 stay as they are; sparse
/// samples stay sparse. It learns nothing but how many features there are.
class Normalizer final : public Transformer {
 public:
  explicit Normalizer(NormalizerParams params = {}) : params_(std::move(params)) {}

  std::unique_ptr<Transformer> clone() const override;
  std::string_view name() const override { return "Normalizer"; }
  Normalizer& set(std::string_view parameter, const ParamValue& value) override;
  ParamSet parameters() const override;
  void validate() const override;
  /// Throws std::invalid_argument for NaN and infinities, too.
  Normalizer& fit(const SampleView& x) override;
  SampleView view(const SampleView& x) const override;
  /// There is no way back: throws std::logic_error.
  Matrix<double> inverse_transform(const SampleView& x) const override;
  std::size_t n_features_in() const override;
  Learnt learnt() const override;

 protected:
  std::span<const FigureName> figure_names() const override;
  void take_over(const Learnt& learnt) override;

 private:
  NormalizerParams params_;
  std::optional<std::size_t> n_features_in_;
};

}  // namespace skarma
