#include <algorithm>
#include <cstddef>
#include <map>
#include <vector>

#include <skarma/gpu/engine/opened_model.hpp>

namespace skarma::gpu {
namespace {

/// The memory from the first to the last of some models' states, on the device and here.
template <class T>
class States {
 public:
  void include(const OpenedModel<T>& model) {
    first_ = first_ == nullptr ? model.parameters : std::min(first_, model.parameters);
    last_ = std::max({last_, model.parameters + model.net.n_parameters,
                      model.moments == nullptr ? last_ : model.moments + model.n_moments});
  }
  void download(Device& device) {
    here_.resize(static_cast<std::size_t>(last_ - first_));
    device.download(here_.data(), first_, here_.size() * sizeof(T));
  }
  void copy(const T* from, std::vector<T>& to) const {
    if (!to.empty()) std::copy_n(here_.begin() + (from - first_), to.size(), to.begin());
  }

 private:
  T* first_ = nullptr;
  T* last_ = nullptr;
  std::vector<T> here_;
};

}  // namespace

template <class T>
void bring_back(Device& device, std::span<const OpenedModel<T>* const> models,
                std::span<ModelState<T>* const> states) {
  std::map<const DeviceMemory*, States<T>> groups;
  for (const OpenedModel<T>* model : models) groups[model->memory.get()].include(*model);
  for (auto& [memory, group] : groups) group.download(device);
  for (std::size_t i = 0; i < models.size(); ++i) {
    const States<T>& group = groups.at(models[i]->memory.get());
    group.copy(models[i]->parameters, states[i]->parameters);
    group.copy(models[i]->moments, states[i]->optimiser.moments);
    states[i]->optimiser.n_steps = models[i]->n_steps;
  }
}

template void bring_back(Device&, std::span<const OpenedModel<float>* const>,
                         std::span<ModelState<float>* const>);
template void bring_back(Device&, std::span<const OpenedModel<double>* const>,
                         std::span<ModelState<double>* const>);

}  // namespace skarma::gpu
