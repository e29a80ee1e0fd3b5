#include <skarma/estimators/mlp/internal/output_scorer.hpp>

#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>

#include <skarma/estimators/metrics/scorer.hpp>

namespace skarma {
namespace {

/// A fitted estimator that predicts what it was given, whatever the samples: scorers ask it.
class Predicted final : public Estimator {
 public:
  explicit Predicted(const DecodedOutputs& outputs) : outputs_(outputs) {}

  std::string_view name() const override { return "Predicted"; }
  bool is_classifier() const override { return !outputs_.probabilities.values().empty(); }
  Target predict(const SampleView&) const override { return outputs_.predicted; }
  Matrix<double> predict_proba(const SampleView&) const override { return outputs_.probabilities; }
  const Classes* class_labels() const override { return outputs_.classes; }

  std::unique_ptr<Estimator> clone() const override { throw_not_asked(); }
  Estimator& set(std::string_view, const ParamValue&) override { throw_not_asked(); }
  ParamSet parameters() const override { throw_not_asked(); }
  void validate() const override {}
  Estimator& fit(const SampleView&, const Target&, const FitOptions&) override {
    throw_not_asked();
  }
  double score(const SampleView&, const Target&, std::span<const double>) const override {
    throw_not_asked();
  }
  void write(ModelArchive&) const override { throw_not_asked(); }
  void read(ModelArchive&) override { throw_not_asked(); }

 private:
  [[noreturn]] static void throw_not_asked() {
    throw std::logic_error("a scorer asks for predictions alone");
  }
  const DecodedOutputs& outputs_;
};

}  // namespace

double score_outputs(const std::string& scorer, const DecodedOutputs& outputs, const Target& truth,
                     std::span<const double> sample_weight) {
  const Matrix<double> no_samples(truth.n_samples(), 1);
  return Scorer(scorer)(Predicted(outputs), SampleView(no_samples.view()), truth, sample_weight);
}

}  // namespace skarma
