#include <skarma/gpu/engine/opened_model.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/base/internal/converted.hpp>
#include <skarma/gpu/engine/image.hpp>
#include <skarma/gpu/engine/wide_group.hpp>

namespace skarma::gpu {
namespace {

/// Values of all rows that a model takes at once are counted in 32 bits.
void check_rows(const BlockNet& net, std::size_t rows) {
  const std::size_t width = std::size_t{net.row_width} + net.n_inputs;
  if (rows <= std::numeric_limits<Count>::max() / width) return;
  throw std::invalid_argument(
      fmt::format("Minibatches of {} rows, each of {} values on its way through the network, are "
                  "too large for this device: a smaller batch_size takes less.",
                  rows, width));
}

BlockRestraints restraints_of(const OpenModel& model) {
  const Restraints& all = model.restraints;
  return {all.l1, all.clip_value, all.clip_norm, all.max_norm};
}

/// What takes phases of a wide step of its own.
std::pair<bool, bool> phases_of(const Restraints& restraints) {
  return {restraints.clip_norm > 0.0, restraints.max_norm > 0.0};
}

/// A model that is to be opened, and how it will be trained.
template <class T>
struct Candidate {
  OpenModel* model;
  std::shared_ptr<const BlockProgram> program;
  BlockLayout layout;  // in shared memory; empty for wide networks and for those that do not train
  bool is_wide;

  Candidate(OpenModel& of, std::size_t shared_memory)
      : model(&of),
        program(std::make_shared<const BlockProgram>(of.spec)),
        layout{},
        is_wide(false) {
    SKARMA_CHECK(state().parameters.size() == of.spec.n_parameters());
    check_rows(program->net(), std::max<std::size_t>(of.largest_batch, batch()));
    if (of.largest_batch == 0) {
      is_wide =
          layout_within<T>(program->net(), batch(), {.gradient = true}, shared_memory).max_rows ==
          0;
      return;
    }
    const auto n_moments = static_cast<Count>(state().optimiser.moments.size());
    layout = layout_within<T>(program->net(), batch(), {true, true, n_moments}, shared_memory);
    is_wide = layout.max_rows == 0;
  }

  ModelState<T>& state() const { return std::get<ModelState<T>>(model->state); }
  /// Rows that it takes at once: for gradients of all samples as many as are worth it.
  Count batch() const {
    constexpr std::size_t kWideRows = 4096, kWideValues = std::size_t{1} << 28;
    if (model->largest_batch > 0) return static_cast<Count>(model->largest_batch);
    const std::size_t n = model->targets.n_samples();
    if (program->net().needs_whole_batches) return static_cast<Count>(n);
    const std::size_t fitting = kWideValues / (program->net().row_width + 1);
    return static_cast<Count>(std::min({n, kWideRows, std::max(fitting, std::size_t{1})}));
  }
  /// Whether the two can go through products together.
  bool is_like(const Candidate& other) const {
    return is_wide && other.is_wide && batch() == other.batch() &&
           model->tf32 == other.model->tf32 &&
           phases_of(model->restraints) == phases_of(other.model->restraints) &&
           state().optimiser.moments.size() == other.state().optimiser.moments.size() &&
           program->is_like(*other.program);
  }
};

/// Where one model lies in the image of its group.
template <class T>
struct ModelPlaces {
  Place<BlockStep> steps;
  Place<Count> starts;
  Place<BlockRun> runs;
  Place<double> loss_numbers;
  Place<T> parameters, moments, kept;
  Place<std::int32_t> codes;
  Place<T> values, weights;
};

/// A group of models on its way to the device: their states side by side, so that they come back
/// in one piece, what the host has written, and at the end what blocks write.
template <class T>
class Opening {
 public:
  Opening(Device& device, std::vector<Candidate<T>> candidates)
      : device_(device), candidates_(std::move(candidates)), places_(candidates_.size()) {
    for (std::size_t i = 0; i < candidates_.size(); ++i) place_state(i);
    for (std::size_t i = 0; i < candidates_.size(); ++i) place_rest(i);
    structs_ = image_.make_room<DeviceModel<T>>(candidates_.size());
    if (candidates_.front().is_wide) {
      wide_.emplace(image_, *candidates_.front().program, candidates_.front().batch(),
                    candidates_.size(), phases_of(candidates_.front().model->restraints).first,
                    device.columns_memory());
    }
  }

  std::vector<OpenedModel<T>> open(const HeldData& data) {
    const std::size_t rooms = padded(image_.size());
    memory_ =
        std::make_shared<const DeviceMemory>(device_, rooms + (wide_ ? wide_->room_bytes() : 0));
    image_.lies_at(memory_->data());
    std::vector<OpenedModel<T>> opened;
    for (std::size_t i = 0; i < candidates_.size(); ++i) opened.push_back(open_one(i, data));
    if (wide_) wide_->open(image_, memory_->data() + rooms, opened, models_, has_tf32());
    image_.upload(device_);
    if (wide_) opened.front().wide->make_ready(device_);
    return opened;
  }

 private:
  /// The algorithm of a product may depend on how its matrices are aligned, which must not depend
  /// on the group.
  void place_state(std::size_t i) {
    if (candidates_[i].is_wide) image_.align(kAlignment);
    places_[i].parameters = image_.add(candidates_[i].state().parameters);
    places_[i].moments = image_.add(candidates_[i].state().optimiser.moments);
  }

  void place_rest(std::size_t i) {
    ModelPlaces<T>& places = places_[i];
    const BlockProgram& program = *candidates_[i].program;
    const BlockNet& net = program.net();
    const Targets<double>& targets = candidates_[i].model->targets;
    places.steps = image_.add(std::span(net.steps, net.n_steps));
    places.starts = image_.add(program.starts());
    places.runs = image_.add(std::span(net.runs, net.n_runs));
    places.loss_numbers = image_.add(program.loss_numbers());
    places.codes = image_.add(targets.codes);
    places.values = image_.add(converted<T>(targets.values));
    places.weights = image_.add(converted<T>(targets.weights));
    places.kept = image_.make_room<T>(net.n_parameters);
  }

  OpenedModel<T> open_one(std::size_t i, const HeldData& data) {
    const Candidate<T>& candidate = candidates_[i];
    OpenModel& model = *candidate.model;
    const ModelPlaces<T>& places = places_[i];
    const DeviceModel<T> there{
        .model = {.net = net_on_device(i),
                  .targets = {image_.address(places.codes), image_.address(places.values),
                              image_.address(places.weights)},
                  .alpha = model.alpha,
                  .restraints = restraints_of(model),
                  .seed = model.seed},
        .layout = candidate.layout,
        .parameters = image_.address(places.parameters),
        .moments = image_.address(places.moments),
        .n_moments = static_cast<Count>(places.moments.n)};
    image_.put(structs_, i, there);
    models_.push_back(there.model);
    const auto& optimiser = candidate.state().optimiser;
    return {.memory = memory_,
            .program = candidate.program,
            .data = &data.at(model.data),
            .rule = optimiser.rule,
            .n_steps = optimiser.n_steps,
            .weights = converted<T>(std::move(model.targets.weights)),
            .model = image_.address(structs_) + i,
            .net = there.model.net,
            .parameters = there.parameters,
            .moments = there.moments,
            .kept = image_.address(places.kept),
            .n_moments = there.n_moments,
            .has_kept = false,
            .shared_bytes = candidate.layout.bytes};
  }

  bool has_tf32() const { return candidates_.front().model->tf32; }

  BlockNet net_on_device(std::size_t i) const {
    BlockNet net = candidates_[i].program->net();
    net.steps = image_.address(places_[i].steps);
    net.starts = image_.address(places_[i].starts);
    net.runs = image_.address(places_[i].runs);
    net.loss_numbers = image_.address(places_[i].loss_numbers);
    return net;
  }

  Device& device_;
  std::vector<Candidate<T>> candidates_;
  std::vector<ModelPlaces<T>> places_;
  Image image_;
  Place<DeviceModel<T>> structs_;
  std::optional<WideOpening<T>> wide_;
  std::shared_ptr<const DeviceMemory> memory_;
  std::vector<BlockModel<T>> models_;  // as they are there
};

/// Places of models in groups: all that one block can train, and wide ones of each shape.
template <class T>
std::vector<std::vector<std::size_t>> grouped(const std::vector<Candidate<T>>& candidates) {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto fits = [&](const std::vector<std::size_t>& group) {
      const Candidate<T>& first = candidates[group.front()];
      return candidates[i].is_wide ? candidates[i].is_like(first) : !first.is_wide;
    };
    const auto group = std::ranges::find_if(groups, fits);
    if (group == groups.end()) {
      groups.push_back({i});
    } else {
      group->push_back(i);
    }
  }
  return groups;
}

}  // namespace

template <class T>
std::vector<OpenedModel<T>> open_together(Device& device, const HeldData& data,
                                          std::span<OpenModel* const> models) {
  std::vector<Candidate<T>> candidates;
  for (OpenModel* const model : models) {
    SKARMA_CHECK(model->targets.n_samples() == data.at(model->data).view().n_samples());
    candidates.emplace_back(*model, device.shared_memory());
  }
  std::vector<OpenedModel<T>> opened(models.size());
  for (const auto& group : grouped(candidates)) {
    std::vector<Candidate<T>> members;
    for (const std::size_t i : group) members.push_back(candidates[i]);
    auto opened_members = Opening<T>(device, std::move(members)).open(data);
    for (std::size_t i = 0; i < group.size(); ++i) opened[group[i]] = std::move(opened_members[i]);
  }
  return opened;
}

template std::vector<OpenedModel<float>> open_together(Device&, const HeldData&,
                                                       std::span<OpenModel* const>);
template std::vector<OpenedModel<double>> open_together(Device&, const HeldData&,
                                                        std::span<OpenModel* const>);

}  // namespace skarma::gpu
