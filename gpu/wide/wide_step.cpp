#include <skarma/gpu/wide/wide_step.hpp>

#include <algorithm>

namespace skarma::gpu {
namespace {

template <class T>
class WideStep {
 public:
  WideStep(Device& device, const WideModels<T>& models)
      : device_(device), models_(models), net_(models.first.model.net) {}

  void take() {
    go_round();
    run(Phase::update, 0, net_.n_trained);
  }
  void add_gradients() {
    adds_ = true;
    go_round();
  }
  void run_over_gradient(Phase phase) { run(phase, 0, net_.n_trained); }

 private:
  void go_round() {
    device_.launch(TaskList<StartBatch<T>>{models_.starts, models_.n, 0});
    run(Phase::gather, 0, net_.n_inputs * rows());
    if (models_.has_sparse) {
      run(Phase::gather_entries, 0, rows());
      run(Phase::map_entries, 0, net_.n_inputs * rows());
    }
    for (Count s = 0; s < net_.n_steps; ++s) go_forward(s);
    run(Phase::outputs, 0, rows());
    for (Count s = net_.n_steps; s-- > 0;) go_back(s);
    run(Phase::squares, 0, kWideLanes);
    device_.launch(TaskList<FinishLosses<T>>{models_.finishes, models_.n, 0});
  }

  Count rows() const { return models_.first.room.max_rows; }

  void run(Phase phase, Count step, Count elements) {
    device_.run(PhaseOf<T>{models_.models, static_cast<Count>(models_.n), phase, step, elements});
  }

  void go_forward(Count s) {
    const BlockStep& step = models_.steps[s];
    if (step.operation == Operation::dense) {
      multiply({input(step), coefs(step), buffer(step.output, step.units), rows(), step.units,
                step.inputs, models_.n});
    }
    run(Phase::forward, s, rows() * step.units);
  }

  void go_back(Count s) {
    const BlockStep& step = models_.steps[s];
    const bool is_dense = step.operation == Operation::dense;
    if (step.delta != kNone && step.operation != Operation::dropout) {
      run(Phase::delta, s, rows() * step.units);
    }
    run(Phase::gradient, s, is_dense ? step.units : rows() * step.units);
    if (!is_dense) return;
    const auto delta = fixed(buffer(through(step), step.units));
    multiply({transposed(input(step)),
              delta,
              {models_.first.gradient + step.coef, step.units, models_.room_step},
              step.inputs,
              step.units,
              rows(),
              models_.n,
              adds_});
    if (step.place == kNone) return;
    multiply({delta,
              transposed(coefs(step)),
              {models_.first.products, step.inputs, models_.room_step},
              rows(),
              step.inputs,
              step.units,
              models_.n});
    run(Phase::input_delta, s, rows() * step.inputs);
  }

  void multiply(const Products<T>& products) { device_.multiply(products); }

  static int through(const BlockStep& step) {
    return step.preactivation == kNone ? step.output : step.preactivation;
  }
  static ModelMatrices<const T> fixed(const ModelMatrices<T>& m) {
    return {m.data, m.row_step, m.model_step, m.transposed};
  }
  static ModelMatrices<const T> transposed(ModelMatrices<const T> m) {
    m.transposed = true;
    return m;
  }
  ModelMatrices<T> buffer(int number, Count width) const {
    const std::size_t begin = std::size_t{models_.buffers[number]} * rows();
    return {models_.first.room.buffers + begin, width, models_.room_step};
  }
  ModelMatrices<const T> input(const BlockStep& step) const {
    if (step.input != kNone) return fixed(buffer(step.input, step.inputs));
    return {models_.first.room.x, step.inputs, models_.room_step};
  }
  ModelMatrices<const T> coefs(const BlockStep& step) const {
    return {models_.first.parameters + step.coef, step.units, models_.state_step};
  }

  Device& device_;
  const WideModels<T>& models_;
  const BlockNet& net_;
  bool adds_ = false;
};

}  // namespace

template <class T>
void take_wide_step(Device& device, const WideModels<T>& models) {
  WideStep<T>(device, models).take();
}

template <class T>
void add_wide_gradients(Device& device, const WideModels<T>& models) {
  WideStep<T>(device, models).add_gradients();
}

template <class T>
void start_wide_gradients(Device& device, const WideModels<T>& models) {
  WideStep<T>(device, models).run_over_gradient(Phase::clear);
}

template <class T>
void finish_wide_gradients(Device& device, const WideModels<T>& models) {
  WideStep<T>(device, models).run_over_gradient(Phase::penalise);
}

template void take_wide_step(Device&, const WideModels<float>&);
template void take_wide_step(Device&, const WideModels<double>&);

template void add_wide_gradients(Device&, const WideModels<float>&);
template void add_wide_gradients(Device&, const WideModels<double>&);
template void start_wide_gradients(Device&, const WideModels<float>&);
template void start_wide_gradients(Device&, const WideModels<double>&);
template void finish_wide_gradients(Device&, const WideModels<float>&);
template void finish_wide_gradients(Device&, const WideModels<double>&);

}  // namespace skarma::gpu
