#include <skarma/gpu/wide/wide_step.hpp>

namespace skarma::gpu {
namespace {

template <class T>
class WideStep {
 public:
  WideStep(Device& device, const WideModels<T>& models)
      : device_(device),
        models_(models),
        net_(models.first.model.net),
        restraints_(models.first.model.restraints),
        products_(models, *models.fusions) {}

  void take() {
    go_round(false);
    if (restraints_.clip_norm > 0) {
      run(Phase::clip, 0, kWideLanes);
      run(Phase::sum_lanes, 0, kNormLanes);
    }
    run(Phase::update, 0, net_.n_trained);
    if (restraints_.max_norm > 0) limit_norms();
  }
  void add_gradients() { go_round(true); }
  void next_batch() { device_.launch(TaskList<NextBatch<T>>{models_.next_batch, models_.n, 0}); }
  void run_over_gradient(Phase phase) { run(phase, 0, net_.n_trained); }

 private:
  void go_round(bool adds) {
    next_batch();
    run(Phase::gather, 0, net_.n_inputs * rows());
    if (models_.has_sparse) {
      run(Phase::gather_entries, 0, rows());
      run(Phase::map_entries, 0, net_.n_inputs * rows());
    }
    for (Count s = 0; s < net_.n_steps; ++s) go_forward(s);
    run(Phase::outputs, 0, rows());
    for (Count s = net_.n_steps; s-- > 0;) go_back(s, adds);
    const bool has_biases = models_.fusions->bias_gradients && !adds;
    run(has_biases ? Phase::penalties : Phase::penalties_and_biases, 0, kWideLanes);
  }

  void limit_norms() {
    for (Count s = 0; s < net_.n_steps; ++s) {
      const BlockStep& step = models_.steps[s];
      if (step.trains_coefs) run(Phase::limit_norms, s, step.channels);
    }
  }

  Count rows() const { return models_.first.room.max_rows; }

  void run(Phase phase, Count step, Count elements, Count first_place = 0) {
    device_.run(PhaseOf<T>{models_.models, static_cast<Count>(models_.n), phase, step, elements,
                           first_place});
  }

  /// Calls use(first, n) for each tile of a convolution's places.
  template <class Use>
  void for_tiles(const BlockStep& step, const Use& use) {
    const Tiling tiling = tiling_of(models_.first, step);
    for (Count first = 0; first < tiling.n_places; first += tiling.tile) {
      use(first, tiling.tile_at(first));
    }
  }

  void convolve(Count s) {
    const BlockStep& step = models_.steps[s];
    for_tiles(step, [&](Count first, Count n) {
      run(Phase::unfold, s, n * step.depth(), first);
      device_.multiply(products_.convolution(s, first));
    });
  }

  void convolve_back(Count s) {
    const BlockStep& step = models_.steps[s];
    for_tiles(step, [&](Count first, Count n) {
      run(Phase::unfold, s, n * step.depth(), first);
      products_.for_parts(s, first, [&](const Products<T>& part) { device_.multiply(part); });
      const Count parts = tiling_of(models_.first, step).n_parts(n);
      run(Phase::biases_of_parts, s, parts * step.channels, first);
      run(Phase::add_parts, s, static_cast<Count>(sums_of_part(step)), first);
    });
    if (step.place == kNone) return;
    for_tiles(step, [&](Count first, Count n) {
      device_.multiply(products_.columns_delta(s, first));
      const Count n_rows = (first + n - 1) / step.places - first / step.places + 1;
      run(Phase::fold, s, n_rows * step.inputs, first);
    });
  }

  void go_forward(Count s) {
    const BlockStep& step = models_.steps[s];
    if (is_of_chains(step.operation)) return run(Phase::chain_forward, s, rows() * step.units);
    if (step.operation == Operation::conv2d) convolve(s);
    if (step.operation == Operation::dense) device_.multiply(products_.forward(s));
    const bool is_done = step.activation == kNone || fusion(s).forward != EpilogueKind::none;
    if (step.operation == Operation::dense && is_done) return;
    run(Phase::forward, s, rows() * step.units);
  }

  void go_back(Count s, bool adds) {
    const BlockStep& step = models_.steps[s];
    if (step.delta != kNone && step.activation != kNone) {
      run(Phase::delta, s, rows() * step.units);
    }
    if (step.operation == Operation::activation) return;
    if (step.operation == Operation::conv2d) return convolve_back(s);
    if (is_pool(step.operation)) {
      if (step.place != kNone) run(Phase::chain_back, s, rows() * step.inputs);
      return;
    }
    if (step.operation == Operation::rescale || step.operation == Operation::add) {
      const int wanted = step.operation == Operation::add ? step.place : step.delta;
      if (wanted != kNone) run(Phase::chain_back, s, rows() * step.units);
      return;
    }
    if (step.operation != Operation::dense) {
      run(Phase::gradient, s, rows() * step.units);
      if (step.operation == Operation::layer_norm) {
        run(Phase::input_delta, s, rows() * step.places);
      }
      return;
    }
    device_.multiply(products_.coef_gradient(s, adds));
    if (step.place == kNone) return;
    device_.multiply(products_.input_delta(s));
    if (!fusion(s).goes_straight) run(Phase::input_delta, s, rows() * step.inputs);
  }

  const StepFusion& fusion(Count s) const { return models_.fusions->steps[s]; }

  Device& device_;
  const WideModels<T>& models_;
  const BlockNet& net_;
  const BlockRestraints& restraints_;  // which there are is the same for all models
  WideProducts<T> products_;
};

}  // namespace

template <class T>
void take_wide_step(Device& device, const WideModels<T>& models) {
  WideStep<T>(device, models).take();
}

template <class T>
void finish_wide_steps(Device& device, const WideModels<T>& models) {
  WideStep<T>(device, models).next_batch();
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
  WideStep<T> step(device, models);
  step.next_batch();
  step.run_over_gradient(Phase::penalise);
}

template void take_wide_step(Device&, const WideModels<float>&);
template void take_wide_step(Device&, const WideModels<double>&);
template void finish_wide_steps(Device&, const WideModels<float>&);
template void finish_wide_steps(Device&, const WideModels<double>&);
template void add_wide_gradients(Device&, const WideModels<float>&);
template void add_wide_gradients(Device&, const WideModels<double>&);
template void start_wide_gradients(Device&, const WideModels<float>&);
template void start_wide_gradients(Device&, const WideModels<double>&);
template void finish_wide_gradients(Device&, const WideModels<float>&);
template void finish_wide_gradients(Device&, const WideModels<double>&);

}  // namespace skarma::gpu
