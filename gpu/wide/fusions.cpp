#include <skarma/gpu/wide/fusions.hpp>

#include <algorithm>
#include <utility>

#include <skarma/gpu/block/layout.hpp>
#include <skarma/gpu/device/device.hpp>
#include <skarma/gpu/wide/wide_models.hpp>

namespace skarma::gpu {
namespace {

bool keeps_something(const BlockStep& step) {
  return step.operation == Operation::dense &&
         (step.activation == kRelu || step.activation == kGeluTanh);
}

/// Tries one fusion after another, and keeps those that the device has.
template <class T>
class Fuser {
 public:
  Fuser(Device& device, const WideModels<T>& models, Fusions plain)
      : device_(device),
        models_(models),
        net_(models.first.model.net),
        fusions_(std::move(plain)) {}

  Fusions fuse() {
    for (Count s = 0; s < net_.n_steps; ++s) {
      if (models_.steps[s].operation == Operation::dense) fuse_forward(s);
    }
    for (Count s = 0; s < net_.n_steps; ++s) {
      const BlockStep& step = models_.steps[s];
      if (step.operation == Operation::dense && step.place != kNone) fuse_back(s);
    }
    fuse_bias_gradients();
    return std::move(fusions_);
  }

 private:
  WideProducts<T> products(const Fusions& fusions) const { return {models_, fusions}; }

  void fuse_forward(Count s) {
    const int activation = models_.steps[s].activation;
    if (activation != kIdentity && activation != kRelu) return;
    Fusions tried = fusions_;
    tried.steps[s].forward = activation == kRelu ? EpilogueKind::relu : EpilogueKind::bias;
    if (device_.can_multiply(products(tried).forward(s))) fusions_ = std::move(tried);
  }

  /// The derivative by what a dense step reads, with that of the activation before it.
  void fuse_back(Count s) {
    const BlockStep& step = models_.steps[s];
    if (step.joined != kRelu && step.joined != kGeluTanh) return;
    const auto before =
        std::find_if(models_.steps, models_.steps + net_.n_steps, [&](const BlockStep& other) {
          return keeps_something(other) && other.through() == step.place;
        });
    if (before == models_.steps + net_.n_steps) return;
    const auto b = static_cast<Count>(before - models_.steps);
    const bool is_relu = step.joined == kRelu;
    Fusions tried = fusions_;
    StepFusion& first = tried.steps[b];
    first.forward = is_relu ? EpilogueKind::relu : EpilogueKind::gelu_tanh;
    first.keeps = true;
    StepFusion& second = tried.steps[s];
    second.back = is_relu ? EpilogueKind::relu_slope : EpilogueKind::gelu_tanh_slope;
    second.asked = first.kept;
    second.goes_straight = true;
    if (device_.can_multiply(products(tried).forward(b)) &&
        device_.can_multiply(products(tried).input_delta(s))) {
      fusions_ = std::move(tried);
    }
  }

  /// All or none: a phase takes all at once.
  void fuse_bias_gradients() {
    Fusions tried = fusions_;
    tried.bias_gradients = true;
    for (Count s = 0; s < net_.n_steps; ++s) {
      const BlockStep& step = models_.steps[s];
      if (step.operation != Operation::dense || !step.trains_bias) continue;
      if (!device_.can_multiply(products(tried).coef_gradient(s, false))) return;
    }
    fusions_ = std::move(tried);
  }

  Device& device_;
  const WideModels<T>& models_;
  const BlockNet& net_;
  Fusions fusions_;
};

}  // namespace

template <class T>
Fusions plain_fusions(const BlockNet& net, Count rows, std::size_t& bytes) {
  Fusions fusions;
  bytes = 0;
  for (Count s = 0; s < net.n_steps; ++s) {
    const BlockStep& step = net.steps[s];
    StepFusion fusion;
    fusion.goes_straight = step.joined == kIdentity && step.onto == kNone;
    if (keeps_something(step)) {
      fusion.kept = bytes;
      bytes += padded(kept_bytes<T>(step.activation == kRelu, rows, step.units));
    }
    fusions.steps.push_back(fusion);
  }
  return fusions;
}

template <class T>
Fusions fusions_on(Device& device, const WideModels<T>& models, Fusions plain) {
  return Fuser<T>(device, models, std::move(plain)).fuse();
}

template Fusions plain_fusions<float>(const BlockNet&, Count, std::size_t&);
template Fusions plain_fusions<double>(const BlockNet&, Count, std::size_t&);
template Fusions fusions_on(Device&, const WideModels<float>&, Fusions);
template Fusions fusions_on(Device&, const WideModels<double>&, Fusions);

}  // namespace skarma::gpu
