#pragma once

#include <string>
#include <vector>

#include <skarma/core/base/matrix.hpp>
#include <skarma/estimators/transformer.hpp>

namespace skarma {

/// scikit-learn's parameters of PCA.
struct PCAParams {
  /// How many components are kept: None (as many as there are), a number, a share of the variance
  /// in (0, 1) that they are to explain, or 'mle' (T. P. Minka, Automatic choice of dimensionality
  /// for PCA, NIPS 2000).
  ParamValue n_components{};
  bool whiten = false;
  std::string svd_solver = "auto";
};

/// Principal component analysis: samples, centred, in the directions in which training samples vary
/// most. `whiten` brings these to variance 1. The solvers are LAPACK's: 'full' is a singular value
/// decomposition of the samples, 'covariance_eigh' one by eigenvectors of their covariance; 'auto'
/// chooses by scikit-learn's rules, and signs are scikit-learn's. Its 'randomized' and 'arpack' are
/// not here: fit() declines them by name, also where 'auto' comes to them; what they have learnt is
/// taken over. Sparse samples are for 'covariance_eigh'. Computes in the data's own type.
class PCA final : public Transformer {
 public:
  explicit PCA(PCAParams params = {});

  std::unique_ptr<Transformer> clone() const override;
  std::string_view name() const override { return "PCA"; }
  PCA& set(std::string_view parameter, const ParamValue& value) override;
  ParamSet parameters() const override;
  void validate() const override;
  /// Throws std::invalid_argument for NaN and infinities, too, for more components than
  /// min(n_samples, n_features), for 'mle' of fewer samples than features, and for what is
  /// declined; std::runtime_error if LAPACK does not converge.
  PCA& fit(const SampleView& x) override;
  SampleView view(const SampleView& x) const override;
  SampleView fit_view(const SampleView& x) override;
  Matrix<double> inverse_transform(const SampleView& x) const override;
  std::size_t n_features_in() const override;
  std::size_t n_features_out() const override;
  Learnt learnt() const override;

  /// The directions, of length 1: shape (n_components, n_features).
  const Matrix<double>& components() const { return components_; }
  /// Of the features, shape (n_features).
  const std::vector<double>& mean() const { return mean_; }
  /// Per component: its variance (divided by n_samples - 1), its share of all variance, and the
  /// singular value of the centred samples.
  const std::vector<double>& explained_variance() const { return explained_variance_; }
  const std::vector<double>& explained_variance_ratio() const { return explained_variance_ratio_; }
  const std::vector<double>& singular_values() const { return singular_values_; }
  /// The mean variance of the components that were left out; 0 if none was.
  double noise_variance() const { return noise_variance_; }
  double n_samples() const { return n_samples_; }

 protected:
  std::span<const FigureName> figure_names() const override;
  void take_over(const Learnt& learnt) override;

 private:
  template <class T>
  Matrix<T> learn(const SampleView& x, bool wants_samples);
  template <class T>
  SampleView seen(const SampleView& x) const;
  const PCA& fitted() const;

  PCAParams params_;
  Matrix<double> components_;
  std::vector<double> mean_;
  std::vector<double> explained_variance_;
  std::vector<double> explained_variance_ratio_;
  std::vector<double> singular_values_;
  double noise_variance_ = 0.0;
  double n_samples_ = 0.0;
};

}  // namespace skarma
