#include <skarma/gpu/engine/wide_gradient.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <skarma/gpu/engine/wide_group.hpp>

namespace skarma::gpu {
namespace {

/// Neighbours of a group, each with samples of its own. Those between them that nobody asked for go
/// along without rows.
template <class T>
class WideGradients {
 public:
  WideGradients(Device& device, std::span<const LossJob<T>> jobs)
      : device_(device),
        jobs_(jobs),
        group_(*jobs.front().model->wide),
        first_(jobs.front().model->slot),
        models_(group_.some(first_, jobs.back().model->slot - first_ + 1)),
        progress_(models_.n) {
    for (const LossJob<T>& job : jobs_) {
      const auto own = job.parameters();
      device_.upload(job.model->parameters, own.data(), own.size() * sizeof(T));
    }
  }

  void compute() {
    start_wide_gradients(device_, models_);
    models_.has_sparse = false;
    if (jobs_.front().on_device() != nullptr) {
      add_all();
    } else {
      add_streamed(jobs_.front());
    }
    finish_wide_gradients(device_, models_);
    finish();
  }

 private:
  WideProgress& progress_of(const LossJob<T>& job) { return progress_[job.model->slot - first_]; }
  void upload_progress() {
    device_.upload(group_.progress + first_, progress_.data(),
                   progress_.size() * sizeof(WideProgress));
  }
  void download_progress() {
    device_.download(progress_.data(), group_.progress + first_,
                     progress_.size() * sizeof(WideProgress));
  }

  void add_all() {
    Count most = 0;
    for (const LossJob<T>& job : jobs_) {
      show(job, *job.on_device(), 0);
      most = std::max(most, job.n_rows());
    }
    upload_progress();
    add(most);
  }

  /// The one job there is.
  void add_streamed(const LossJob<T>& job) {
    const SampleView& samples = job.model->data->view();
    const std::size_t width = samples.n_features(), all = job.n_rows();
    const std::size_t rows = group_.n_rows_of_step;
    const std::size_t fitting = streamed_bytes(device_) / (width * sizeof(T)) / rows;
    const std::size_t most = std::min(all, std::max<std::size_t>(fitting, 1) * rows);
    const DeviceMemory there(device_, most * width * sizeof(T));
    std::vector<T> x(most * width);
    for (std::size_t begin = 0; begin < all; begin += most) {
      const std::size_t n = std::min(most, all - begin);
      samples.gather(begin, n, x.data());
      device_.upload(there.data(), x.data(), n * width * sizeof(T));
      if (begin > 0) download_progress();
      show(job, plain_rows<T>(at<T>(there.data(), 0), width), begin);
      upload_progress();
      add(n);
    }
  }

  /// From sample number `begin` on, which is the first of `samples`, those of a job are there.
  void show(const LossJob<T>& job, const BlockSamples& samples, std::size_t begin) {
    WideProgress& progress = progress_of(job);
    // Rows are counted through all parts; the difference comes round to 0.
    progress.rows = {samples, nullptr, std::size_t{0} - begin, nullptr, job.n_rows()};
    progress.batch_size = group_.n_rows_of_step;
    models_.has_sparse = models_.has_sparse || samples.columns != nullptr;
  }

  void add(std::size_t n_rows) {
    for (std::size_t done = 0; done < n_rows; done += group_.n_rows_of_step) {
      add_wide_gradients(device_, models_);
    }
  }

  void finish() {
    download_progress();
    for (const LossJob<T>& job : jobs_) {
      *job.loss = progress_of(job).loss_sum;
      std::vector<T> gradient(job.model->net.n_trained);
      device_.download(gradient.data(), group_.gradient_of(job.model->slot),
                       gradient.size() * sizeof(T));
      std::ranges::copy(gradient, job.job->gradient.begin());
    }
  }

  Device& device_;
  std::span<const LossJob<T>> jobs_;
  WideGroup<T>& group_;
  std::size_t first_;
  WideModels<T> models_;
  std::vector<WideProgress> progress_;
};

}  // namespace

template <class T>
bool goes_through_wide_steps(const LossJob<T>& job) {
  const auto& wide = job.model->wide;
  if (wide == nullptr) return false;
  return !job.model->net.needs_whole_batches || job.n_rows() <= wide->n_rows_of_step;
}

template <class T>
void compute_wide_gradients(Device& device, std::vector<LossJob<T>> jobs) {
  const auto streamed = std::partition(
      jobs.begin(), jobs.end(), [](const LossJob<T>& job) { return job.on_device() != nullptr; });
  for (auto job = streamed; job != jobs.end(); ++job) {
    WideGradients<T>(device, {&*job, 1}).compute();
  }
  jobs.erase(streamed, jobs.end());
  for_each_company(
      std::move(jobs), [](const LossJob<T>& job) -> const OpenedModel<T>& { return *job.model; },
      [&](std::span<const LossJob<T>> company) { WideGradients<T>(device, company).compute(); });
}

template bool goes_through_wide_steps(const LossJob<float>&);
template bool goes_through_wide_steps(const LossJob<double>&);
template void compute_wide_gradients(Device&, std::vector<LossJob<float>>);
template void compute_wide_gradients(Device&, std::vector<LossJob<double>>);

}  // namespace skarma::gpu
