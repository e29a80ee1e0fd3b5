#include <skarma/gpu/engine/wide_gradient.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

#include <skarma/gpu/engine/wide_group.hpp>

namespace skarma::gpu {
namespace {

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
    const auto own = job.parameters();
    device_.upload(job.model->parameters, own.data(), own.size() * sizeof(T));
  }

  void compute() {
    start_wide_gradients(device_, one_);
    if (const BlockSamples* const there = job_.on_device()) {
      add(*there, 0, job_.n_rows());
    } else {
      add_streamed();
    }
    finish_wide_gradients(device_, one_);
    finish();
  }

 private:
  void add_streamed() {
    const SampleView& samples = job_.model->data->view();
    const std::size_t width = samples.n_features(), all = job_.n_rows();
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
    progress.rows = {samples, nullptr, std::size_t{0} - begin, nullptr, job_.n_rows()};
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
bool goes_through_wide_steps(const LossJob<T>& job) {
  const auto& wide = job.model->wide;
  if (wide == nullptr) return false;
  return !job.model->net.needs_whole_batches || job.n_rows() <= wide->n_rows_of_step;
}

template <class T>
void compute_wide_gradient(Device& device, const LossJob<T>& job) {
  WideGradient<T>(device, job).compute();
}

template bool goes_through_wide_steps(const LossJob<float>&);
template bool goes_through_wide_steps(const LossJob<double>&);
template void compute_wide_gradient(Device&, const LossJob<float>&);
template void compute_wide_gradient(Device&, const LossJob<double>&);

}  // namespace skarma::gpu
