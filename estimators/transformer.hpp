#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <skarma/core/base/sample_view.hpp>
#include <skarma/estimators/params/param_value.hpp>

namespace skarma {

class ModelArchive;

/// A step before a network, with scikit-learn's protocol: it learns from samples and makes others
/// of them. Those that a column map makes are seen through it, without a copy; all others are
/// computed once, when view() is called.
class Transformer {
 public:
  /// What was learnt, one array a name: scikit-learn's attributes without the underscore.
  struct Figures {
    std::vector<std::size_t> shape;
    std::vector<double> values;
  };
  using Learnt = std::map<std::string, Figures, std::less<>>;

  virtual ~Transformer() = default;

  /// An unfitted copy with the same parameters.
  virtual std::unique_ptr<Transformer> clone() const = 0;
  virtual std::string_view name() const = 0;
  virtual Transformer& set(std::string_view parameter, const ParamValue& value) = 0;
  virtual ParamSet parameters() const = 0;

  /// Throws std::invalid_argument for values outside of their domains, alone or together.
  virtual void validate() const = 0;

  /// Learns from samples of shape (n_samples, n_features). Throws std::invalid_argument for no
  /// samples, for values that the class does not take (scalers: infinities; they pass over NaN) and
  /// for wrong parameters.
  virtual Transformer& fit(const SampleView& x) = 0;
  /// The samples, transformed: their number of features is n_features_out(). Throws NotFittedError,
  /// and std::invalid_argument for another number of features than in fit.
  virtual SampleView view(const SampleView& x) const = 0;
  /// fit(x) and view(x), as scikit-learn's fit_transform.
  virtual SampleView fit_view(const SampleView& x) { return fit(x).view(x); }
  /// The same as a matrix in double.
  Matrix<double> transform(const SampleView& x) const;
  /// The way back, in double: samples of shape (n_samples, n_features_out()), those that transform
  /// gave, to (n_samples, n_features_in()). Throws NotFittedError, std::invalid_argument for
  /// another number of features, and std::logic_error where there is no way back.
  virtual Matrix<double> inverse_transform(const SampleView& x) const = 0;

  /// Columns of the samples in fit, and of those that come out. Throw NotFittedError.
  virtual std::size_t n_features_in() const = 0;
  virtual std::size_t n_features_out() const { return n_features_in(); }
  /// Whether view() computes samples anew, which then take memory of their own.
  virtual bool computes_anew() const { return true; }

  /// What was learnt. Throws NotFittedError.
  virtual Learnt learnt() const = 0;
  /// Whether the samples of fit, and so the figures, were float32. (Those of a StandardScaler are
  /// always double.)
  bool learnt_float32() const { return learnt_float32_; }
  /// Becomes one that has learnt these figures. Throws std::invalid_argument if they do not belong
  /// together.
  void restore(const Learnt& learnt, bool learnt_float32 = false);

  /// For model files (model_file.hpp): everything that was learnt, and the parameters.
  void write(ModelArchive& archive) const;
  void read(ModelArchive& archive);

 protected:
  /// A name of `learnt`; one that is not required is not in all model files.
  struct FigureName {
    const char* name;
    bool required = true;
  };
  virtual std::span<const FigureName> figure_names() const = 0;
  virtual void take_over(const Learnt& learnt) = 0;

  Transformer() = default;
  Transformer(const Transformer&) = default;
  Transformer& operator=(const Transformer&) = default;

  bool learnt_float32_ = false;
};

}  // namespace skarma
