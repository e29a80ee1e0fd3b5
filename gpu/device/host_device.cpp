#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/gpu/block/thread_block.hpp>
#include <skarma/gpu/device/device.hpp>
#include <skarma/gpu/device/host_products.hpp>

namespace skarma::gpu {
namespace {

/// Memory in pages of its own, which nobody may touch but while Access lasts: whoever takes an
/// address of the device for one of the host is found out at once.
class GuardedMemory {
 public:
  ~GuardedMemory() {
    for (const auto& [memory, bytes] : pages_) munmap(memory, bytes);
  }

  std::size_t taken() const { return taken_; }

  void* allocate(std::size_t bytes) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t whole = (std::max<std::size_t>(bytes, 1) + page - 1) / page * page;
    void* const memory = mmap(nullptr, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    pages_.emplace(memory, whole);
    taken_ += whole;
    return memory;
  }
  void release(void* memory) noexcept {
    const auto found = pages_.find(memory);
    if (found == pages_.end()) return;
    taken_ -= found->second;
    munmap(memory, found->second);
    pages_.erase(found);
  }

  class Access {
   public:
    explicit Access(const GuardedMemory& memory) : memory_(memory) {
      memory_.protect(PROT_READ | PROT_WRITE);
    }
    ~Access() { memory_.protect(PROT_NONE); }
    Access(const Access&) = delete;
    Access& operator=(const Access&) = delete;

   private:
    const GuardedMemory& memory_;
  };

 private:
  void protect(int access) const {
    for (const auto& [memory, bytes] : pages_) mprotect(memory, bytes, access);
  }

  std::map<void*, std::size_t> pages_;
  std::size_t taken_ = 0;
};

class HostDevice final : public Device {
 public:
  explicit HostDevice(const HostDeviceLimits& limits) : limits_(limits) {}

  std::size_t shared_memory() const override { return limits_.shared_memory; }
  std::size_t blocks_at_once() const override { return 4; }
  std::size_t columns_memory() const override { return limits_.columns_memory; }
  std::size_t free_memory() const override {
    return limits_.memory - std::min(limits_.memory, memory_.taken());
  }

  void* allocate(std::size_t bytes) override {
    return bytes <= free_memory() ? memory_.allocate(bytes) : nullptr;
  }
  void release(void* memory) noexcept override { memory_.release(memory); }
  void upload(void* to, const void* from, std::size_t bytes) override {
    const GuardedMemory::Access access(memory_);
    if (bytes > 0) std::memcpy(to, from, bytes);
  }
  void download(void* to, const void* from, std::size_t bytes) override { upload(to, from, bytes); }

  void launch(const Tasks& tasks) override {
    if (remember([this, tasks] { launch(tasks); })) return;
    const GuardedMemory::Access access(memory_);
    std::visit([&](const auto& list) { run_blocks(list); }, tasks);
  }
  void run(const WidePhase& phase) override {
    if (remember([this, phase] { run(phase); })) return;
    const GuardedMemory::Access access(memory_);
    std::visit([&](const auto& of_type) { run_grid(of_type); }, phase);
  }
  void multiply(const AnyProducts& products) override {
    if (remember([this, products] { multiply(products); })) return;
    const GuardedMemory::Access access(memory_);
    std::visit([](const auto& of_type) { multiply_on_host(of_type); }, products);
  }
  /// As cuBLASLt, of which it takes the place: of float32 alone.
  bool can_multiply(const AnyProducts& products) override {
    return std::holds_alternative<Products<float>>(products);
  }
  std::unique_ptr<Recording> record(const std::function<void()>& work) override {
    auto recording = std::make_unique<HostRecording>();
    recorded_ = recording.get();
    work();
    recorded_ = nullptr;
    return recording;
  }

 private:
  struct HostRecording final : Recording {
    std::vector<std::function<void()>> calls;
    void replay() override {
      for (const auto& call : calls) call();
    }
  };

  /// Whether a recording is made, which has taken the call.
  bool remember(std::function<void()> call) {
    if (recorded_ == nullptr) return false;
    recorded_->calls.push_back(std::move(call));
    return true;
  }

  /// All threads of a grid at once or, where there is one for each block, one after the other,
  /// the last one first.
  template <class T>
  void run_grid(const PhaseOf<T>& phase) const {
    constexpr Count kThreads = 3;
    const auto run_thread = [&](Count rank, Count n) {
      for (Count i = 0; i < phase.n_models; ++i) {
        if (is_of_chains(phase.phase)) {
          run_phase_of_chains(GridThread{rank, n}, phase.models[i], phase.phase, phase.step,
                              phase.first_place);
        } else {
          run_phase(GridThread{rank, n}, phase.models[i], phase.phase, phase.step);
        }
      }
    };
    if (limits_.threads_a_block > 1) {
      run_block(limits_.threads_a_block,
                [&](auto& block) { run_thread(block.rank(), block.size()); });
    } else {
      for (Count rank = kThreads; rank-- > 0;) run_thread(rank, kThreads);
    }
  }

  /// Blocks know no order: the last one comes first.
  template <class Task>
  void run_blocks(const TaskList<Task>& list) const {
    SKARMA_CHECK(list.shared_bytes <= limits_.shared_memory);
    std::vector<std::max_align_t> shared(list.shared_bytes / sizeof(std::max_align_t) + 1);
    auto* const bytes = reinterpret_cast<std::byte*>(shared.data());
    for (std::size_t i = list.n; i-- > 0;) {
      run_block(limits_.threads_a_block, [&](auto& block) { list.tasks[i](block, bytes); });
    }
  }

  HostDeviceLimits limits_;
  GuardedMemory memory_;
  HostRecording* recorded_ = nullptr;
};

}  // namespace

std::unique_ptr<Device> make_host_device(const HostDeviceLimits& limits) {
  return std::make_unique<HostDevice>(limits);
}

}  // namespace skarma::gpu
