#include <skarma/gpu/engine/compute_gradients.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <vector>

#include <skarma/core/base/internal/converted.hpp>
#include <skarma/gpu/engine/wide_group.hpp>

namespace skarma::gpu {
namespace {

template <class T>
Count n_rows(const LossJob<T>& job) {
  return static_cast<Count>(job.model->data->view().n_samples());
}

template <class T>
void check_weights(const LossJob<T>& job) {
  const auto& weights = job.model->weights;
  if (weights.empty() || weight_of(weights.data(), nullptr, n_rows(job)) != 0.0) return;
  throw std::domain_error("Weights sum to zero, can't be normalized");
}

template <class T>
const BlockSamples* on_device(const LossJob<T>& job) {
  return job.model->data->template on_device<T>();
}

/// Where the pieces of one job lie.
template <class T>
struct JobPlaces {
  Place<T> parameters;
  std::size_t gradient;  // among all gradients
  BlockLayout layout;
  bool is_shared;
  std::size_t room;
};

/// Jobs on their way through the device. Samples that are not there come in parts.
template <class T>
class Gradients {
 public:
  Gradients(Workbench& bench, std::span<const LossJob<T>> jobs, std::size_t n_tasks)
      : bench_(bench), jobs_(jobs) {
    for (const LossJob<T>& job : jobs_) place(job);
    gradients_ = image_.make_room<T>(n_gradients_);
    losses_ = image_.make_room<double>(jobs_.size());
    copies_ = image_.make_room<CopyTask<T>>(jobs_.size());
    tasks_ = image_.make_room<GradientTask<T>>(n_tasks);
    bench_.place(image_);
    room_ = bench_.room(room_bytes_);
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      image_.put(copies_, i,
                 {image_.address(places_[i].parameters), jobs_[i].model->parameters,
                  static_cast<Count>(places_[i].parameters.n)});
    }
  }

  void put_task(std::size_t number, std::size_t job, const BlockRows& rows, Count first_row) {
    const JobPlaces<T>& places = places_[job];
    image_.put(tasks_, number,
               {.model = jobs_[job].model->model,
                .layout = places.layout,
                .memory = places.is_shared ? nullptr : room_ + places.room,
                .rows = rows,
                .first_row = first_row,
                .n_all = n_rows(jobs_[job]),
                .gradient = image_.address(gradients_) + places.gradient,
                .loss = image_.address(losses_) + job});
  }

  /// Everything is put.
  void start() {
    image_.upload(bench_.device());
    bench_.launch(image_, copies_, 0);
  }
  void run(std::size_t first_task, std::size_t n) {
    bench_.device().launch(
        TaskList<GradientTask<T>>{image_.address(tasks_) + first_task, n, shared_bytes_});
  }
  void finish() {
    const auto losses = image_.download(bench_.device(), losses_);
    const auto gradients = image_.download(bench_.device(), gradients_);
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      *jobs_[i].loss = losses[i];
      std::copy_n(gradients.begin() + static_cast<std::ptrdiff_t>(places_[i].gradient),
                  jobs_[i].model->net.n_trained, jobs_[i].job->gradient.begin());
    }
  }

 private:
  void place(const LossJob<T>& job) {
    const BlockNet& net = job.model->net;
    const auto& parameters = job.job->parameters;
    JobPlaces<T> places{};
    places.parameters =
        image_.add(converted<T>(std::vector<double>(parameters.begin(), parameters.end())));
    places.gradient = n_gradients_;
    n_gradients_ += net.n_trained;
    if (on_device(job) != nullptr) {
      places.layout = layout_within<T>(net, n_rows(job), {}, bench_.device().shared_memory());
    }
    places.is_shared = places.layout.max_rows > 0;
    if (places.is_shared) {
      shared_bytes_ = std::max(shared_bytes_, places.layout.bytes);
    } else {
      places.layout =
          layout_within<T>(net, n_rows(job), {}, std::numeric_limits<std::size_t>::max());
      places.room = room_bytes_;
      room_bytes_ += (places.layout.bytes + 255) / 256 * 256;
    }
    places_.push_back(places);
  }

  Workbench& bench_;
  std::span<const LossJob<T>> jobs_;
  std::vector<JobPlaces<T>> places_;
  Image image_;
  Place<T> gradients_;
  Place<double> losses_;
  Place<CopyTask<T>> copies_;
  Place<GradientTask<T>> tasks_;
  std::size_t n_gradients_ = 0;
  std::size_t shared_bytes_ = 0;
  std::size_t room_bytes_ = 0;
  std::byte* room_ = nullptr;
};

/// Models whose samples are on the device: each in one task.
template <class T>
void compute_resident(Workbench& bench, std::span<const LossJob<T>> jobs) {
  if (jobs.empty()) return;
  Gradients<T> gradients(bench, jobs, jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    gradients.put_task(i, i, {*on_device(jobs[i]), nullptr, 0, nullptr, n_rows(jobs[i])}, 0);
  }
  gradients.start();
  gradients.run(0, jobs.size());
  gradients.finish();
}

/// One whose samples are gathered here, part by part.
template <class T>
void compute_streamed(Workbench& bench, const LossJob<T>& job) {
  const SampleView& samples = job.model->data->view();
  const std::size_t width = samples.n_features();
  const Count all = n_rows(job);
  const auto fitting =
      static_cast<Count>(streamed_bytes(bench.device()) / (width * sizeof(T))) / kRowsAtOnce;
  const Count most =
      job.model->net.needs_whole_batches ? all : std::max(fitting, Count{1}) * kRowsAtOnce;
  const DeviceMemory there(bench.device(), std::min(most, all) * width * sizeof(T));
  const BlockSamples plain = plain_rows<T>(at<T>(there.data(), 0), width);
  const std::size_t n_parts = (all + most - 1) / most;
  Gradients<T> gradients(bench, {&job, 1}, n_parts);
  const auto rows_of = [&](std::size_t part) {
    return std::min(most, all - static_cast<Count>(part) * most);
  };
  for (std::size_t i = 0; i < n_parts; ++i) {
    gradients.put_task(i, 0, {plain, nullptr, 0, nullptr, rows_of(i)},
                       static_cast<Count>(i) * most);
  }
  gradients.start();
  std::vector<T> x(std::min(most, all) * width);
  for (std::size_t i = 0; i < n_parts; ++i) {
    samples.gather(i * most, rows_of(i), x.data());
    bench.device().upload(there.data(), x.data(), rows_of(i) * width * sizeof(T));
    gradients.run(i, 1);
  }
  gradients.finish();
}

/// Whether the whole device takes the network through one part of the samples after another.
template <class T>
bool is_wide(const LossJob<T>& job) {
  const auto& wide = job.model->wide;
  if (wide == nullptr) return false;
  return !job.model->net.needs_whole_batches || n_rows(job) <= wide->n_rows_of_step;
}

/// A wide network.
template <class T>
class WideGradient {
 public:
  WideGradient(Device& device, const LossJob<T>& job)
      : device_(device),
        job_(job),
        wide_(*job.model->wide),
        one_(wide_.one(job.model->slot)),
        progress_(wide_.progress + job.model->slot) {
    const auto& parameters = job.job->parameters;
    const auto own = converted<T>(std::vector<double>(parameters.begin(), parameters.end()));
    device_.upload(job.model->parameters, own.data(), own.size() * sizeof(T));
  }

  void compute() {
    start_wide_gradients(device_, one_);
    if (const BlockSamples* const there = on_device(job_)) {
      add(*there, 0, n_rows(job_));
    } else {
      add_streamed();
    }
    finish_wide_gradients(device_, one_);
    finish();
  }

 private:
  void add_streamed() {
    const SampleView& samples = job_.model->data->view();
    const std::size_t width = samples.n_features(), all = n_rows(job_);
    const std::size_t rows = wide_.n_rows_of_step;
    const std::size_t fitting = streamed_bytes(device_) / (width * sizeof(T)) / rows;
    const std::size_t most = std::min(all, std::max<std::size_t>(fitting, 1) * rows);
    const DeviceMemory there(device_, most * width * sizeof(T));
    std::vector<T> x(most * width);
    for (std::size_t begin = 0; begin < all; begin += most) {
      const std::size_t n = std::min(most, all - begin);
      samples.gather(begin, n, x.data());
      device_.upload(there.data(), x.data(), n * width * sizeof(T));
      add(plain_rows<T>(at<T>(there.data(), 0), width), begin, n);
    }
  }

  /// Samples number begin ... begin + n - 1, the first of which is the first of `samples`.
  void add(const BlockSamples& samples, std::size_t begin, std::size_t n) {
    WideProgress progress{};
    if (begin > 0) device_.download(&progress, progress_, sizeof progress);
    // Rows are counted through all parts; the difference comes round to 0.
    progress.rows = {samples, nullptr, std::size_t{0} - begin, nullptr, n_rows(job_)};
    progress.batch_size = wide_.n_rows_of_step;
    one_.has_sparse = samples.columns != nullptr;
    device_.upload(progress_, &progress, sizeof progress);
    const std::size_t rows = wide_.n_rows_of_step;
    for (std::size_t done = 0; done < n; done += rows) add_wide_gradients(device_, one_);
  }

  void finish() {
    WideProgress progress{};
    device_.download(&progress, progress_, sizeof progress);
    *job_.loss = progress.loss_sum;
    std::vector<T> gradient(job_.model->net.n_trained);
    device_.download(gradient.data(), wide_.gradient_of(job_.model->slot),
                     gradient.size() * sizeof(T));
    std::ranges::copy(gradient, job_.job->gradient.begin());
  }

  Device& device_;
  const LossJob<T>& job_;
  WideGroup<T>& wide_;
  WideModels<T> one_;
  WideProgress* progress_;
};

}  // namespace

template <class T>
void compute_gradients(Workbench& bench, std::span<const LossJob<T>> jobs) {
  std::vector<LossJob<T>> resident;
  for (const LossJob<T>& job : jobs) {
    check_weights(job);
    if (is_wide(job)) {
      WideGradient<T>(bench.device(), job).compute();
    } else if (on_device(job) != nullptr) {
      resident.push_back(job);
    } else {
      compute_streamed(bench, job);
    }
  }
  compute_resident<T>(bench, resident);
}

template void compute_gradients(Workbench&, std::span<const LossJob<float>>);
template void compute_gradients(Workbench&, std::span<const LossJob<double>>);

}  // namespace skarma::gpu
