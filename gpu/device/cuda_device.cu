// A GPU by CUDA's run time.
#include <skarma/gpu/device/cuda_device.hpp>

#include <cuda_runtime.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>

#include <skarma/core/base/errors.hpp>
#include <skarma/gpu/device/cublas.hpp>

namespace skarma::gpu {
namespace {

constexpr int kThreadsOfBlock = 256;

/// The threads that a kernel was launched with.
class CudaBlock {
 public:
  __device__ Count rank() const { return threadIdx.x; }
  __device__ Count size() const { return blockDim.x; }
  __device__ void sync() { __syncthreads(); }
};

/// On a multiprocessor at once, for which convolutions may spill registers.
template <class Task>
constexpr int kBlocksAtOnce = 1;
template <>
constexpr int kBlocksAtOnce<OutputTask<float>> = 3;

template <class Task>
__global__ void __launch_bounds__(kThreadsOfBlock, kBlocksAtOnce<Task>)
    run_tasks(const Task* tasks) {
  extern __shared__ double shared[];
  CudaBlock block;
  tasks[blockIdx.x](block, reinterpret_cast<std::byte*>(shared));
}

/// A grid's y is the model.
template <class T>
__global__ void __launch_bounds__(kThreadsOfBlock) run_phases(PhaseOf<T> phase) {
  run_phase(GridThread{blockIdx.x * blockDim.x + threadIdx.x, gridDim.x * blockDim.x},
            phase.models[blockIdx.y], phase.phase, phase.step);
}

template <class T>
__global__ void __launch_bounds__(kThreadsOfBlock) run_phases_of_chains(PhaseOf<T> phase) {
  run_phase_of_chains(GridThread{blockIdx.x * blockDim.x + threadIdx.x, gridDim.x * blockDim.x},
                      phase.models[blockIdx.y], phase.phase, phase.step, phase.first_place);
}

/// Throws what a call of CUDA's reports, after what it was about.
void check(cudaError_t error, const char* doing) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // which would come back from the next call
  throw DeviceError(std::string("CUDA cannot ") + doing + ": " + cudaGetErrorString(error) + ".");
}

int attribute(cudaDeviceAttr which, int device) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, which, device), "describe a GPU");
  return value;
}

/// A CUDA graph.
class CudaRecording final : public Recording {
 public:
  /// Takes the graph.
  CudaRecording(cudaGraph_t graph, cudaStream_t stream) : stream_(stream) {
    const cudaError_t error = cudaGraphInstantiate(&executable_, graph, 0);
    cudaGraphDestroy(graph);
    check(error, "make a graph");
  }
  ~CudaRecording() override { cudaGraphExecDestroy(executable_); }
  CudaRecording(const CudaRecording&) = delete;
  CudaRecording& operator=(const CudaRecording&) = delete;

  void replay() override { check(cudaGraphLaunch(executable_, stream_), "run a graph"); }

 private:
  cudaGraphExec_t executable_ = nullptr;
  cudaStream_t stream_;
};

/// What may be asked of it is asked of the GPU whose number it has.
class CudaDevice final : public Device {
 public:
  explicit CudaDevice(int number) : number_(number) {
    choose();
    shared_memory_ =
        static_cast<std::size_t>(attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin, number));
    n_multiprocessors_ =
        static_cast<std::size_t>(attribute(cudaDevAttrMultiProcessorCount, number));
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "start");
  }
  ~CudaDevice() override {
    if (cudaSetDevice(number_) == cudaSuccess) cudaStreamDestroy(stream_);
  }
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;

  std::size_t shared_memory() const override { return shared_memory_; }
  std::size_t blocks_at_once() const override { return 4 * n_multiprocessors_; }
  std::size_t columns_memory() const override { return std::size_t{32} << 20; }
  std::size_t free_memory() const override {
    choose();
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "count its memory");
    return free;
  }

  void* allocate(std::size_t bytes) override {
    choose();
    void* memory = nullptr;
    const cudaError_t error = cudaMalloc(&memory, std::max<std::size_t>(bytes, 1));
    if (error == cudaErrorMemoryAllocation) {
      cudaGetLastError();
      return nullptr;
    }
    check(error, "take memory");
    return memory;
  }
  void release(void* memory) noexcept override {
    if (cudaSetDevice(number_) == cudaSuccess) cudaFree(memory);
  }

  void upload(void* to, const void* from, std::size_t bytes) override {
    choose();
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream_), "copy to a GPU");
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    choose();
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_), "copy from a GPU");
    check(cudaStreamSynchronize(stream_), "finish its work");
  }

  void launch(const Tasks& tasks) override {
    choose();
    std::visit([&](const auto& list) { run_blocks(list); }, tasks);
  }
  void run(const WidePhase& phase) override {
    choose();
    std::visit([&](const auto& of_type) { run_grid(of_type); }, phase);
  }
  void multiply(const AnyProducts& products) override {
    choose();
    std::visit([&](const auto& of_type) { cublas().multiply(of_type, stream_); }, products);
  }
  bool can_multiply(const AnyProducts& products) override {
    choose();
    return std::visit([&](const auto& of_type) { return cublas().can_multiply(of_type); },
                      products);
  }

  std::unique_ptr<Recording> record(const std::function<void()>& work) override {
    choose();
    cublas();  // which must not start in the middle
    check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "record");
    cudaGraph_t graph = nullptr;
    try {
      work();
    } catch (...) {
      cudaStreamEndCapture(stream_, &graph);
      if (graph != nullptr) cudaGraphDestroy(graph);
      throw;
    }
    check(cudaStreamEndCapture(stream_, &graph), "record");
    return std::make_unique<CudaRecording>(graph, stream_);
  }

 private:
  Cublas& cublas() {
    if (cublas_ == nullptr) cublas_ = std::make_unique<Cublas>();
    return *cublas_;
  }
  void choose() const { check(cudaSetDevice(number_), "use a GPU"); }

  template <class Task>
  void run_blocks(const TaskList<Task>& list) {
    check(cudaFuncSetAttribute(run_tasks<Task>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(list.shared_bytes)),
          "share memory");
    run_tasks<Task><<<static_cast<unsigned>(list.n), kThreadsOfBlock, list.shared_bytes, stream_>>>(
        list.tasks);
    check(cudaGetLastError(), "run a kernel");
  }

  template <class T>
  void run_grid(const PhaseOf<T>& phase) {
    // As many blocks as run at once do the rest in further rounds.
    const std::size_t most = std::max<std::size_t>(1, 8 * n_multiprocessors_ / phase.n_models);
    const std::size_t wanted = (phase.elements + kThreadsOfBlock - 1) / kThreadsOfBlock;
    const dim3 grid(static_cast<unsigned>(std::clamp<std::size_t>(wanted, 1, most)),
                    phase.n_models);
    if (is_of_chains(phase.phase)) {
      run_phases_of_chains<T><<<grid, kThreadsOfBlock, 0, stream_>>>(phase);
    } else {
      run_phases<T><<<grid, kThreadsOfBlock, 0, stream_>>>(phase);
    }
    check(cudaGetLastError(), "run a kernel");
  }

  int number_;
  std::unique_ptr<Cublas> cublas_;
  std::size_t shared_memory_ = 0;
  std::size_t n_multiprocessors_ = 0;
  cudaStream_t stream_ = nullptr;
};

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

/// Why there is no GPU to compute on, if there is none.
void check_driver(cudaError_t error) {
  if (error == cudaErrorInsufficientDriver) {
    int driver = 0, runtime = 0;
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    if (driver == 0) throw DeviceError("There is no driver for an NVIDIA GPU on this machine.");
    throw DeviceError("The driver of the GPU knows CUDA " + version_text(driver) +
                      "; this library was built with CUDA " + version_text(runtime) + ".");
  }
  if (error == cudaErrorNoDevice) throw DeviceError("There is no NVIDIA GPU on this machine.");
  check(error, "count the GPUs");
}

void check_number(std::int32_t number) {
  const std::int32_t n = n_cuda_devices();
  if (number >= 0 && number < n) return;
  throw DeviceError("There is no GPU number " + std::to_string(number) + ": there are " +
                    std::to_string(n) + ", counted from 0.");
}

}  // namespace

std::int32_t n_cuda_devices() {
  int n = 0;
  check_driver(cudaGetDeviceCount(&n));
  return n;
}

DeviceDescription describe_cuda_device(std::int32_t number) {
  check_number(number);
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, number), "describe a GPU");
  check(cudaSetDevice(number), "use a GPU");
  std::size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "count its memory");
  int driver = 0, runtime = 0;
  check(cudaDriverGetVersion(&driver), "describe its driver");
  check(cudaRuntimeGetVersion(&runtime), "describe itself");
  return {.name = properties.name,
          .compute_capability =
              std::to_string(properties.major) + "." + std::to_string(properties.minor),
          .driver_version = version_text(driver),
          .runtime_version = version_text(runtime),
          .memory_total = total,
          .memory_free = free,
          .n_multiprocessors = properties.multiProcessorCount};
}

std::unique_ptr<Device> make_cuda_device(std::int32_t number) {
  check_number(number);
  return std::make_unique<CudaDevice>(number);
}

}  // namespace skarma::gpu
