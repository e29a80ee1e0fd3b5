#pragma once

#include <memory>
#include <string_view>

#include <skarma/core/base/sample_view.hpp>
#include <skarma/estimators/params/param_value.hpp>

namespace skarma {

class ModelArchive;

/// A scaler with scikit-learn's protocol: it learns one affine map per column.
class Transformer {
 public:
  virtual ~Transformer() = default;

  /// An unfitted copy with the same parameters.
  virtual std::unique_ptr<Transformer> clone() const = 0;
  virtual std::string_view name() const = 0;
  virtual Transformer& set(std::string_view parameter, const ParamValue& value) = 0;
  virtual ParamSet parameters() const = 0;

  /// Learns from samples of shape (n_samples, n_features). NaN is passed over.
  /// Throws std::invalid_argument for no samples and for infinite values.
  virtual Transformer& fit(const SampleView& x) = 0;
  /// What was learnt. Throws NotFittedError.
  virtual std::shared_ptr<const ColumnTransform> column_transform() const = 0;

  /// The samples, transformed, in double. Throws NotFittedError, and std::invalid_argument for
  /// another number of features than in fit.
  Matrix<double> transform(const SampleView& x) const;
  /// The samples seen through the transform, without a copy.
  SampleView view(const SampleView& x) const;

  /// For model files (model_file.hpp): everything that was learnt, and the parameters.
  virtual void write(ModelArchive& archive) const = 0;
  virtual void read(ModelArchive& archive) = 0;

 protected:
  Transformer() = default;
  Transformer(const Transformer&) = default;
  Transformer& operator=(const Transformer&) = default;
};

}  // namespace skarma
