#include <skarma/gpu/serve_engine.hpp>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/net/not_finite_sample.hpp>
#include <skarma/gpu/forwarded_stop.hpp>
#include <skarma/gpu/read_description.hpp>

/// What the other side holds in its hands.
struct skarma_engine {
  std::unique_ptr<skarma::Engine> engine;
  std::size_t n_open = 0;
  // Room for all that are open, so that closing them needs no memory.
  std::vector<skarma::ModelId> closing{};
  std::vector<skarma::AnyModelState> states{};
};

namespace skarma::gpu {
namespace {

/// As much of the text as there is room for.
void write(std::string_view text, skarma_message& message) {
  if (message.capacity == 0) return;
  const std::size_t length = std::min<std::size_t>(text.size(), message.capacity - 1);
  std::memcpy(message.text, text.data(), length);
  message.text[length] = '\0';
}

template <std::size_t n>
void write(std::string_view text, char (&room)[n]) {
  skarma_message message{room, n};
  write(text, message);
}

/// The code of the exception that is being handled.
std::int32_t code_of_exception() {
  try {
    throw;
  } catch (const Cancelled&) {
    return SKARMA_CANCELLED;
  } catch (const NotFiniteSample&) {
    return SKARMA_NOT_FINITE_SAMPLE;
  } catch (const std::bad_alloc&) {
    return SKARMA_NO_MEMORY;
  } catch (const std::out_of_range&) {
    return SKARMA_OUT_OF_RANGE;
  } catch (const std::invalid_argument&) {
    return SKARMA_INVALID_ARGUMENT;
  } catch (const std::domain_error&) {
    return SKARMA_DOMAIN_ERROR;
  } catch (const std::logic_error&) {
    return SKARMA_LOGIC_ERROR;
  } catch (...) {
    return SKARMA_DEVICE_ERROR;
  }
}

template <class Action>
std::int32_t guarded(skarma_message* message, const Action& action) noexcept {
  try {
    action();
    return SKARMA_OK;
  } catch (const std::exception& e) {
    write(e.what(), *message);
    return code_of_exception();
  } catch (...) {
    write("The device failed for a reason that it does not give.", *message);
    return SKARMA_DEVICE_ERROR;
  }
}

void destroy(skarma_engine* engine) noexcept { const std::unique_ptr<skarma_engine> ended(engine); }

std::int32_t hold(skarma_engine* served, const skarma_samples* samples, std::uint64_t* data,
                  skarma_message* message) noexcept {
  return guarded(message, [&] {
    *data = static_cast<std::uint64_t>(served->engine->hold(read_samples(*samples)));
  });
}

void release(skarma_engine* served, std::uint64_t data) noexcept {
  served->engine->release(DataId{data});
}

std::int32_t open(skarma_engine* served, const skarma_open_model* models, std::uint64_t n,
                  std::uint64_t* ids, skarma_message* message) noexcept {
  return guarded(message, [&] {
    std::vector<OpenModel> group;
    for (const skarma_open_model& model : std::span(models, n)) group.push_back(read_model(model));
    served->closing.reserve(served->n_open + n);
    served->states.reserve(served->n_open + n);
    const std::vector<ModelId> opened = served->engine->open(std::move(group));
    served->n_open += n;
    std::transform(opened.begin(), opened.end(), ids,
                   [](ModelId id) { return static_cast<std::uint64_t>(id); });
  });
}

template <class T>
void copy_to(void* room, std::uint64_t size, const std::vector<T>& values) {
  SKARMA_CHECK(values.size() == size);
  std::copy(values.begin(), values.end(), static_cast<T*>(room));
}

void hand_over(const AnyModelState& state, skarma_end& end) {
  const auto copy = [&](const auto& numbers) {
    copy_to(end.parameters, end.n_parameters, numbers.parameters);
    copy_to(end.moments, end.n_moments, numbers.optimiser.moments);
    end.n_steps = numbers.optimiser.n_steps;
  };
  std::visit(copy, state);
}

std::int32_t close(skarma_engine* served, const std::uint64_t* models, std::uint64_t n,
                   skarma_end* ends, skarma_message* message) noexcept {
  return guarded(message, [&] {
    served->closing.clear();
    for (const std::uint64_t id : std::span(models, n)) served->closing.push_back(ModelId{id});
    served->states.clear();
    served->states.resize(ends == nullptr ? 0 : n);
    served->engine->close(served->closing, served->states);
    served->n_open -= n;
    for (std::size_t i = 0; i < served->states.size(); ++i) {
      hand_over(served->states[i], ends[i]);
    }
    served->states.clear();
  });
}

std::int32_t train(skarma_engine* served, skarma_epoch_range* ranges, std::uint64_t n,
                   skarma_message* message) noexcept {
  return guarded(message, [&] {
    std::vector<EpochRange> group;
    std::vector<EpochLoss> losses;
    for (const skarma_epoch_range& range : std::span(ranges, n)) {
      group.push_back({.model = ModelId{range.model},
                       .order = {range.order, static_cast<std::size_t>(range.n_order)},
                       .batch_size = range.batch_size,
                       .first_batch = range.first_batch,
                       .end_batch = range.end_batch,
                       .rate = range.rate});
      losses.push_back({range.loss_sum});
    }
    served->engine->train(group, losses);
    for (std::size_t i = 0; i < losses.size(); ++i) ranges[i].loss_sum = losses[i].loss_sum;
  });
}

void write_outputs(const Matrix<double>& outputs, double* room, std::uint64_t size) {
  SKARMA_CHECK(outputs.values().size() == size);
  std::copy(outputs.values().begin(), outputs.values().end(), room);
}

std::int32_t evaluate(skarma_engine* served, skarma_evaluation* jobs, std::uint64_t n,
                      skarma_message* message) noexcept {
  return guarded(message, [&] {
    std::deque<ForwardedStop> stops;
    std::vector<EvaluationJob> group;
    for (const skarma_evaluation& job : std::span(jobs, n)) {
      stops.emplace_back(job.stop);
      group.push_back({ModelId{job.model}, DataId{job.data}, stops.back().token()});
    }
    std::vector<std::optional<Matrix<double>>> outputs(n);
    served->engine->evaluate(group, outputs);
    for (std::size_t i = 0; i < n; ++i) {
      jobs[i].done = outputs[i].has_value();
      if (outputs[i]) write_outputs(*outputs[i], jobs[i].outputs, jobs[i].n_outputs);
    }
  });
}

std::int32_t score(skarma_engine* served, skarma_score* jobs, std::uint64_t n,
                   skarma_message* message) noexcept {
  return guarded(message, [&] {
    std::deque<ForwardedStop> stops;
    std::map<const skarma_targets*, Targets<double>> targets;
    std::vector<ScoreJob> group;
    for (const skarma_score& job : std::span(jobs, n)) {
      auto read = targets.find(job.targets);
      if (read == targets.end()) {
        read = targets.emplace(job.targets, read_targets(*job.targets)).first;
      }
      stops.emplace_back(job.stop);
      group.push_back({ModelId{job.model}, DataId{job.data}, &read->second,
                       read_score_kind(job.kind), stops.back().token()});
    }
    std::vector<std::optional<std::vector<double>>> sums(n);
    served->engine->score(group, sums);
    for (std::size_t i = 0; i < n; ++i) {
      jobs[i].done = sums[i].has_value();
      if (sums[i]) copy_to(jobs[i].sums, jobs[i].n_sums, *sums[i]);
    }
  });
}

std::int32_t gradients(skarma_engine* served, skarma_gradient* jobs, std::uint64_t n,
                       skarma_message* message) noexcept {
  return guarded(message, [&] {
    std::deque<ForwardedStop> stops;
    std::vector<GradientJob> group;
    for (const skarma_gradient& job : std::span(jobs, n)) {
      stops.emplace_back(job.stop);
      group.push_back({.model = ModelId{job.model},
                       .parameters = {job.parameters, static_cast<std::size_t>(job.n_parameters)},
                       .gradient = {job.gradient, static_cast<std::size_t>(job.n_gradient)},
                       .stop = stops.back().token()});
    }
    std::vector<double> losses(n);
    served->engine->gradients(group, losses);
    for (std::size_t i = 0; i < n; ++i) jobs[i].loss = losses[i];
  });
}

AnyParameters parameters_of(const skarma_prediction& job) {
  const auto n = static_cast<std::size_t>(job.n_parameters);
  if (job.type == SKARMA_FLOAT32) return std::span(static_cast<const float*>(job.parameters), n);
  SKARMA_CHECK(job.type == SKARMA_FLOAT64);
  return std::span(static_cast<const double*>(job.parameters), n);
}

std::int32_t predict(skarma_engine* served, const skarma_prediction* job,
                     skarma_message* message) noexcept {
  return guarded(message, [&] {
    const NetworkSpec spec = read_network(*job->network);
    const SampleView samples = read_samples(*job->samples);
    const ForwardedStop stop(job->stop);
    const Matrix<double> outputs =
        served->engine->predict({spec, parameters_of(*job), samples, stop.token()});
    write_outputs(outputs, job->outputs, job->n_outputs);
  });
}

std::int32_t keep(skarma_engine* served, std::uint64_t model, skarma_message* message) noexcept {
  return guarded(message, [&] { served->engine->keep(ModelId{model}); });
}

std::int32_t restore(skarma_engine* served, std::uint64_t model, skarma_message* message) noexcept {
  return guarded(message, [&] { served->engine->restore(ModelId{model}); });
}

std::int32_t capabilities(skarma_engine* served, skarma_capabilities* written,
                          skarma_message* message) noexcept {
  return guarded(message, [&] {
    const Capabilities said = served->engine->capabilities();
    *written = {.most_models = said.most_models, .free_memory = said.free_memory};
  });
}

}  // namespace

std::int32_t create_engine(MakeEngine make, std::int32_t device, skarma_engine** engine,
                           skarma_message* message) noexcept {
  return guarded(message, [&] {
    auto served = std::make_unique<skarma_engine>();
    served->engine = make(device);
    *engine = served.release();
  });
}

std::int32_t count_devices(CountDevices count, std::int32_t* n, skarma_message* message) noexcept {
  return guarded(message, [&] { *n = count(); });
}

std::int32_t describe_device(DescribeDevice describe, std::int32_t device,
                             skarma_device_description* description,
                             skarma_message* message) noexcept {
  return guarded(message, [&] {
    const DeviceDescription found = describe(device);
    *description = {.memory_total = found.memory_total,
                    .memory_free = found.memory_free,
                    .n_multiprocessors = found.n_multiprocessors,
                    .name = {},
                    .compute_capability = {},
                    .driver_version = {},
                    .runtime_version = {}};
    write(found.name, description->name);
    write(found.compute_capability, description->compute_capability);
    write(found.driver_version, description->driver_version);
    write(found.runtime_version, description->runtime_version);
  });
}

std::int32_t read_state(skarma_engine* served, std::uint64_t model, skarma_end* state,
                        skarma_message* message) noexcept {
  return guarded(message, [&] { hand_over(served->engine->read_state(ModelId{model}), *state); });
}

std::int32_t write_state(skarma_engine* served, std::uint64_t model, const skarma_start* state,
                         skarma_message* message) noexcept {
  return guarded(message, [&] { served->engine->write_state(ModelId{model}, read_start(*state)); });
}

skarma_device_api device_api(const DeviceFunctions& functions) {
  return {.version = SKARMA_DEVICE_ABI,
          .size = sizeof(skarma_device_api),
          .create = functions.create,
          .destroy = destroy,
          .hold = hold,
          .release = release,
          .open = open,
          .close = close,
          .train = train,
          .evaluate = evaluate,
          .score = score,
          .gradients = gradients,
          .predict = predict,
          .keep = keep,
          .restore = restore,
          .read_state = read_state,
          .write_state = write_state,
          .capabilities = capabilities,
          .count_devices = functions.count_devices,
          .describe_device = functions.describe_device};
}

}  // namespace skarma::gpu
