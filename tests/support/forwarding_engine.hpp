#pragma once

#include <memory>
#include <utility>

#include <skarma/core/engine/engine.hpp>

namespace skarma::test {

/// Does what another engine does: for tests to watch it, or to change a part.
class ForwardingEngine : public Engine {
 public:
  explicit ForwardingEngine(std::unique_ptr<Engine> inner) : inner_(std::move(inner)) {}

  Capabilities capabilities() const override { return inner_->capabilities(); }
  DataId hold(const SampleView& samples) override { return inner_->hold(samples); }
  void release(DataId data) noexcept override { inner_->release(data); }
  std::vector<ModelId> open(std::vector<OpenModel> models) override {
    return inner_->open(std::move(models));
  }
  void close(std::span<const ModelId> models, std::span<AnyModelState> states) noexcept override {
    inner_->close(models, states);
  }
  void train(std::span<const EpochRange> group, std::span<EpochLoss> losses) override {
    inner_->train(group, losses);
  }
  void evaluate(std::span<const EvaluationJob> jobs,
                std::span<std::optional<Matrix<double>>> outputs) override {
    inner_->evaluate(jobs, outputs);
  }
  void score(std::span<const ScoreJob> jobs,
             std::span<std::optional<std::vector<double>>> sums) override {
    inner_->score(jobs, sums);
  }
  void gradients(std::span<const GradientJob> jobs, std::span<double> losses) override {
    inner_->gradients(jobs, losses);
  }
  void keep(ModelId model) override { inner_->keep(model); }
  void restore(ModelId model) override { inner_->restore(model); }
  AnyModelState read_state(ModelId model) override { return inner_->read_state(model); }
  void write_state(ModelId model, const AnyModelState& state) override {
    inner_->write_state(model, state);
  }
  Matrix<double> predict(const PredictionJob& job) override { return inner_->predict(job); }

 private:
  std::unique_ptr<Engine> inner_;
};

}  // namespace skarma::test
