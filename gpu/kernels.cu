// The kernels of small networks on the device: a model is one block's, an epoch one launch.
#include <skarma/gpu/block/training.hpp>

namespace skarma::gpu {
namespace {

class CudaBlock {
 public:
  __device__ std::size_t rank() const { return threadIdx.x; }
  __device__ std::size_t size() const { return blockDim.x; }
  __device__ void sync() { __syncthreads(); }
};

/// What one block trains.
template <class T>
struct Task {
  BlockNet net;
  BlockWorkspace<T> room;
  BlockModelState<T> state;
  BlockRule rule;
  BlockBatches<T> batches;
  double alpha;
  std::uint64_t seed;
  double* loss_sum;
};

template <class T>
__global__ void train_models(const Task<T>* tasks) {
  const Task<T>& task = tasks[blockIdx.x];
  CudaBlock block;
  const double losses =
      train(block, task.net, task.room, task.state, task.rule, task.batches, task.alpha, task.seed);
  if (threadIdx.x == 0) *task.loss_sum += losses;
}

template __global__ void train_models<float>(const Task<float>*);
template __global__ void train_models<double>(const Task<double>*);

}  // namespace
}  // namespace skarma::gpu
