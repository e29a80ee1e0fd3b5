#include <skarma/gpu/engine/compute_gradients.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include <skarma/gpu/engine/wide_gradient.hpp>

namespace skarma::gpu {
namespace {

template <class T>
void check_weights(const LossJob<T>& job) {
  const auto& weights = job.model->weights;
  if (weights.empty() || weight_of(weights.data(), nullptr, job.n_rows()) != 0.0) return;
  throw std::domain_error("Weights sum to zero, can't be normalized");
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
                .n_all = jobs_[job].n_rows(),
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
    JobPlaces<T> places{};
    places.parameters = image_.add(job.parameters());
    places.gradient = n_gradients_;
    n_gradients_ += net.n_trained;
    if (job.on_device() != nullptr) {
      places.layout = layout_within<T>(net, job.n_rows(), {}, bench_.device().shared_memory());
    }
    places.is_shared = places.layout.max_rows > 0;
    if (places.is_shared) {
      shared_bytes_ = std::max(shared_bytes_, places.layout.bytes);
    } else {
      places.layout =
          layout_within<T>(net, job.n_rows(), {}, std::numeric_limits<std::size_t>::max());
      places.room = room_bytes_;
      room_bytes_ += padded(places.layout.bytes);
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
    gradients.put_task(i, i, {*jobs[i].on_device(), nullptr, 0, nullptr, jobs[i].n_rows()}, 0);
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
  const Count all = job.n_rows();
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

}  // namespace

template <class T>
void compute_gradients(Workbench& bench, std::span<const LossJob<T>> jobs) {
  std::vector<LossJob<T>> resident, wide;
  for (const LossJob<T>& job : jobs) {
    check_weights(job);
    if (goes_through_wide_steps(job)) {
      wide.push_back(job);
    } else if (job.on_device() != nullptr) {
      resident.push_back(job);
    } else {
      compute_streamed(bench, job);
    }
  }
  compute_resident<T>(bench, resident);
  compute_wide_gradients(bench.device(), std::move(wide));
}

template void compute_gradients(Workbench&, std::span<const LossJob<float>>);
template void compute_gradients(Workbench&, std::span<const LossJob<double>>);

}  // namespace skarma::gpu
