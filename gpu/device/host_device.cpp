#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/gpu/block/thread_block.hpp>
#include <skarma/gpu/device/device.hpp>

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
    const GuardedMemory::Access access(memory_);
    std::visit([&](const auto& list) { run(list); }, tasks);
  }

 private:
  template <class Task>
  void run(const TaskList<Task>& list) const {
    SKARMA_CHECK(list.shared_bytes <= limits_.shared_memory);
    std::vector<std::max_align_t> shared(list.shared_bytes / sizeof(std::max_align_t) + 1);
    auto* const bytes = reinterpret_cast<std::byte*>(shared.data());
    for (std::size_t i = 0; i < list.n; ++i) {
      run_block(limits_.threads_a_block, [&](auto& block) { list.tasks[i](block, bytes); });
    }
  }

  HostDeviceLimits limits_;
  GuardedMemory memory_;
};

}  // namespace

std::unique_ptr<Device> make_host_device(const HostDeviceLimits& limits) {
  return std::make_unique<HostDevice>(limits);
}

}  // namespace skarma::gpu
