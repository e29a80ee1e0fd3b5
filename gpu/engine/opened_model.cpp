#include <skarma/gpu/engine/opened_model.hpp>

#include <algorithm>
#include <limits>
#include <utility>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/base/internal/converted.hpp>
#include <skarma/gpu/engine/image.hpp>

namespace skarma::gpu {
namespace {

/// Where one model lies in the image of its group.
template <class T>
struct ModelPlaces {
  Place<BlockStep> steps;
  Place<Count> starts;
  Place<BlockRun> runs;
  Place<T> parameters, moments, kept;
  Place<std::int32_t> codes;
  Place<T> values, weights;
  std::size_t room = 0;  // among the rooms of the group
};

/// A group of models on its way to the device: their states side by side, so that they come back
/// in one piece, what the host has written, and at the end what blocks write.
template <class T>
class Opening {
 public:
  Opening(Device& device, std::span<OpenModel*> models) : device_(device), models_(models) {
    for (const OpenModel* model : models_) {
      SKARMA_CHECK(std::get<ModelState<T>>(model->state).parameters.size() ==
                   model->spec.n_parameters());
      programs_.push_back(std::make_shared<const BlockProgram>(model->spec));
    }
    places_.resize(models_.size());
    for (std::size_t i = 0; i < models_.size(); ++i) place_state(i);
    for (std::size_t i = 0; i < models_.size(); ++i) place_rest(i);
    structs_ = image_.make_room<DeviceModel<T>>(models_.size());
    for (std::size_t i = 0; i < models_.size(); ++i) lay_out(i);
  }

  std::vector<OpenedModel<T>> open(const HeldData& data) {
    const std::size_t rooms = (image_.size() + kAlignment - 1) / kAlignment * kAlignment;
    memory_ = std::make_shared<const DeviceMemory>(device_, rooms + room_bytes_);
    image_.lies_at(memory_->data());
    std::vector<OpenedModel<T>> opened;
    for (std::size_t i = 0; i < models_.size(); ++i) {
      opened.push_back(open_one(i, data, memory_->data() + rooms));
    }
    image_.upload(device_);
    return opened;
  }

 private:
  static constexpr std::size_t kAlignment = 256;

  void place_state(std::size_t i) {
    const auto& state = std::get<ModelState<T>>(models_[i]->state);
    places_[i].parameters = image_.add(state.parameters);
    places_[i].moments = image_.add(state.optimiser.moments);
  }

  void place_rest(std::size_t i) {
    ModelPlaces<T>& places = places_[i];
    const BlockProgram& program = *programs_[i];
    const BlockNet& net = program.net();
    const Targets<double>& targets = models_[i]->targets;
    places.steps = image_.add(std::span(net.steps, net.n_steps));
    places.starts = image_.add(program.starts());
    places.runs = image_.add(std::span(net.runs, net.n_runs));
    places.codes = image_.add(targets.codes);
    places.values = image_.add(converted<T>(targets.values));
    places.weights = image_.add(converted<T>(targets.weights));
    places.kept = image_.make_room<T>(net.n_parameters);
  }

  void lay_out(std::size_t i) {
    const BlockNet& net = programs_[i]->net();
    const auto batch = static_cast<Count>(models_[i]->largest_batch);
    const auto n_moments = static_cast<Count>(places_[i].moments.n);
    layouts_.push_back({});
    if (batch == 0) return;
    layouts_.back() =
        layout_within<T>(net, batch, {true, true, n_moments}, device_.shared_memory());
    if (layouts_.back().max_rows > 0) return;
    layouts_.back() =
        layout_within<T>(net, batch, {.gradient = true}, std::numeric_limits<std::size_t>::max());
    places_[i].room = room_bytes_;
    room_bytes_ += (layouts_.back().bytes + kAlignment - 1) / kAlignment * kAlignment;
    own_room_.resize(i + 1);
    own_room_[i] = true;
  }

  bool has_own_room(std::size_t i) const { return i < own_room_.size() && own_room_[i]; }

  OpenedModel<T> open_one(std::size_t i, const HeldData& data, std::byte* rooms) {
    OpenModel& model = *models_[i];
    const ModelPlaces<T>& places = places_[i];
    const BlockNet net = net_on_device(i);
    T* const parameters = image_.address(places.parameters);
    T* const moments = image_.address(places.moments);
    const auto n_moments = static_cast<Count>(places.moments.n);
    image_.put(structs_, i,
               {.model = {.net = net,
                          .targets = {image_.address(places.codes), image_.address(places.values),
                                      image_.address(places.weights)},
                          .alpha = model.alpha,
                          .seed = model.seed},
                .layout = layouts_[i],
                .memory = has_own_room(i) ? rooms + places.room : nullptr,
                .parameters = parameters,
                .moments = moments,
                .n_moments = n_moments});
    auto& optimiser = std::get<ModelState<T>>(model.state).optimiser;
    return {.memory = memory_,
            .program = programs_[i],
            .data = &data.at(model.data),
            .rule = optimiser.rule,
            .n_steps = optimiser.n_steps,
            .weights = converted<T>(std::move(model.targets.weights)),
            .layout = layouts_[i],
            .model = image_.address(structs_) + i,
            .net = net,
            .parameters = parameters,
            .moments = moments,
            .kept = image_.address(places.kept),
            .n_moments = n_moments,
            .has_kept = false,
            .shared_bytes = has_own_room(i) ? 0 : layouts_[i].bytes};
  }

  BlockNet net_on_device(std::size_t i) const {
    BlockNet net = programs_[i]->net();
    net.steps = image_.address(places_[i].steps);
    net.starts = image_.address(places_[i].starts);
    net.runs = image_.address(places_[i].runs);
    return net;
  }

  Device& device_;
  std::span<OpenModel*> models_;
  std::vector<std::shared_ptr<const BlockProgram>> programs_;
  std::vector<ModelPlaces<T>> places_;
  std::vector<BlockLayout> layouts_;
  std::vector<bool> own_room_;
  std::size_t room_bytes_ = 0;
  Image image_;
  Place<DeviceModel<T>> structs_;
  std::shared_ptr<const DeviceMemory> memory_;
};

}  // namespace

template <class T>
std::vector<OpenedModel<T>> open_together(Device& device, const HeldData& data,
                                          std::span<OpenModel*> models) {
  if (models.empty()) return {};
  return Opening<T>(device, models).open(data);
}

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

template std::vector<OpenedModel<float>> open_together(Device&, const HeldData&,
                                                       std::span<OpenModel*>);
template std::vector<OpenedModel<double>> open_together(Device&, const HeldData&,
                                                        std::span<OpenModel*>);
template void bring_back(Device&, std::span<const OpenedModel<float>* const>,
                         std::span<ModelState<float>* const>);
template void bring_back(Device&, std::span<const OpenedModel<double>* const>,
                         std::span<ModelState<double>* const>);

}  // namespace skarma::gpu
