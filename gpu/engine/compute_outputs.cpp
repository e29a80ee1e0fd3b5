#include <skarma/gpu/engine/compute_outputs.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

#include <skarma/core/net/not_finite_sample.hpp>
#include <skarma/gpu/engine/held_samples.hpp>

namespace skarma::gpu {
namespace {

/// Blocks that are under way at once, with the bytes of what is gathered for them and of what they
/// write, and rows of each.
constexpr std::size_t kBlocksInFlight = 1 << 14;
constexpr std::size_t kBytesInFlight = std::size_t{4} << 20;
constexpr Count kRowsOfBlock = 128;
/// A block without shared memory takes fewer where values of more of them would need more.
constexpr std::size_t kBytesOfBlock = std::size_t{8} << 20;
constexpr std::size_t kTermsBytes = kTermsAtOnce * sizeof(double);

/// How rows of a network are dealt out to blocks: by its shape alone.
template <class T>
struct Dealing {
  BlockLayout layout;
  bool is_shared;

  Dealing(const Device& device, const BlockNet& net)
      : layout(layout_within<T>(net, kRowsOfBlock, {}, device.shared_memory())),
        is_shared(layout.max_rows > 0) {
    for (Count rows = kRowsOfBlock; !is_shared && layout.max_rows == 0; rows /= 2) {
      const BlockLayout of_rows = layout_for<T>(net, rows, {});
      if (rows == 1 || of_rows.bytes <= kBytesOfBlock) layout = of_rows;
    }
  }
  std::size_t room_bytes() const { return is_shared ? 0 : padded(layout.bytes); }
};

/// Some rows of a job, in an image.
template <class T>
struct Part {
  const OutputJob<T>* job;
  Dealing<T> dealing;
  std::size_t first, n;
  Place<T> outputs;
  Place<std::uint8_t> finite;
  Place<T> gathered;

  std::size_t n_blocks() const {
    return (n + dealing.layout.max_rows - 1) / dealing.layout.max_rows;
  }
};

/// Parts of jobs that go through the device in one launch.
template <class T>
class Flight {
 public:
  explicit Flight(Workbench& bench) : bench_(bench) {}

  /// How many rows of a job there is still room for.
  std::size_t room_for(const OutputJob<T>& job, const Dealing<T>& dealing) const {
    std::size_t blocks = kBlocksInFlight - n_blocks_;
    if (!dealing.is_shared) {
      const std::size_t most = 2 * bench_.device().blocks_at_once();
      blocks = std::min(blocks, most - std::min(most, n_rooms_));
    }
    const std::size_t rows = blocks * dealing.layout.max_rows;
    const std::size_t row_bytes = sizeof(T) * (job.net.n_outputs + gathered_width(job));
    const std::size_t left =
        kBytesInFlight - std::min(kBytesInFlight, image_.size() + results_.size());
    // An empty one takes a block's rows, however large they are.
    const std::size_t least = parts_.empty() ? dealing.layout.max_rows : 0;
    return std::max(least, std::min(rows, left / row_bytes));
  }

  void add(const OutputJob<T>& job, const Dealing<T>& dealing, std::size_t first, std::size_t n) {
    Part<T> part{&job,
                 dealing,
                 first,
                 n,
                 results_.template make_room<T>(n * job.net.n_outputs),
                 results_.template make_room<std::uint8_t>(job.checks ? n : 0),
                 {}};
    if (job.on_device == nullptr) {
      std::vector<T> x(n * gathered_width(job));
      job.samples->gather(first, n, x.data());
      part.gathered = image_.add(x);
    }
    n_blocks_ += part.n_blocks();
    n_scores_ += job.scores.size();
    brings_back_ = brings_back_ || job.outputs != nullptr;
    if (!dealing.is_shared) n_rooms_ += part.n_blocks();
    room_bytes_ += part.n_blocks() * dealing.room_bytes();
    parts_.push_back(part);
  }

  /// Runs, writes outputs and is empty again.
  void run() {
    if (parts_.empty()) return;
    const auto tasks = image_.template make_room<OutputTask<T>>(n_blocks_);
    const auto scores = image_.template make_room<ScoreTask<T>>(n_scores_);
    bench_.place(image_);
    bench_.place_beside(results_);
    const bool terms_are_shared = kTermsBytes <= bench_.device().shared_memory();
    std::byte* const room =
        bench_.room(room_bytes_ + (terms_are_shared ? 0 : n_scores_ * kTermsBytes));
    put_tasks(tasks, room);
    put_scores(scores, terms_are_shared ? nullptr : room + room_bytes_);
    image_.upload(bench_.device());
    bench_.launch(image_, tasks, shared_bytes());
    bench_.launch(image_, scores, terms_are_shared ? kTermsBytes : 0);
    if (brings_back_) bring_back();
    clear();
  }

 private:
  void clear() {
    image_ = results_ = {};
    parts_.clear();
    n_blocks_ = n_scores_ = n_rooms_ = room_bytes_ = 0;
    brings_back_ = false;
  }

  static std::size_t gathered_width(const OutputJob<T>& job) {
    return job.on_device == nullptr ? job.net.n_inputs : 0;
  }

  std::size_t shared_bytes() const {
    std::size_t bytes = 0;
    for (const Part<T>& part : parts_) {
      if (part.dealing.is_shared) bytes = std::max(bytes, part.dealing.layout.bytes);
    }
    return bytes;
  }

  void put_tasks(Place<OutputTask<T>> tasks, std::byte* room) {
    std::size_t task = 0;
    for (const Part<T>& part : parts_) {
      const std::size_t rows = part.dealing.layout.max_rows;
      for (std::size_t begin = 0; begin < part.n; begin += rows) {
        image_.put(tasks, task++, task_for(part, begin, std::min(rows, part.n - begin), room));
        room += part.dealing.room_bytes();
      }
    }
  }

  OutputTask<T> task_for(const Part<T>& part, std::size_t begin, std::size_t n,
                         std::byte* room) const {
    const OutputJob<T>& job = *part.job;
    const bool is_there = job.on_device != nullptr;
    return {.net = job.net,
            .parameters = job.parameters,
            .layout = part.dealing.layout,
            .memory = part.dealing.is_shared ? nullptr : room,
            .samples = is_there ? *job.on_device
                                : plain_rows<T>(image_.address(part.gathered), job.net.n_inputs),
            .first_sample = is_there ? part.first + begin : begin,
            .n = static_cast<Count>(n),
            .outputs = results_.address(part.outputs) + begin * job.net.n_outputs,
            .finite = job.checks ? results_.address(part.finite) + begin : nullptr};
  }

  /// `terms`: memory for those of all, or null.
  void put_scores(Place<ScoreTask<T>> tasks, std::byte* terms) {
    std::size_t task = 0;
    for (const Part<T>& part : parts_) {
      for (const BlockScore& score : part.job->scores) {
        image_.put(tasks, task,
                   {.score = score,
                    .memory = terms == nullptr ? nullptr : at<double>(terms, task * kTermsBytes),
                    .outputs = results_.address(part.outputs),
                    .finite = results_.address(part.finite),
                    .first_sample = part.first,
                    .n = static_cast<Count>(part.n)});
        ++task;
      }
    }
  }

  void bring_back() {
    results_.download(bench_.device());
    for (const Part<T>& part : parts_) {
      if (part.job->outputs != nullptr) read(part);
    }
  }
  void read(const Part<T>& part) const {
    if (std::ranges::count(results_.here(part.finite), 0) > 0) throw NotFiniteSample();
    std::ranges::copy(results_.here(part.outputs), part.job->outputs->row(part.first).data());
  }

  Workbench& bench_;
  Image image_, results_;
  std::vector<Part<T>> parts_;
  std::size_t n_blocks_ = 0;
  std::size_t n_scores_ = 0;
  std::size_t n_rooms_ = 0;  // blocks without shared memory
  std::size_t room_bytes_ = 0;
  bool brings_back_ = false;  // outputs
};

}  // namespace

template <class T>
void compute_outputs(Workbench& bench, std::span<OutputJob<T>> jobs) {
  Flight<T> flight(bench);
  for (OutputJob<T>& job : jobs) {
    const Dealing<T> dealing(bench.device(), job.net);
    const std::size_t n = job.samples->n_samples();
    if (job.outputs != nullptr) *job.outputs = Matrix<double>(n, job.net.n_outputs);
    for (std::size_t first = 0; first < n && !job.stopped;) {
      if (flight.room_for(job, dealing) == 0) flight.run();
      job.stopped = job.stop.stop_requested();
      const std::size_t rows = std::min(n - first, flight.room_for(job, dealing));
      flight.add(job, dealing, first, rows);
      first += rows;
      if (first < n) flight.run();  // two parts of a job would add to its sums at once
    }
  }
  flight.run();
}

template void compute_outputs(Workbench&, std::span<OutputJob<float>>);
template void compute_outputs(Workbench&, std::span<OutputJob<double>>);

}  // namespace skarma::gpu
