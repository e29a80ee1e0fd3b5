#include <skarma/core/cpu/cpu_engine.hpp>

#include <skarma/core/base/internal/converted.hpp>
#include <skarma/core/cpu/cpu_model.hpp>
#include <skarma/core/cpu/predict.hpp>

namespace skarma {
namespace {

class CpuEngine final : public HostEngine {
 public:
  CpuEngine(int n_threads, SpareThreads* spare) : team_(n_threads, spare) {}

  Matrix<double> predict(const PredictionJob& job) override {
    const auto outputs = [&]<class T>(std::span<const T> parameters) {
      const auto compute = job.before_last ? values_before_last<T> : checked_predict_outputs<T>;
      return converted<double>(compute(job.spec, parameters, job.samples, team_, job.stop));
    };
    Matrix<double> result = std::visit(outputs, job.parameters);
    if (is_idle()) rest();
    return result;
  }

 private:
  void rest() noexcept override { team_.dismiss_guests(); }
  std::unique_ptr<HostModel> make_model(OpenModel& model, const SampleView& samples) override {
    const auto make = [&]<class T>(const ModelState<T>&) -> std::unique_ptr<HostModel> {
      return std::make_unique<CpuModel<T>>(model, samples, team_);
    };
    return std::visit(make, model.state);
  }

  ThreadTeam team_;
};

}  // namespace

std::unique_ptr<Engine> make_cpu_engine(int n_threads, SpareThreads* spare) {
  return std::make_unique<CpuEngine>(n_threads, spare);
}

}  // namespace skarma
