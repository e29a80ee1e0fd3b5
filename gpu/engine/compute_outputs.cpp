#include <skarma/gpu/engine/compute_outputs.hpp>

#include <algorithm>
#include <limits>
#include <vector>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/net/not_finite_sample.hpp>

namespace skarma::gpu {
namespace {

/// Blocks' worth of rows that are under way at once.
constexpr std::size_t kBlocksInFlight = 4096;
constexpr Count kRowsOfBlock = 128;

/// How rows are dealt out to blocks: by the shape of the network alone.
template <class T>
struct Dealing {
  BlockLayout layout;
  bool is_shared;
  std::size_t rows_at_once;

  Dealing(Device& device, const BlockNet& net)
      : layout(layout_within<T>(net, kRowsOfBlock, {}, device.shared_memory())),
        is_shared(layout.max_rows > 0),
        rows_at_once(0) {
    if (!is_shared) layout = layout_for<T>(net, kRowsOfBlock, {});
    const std::size_t blocks = is_shared ? kBlocksInFlight : 2 * device.blocks_at_once();
    rows_at_once = blocks * layout.max_rows;
  }
};

template <class T>
class OutputsOf {
 public:
  OutputsOf(Workbench& bench, const NetOnDevice<T>& network, std::size_t n, bool checks)
      : bench_(bench),
        network_(network),
        dealing_(bench.device(), network.net),
        checks_(checks),
        outputs_(n, network.net.n_outputs) {}

  std::size_t rows_at_once() const { return dealing_.rows_at_once; }

  /// Samples number first ... first + n - 1 of all; `samples` has them from first_sample on. They
  /// may lie in `image`.
  template <class Samples>
  void compute(Image& image, std::size_t first, std::size_t n, std::size_t first_sample,
               const Samples& samples) {
    const std::size_t rows = dealing_.layout.max_rows;
    const std::size_t width = network_.net.n_outputs;
    const auto outputs = image.make_room<T>(n * width);
    const auto finite = image.make_room<std::uint8_t>(checks_ ? n : 0);
    const auto tasks = image.make_room<OutputTask<T>>((n + rows - 1) / rows);
    bench_.place(image);
    std::byte* const room =
        dealing_.is_shared ? nullptr : bench_.room(tasks.n * padded(dealing_.layout.bytes));
    for (std::size_t i = 0; i < tasks.n; ++i) {
      const std::size_t begin = i * rows;
      image.put(tasks, i,
                {.net = network_.net,
                 .parameters = network_.parameters,
                 .layout = dealing_.layout,
                 .memory = room == nullptr ? nullptr : room + i * padded(dealing_.layout.bytes),
                 .samples = samples(image),
                 .first_sample = first_sample + begin,
                 .n = static_cast<Count>(std::min(rows, n - begin)),
                 .outputs = image.address(outputs) + begin * width,
                 .finite = checks_ ? image.address(finite) + begin : nullptr});
    }
    image.upload(bench_.device());
    bench_.launch(image, tasks, dealing_.is_shared ? dealing_.layout.bytes : 0);
    if (checks_ && std::ranges::count(image.download(bench_.device(), finite), 0) > 0) {
      throw NotFiniteSample();
    }
    const auto values = image.download(bench_.device(), outputs);
    std::copy(values.begin(), values.end(), outputs_.row(first).data());
  }

  Matrix<double> take() { return std::move(outputs_); }

 private:
  static std::size_t padded(std::size_t bytes) { return (bytes + 255) / 256 * 256; }

  Workbench& bench_;
  NetOnDevice<T> network_;
  Dealing<T> dealing_;
  bool checks_;
  Matrix<double> outputs_;
};

/// work(first, n) for some rows after the others.
template <class Work>
void in_parts(std::size_t n, std::size_t most, const std::stop_token& stop, const Work& work) {
  for (std::size_t first = 0; first < n; first += most) {
    if (stop.stop_requested()) throw Cancelled("The prediction was stopped.");
    work(first, std::min(most, n - first));
  }
}

}  // namespace

template <class T>
Matrix<double> compute_outputs(Workbench& bench, const NetOnDevice<T>& network,
                               const HeldSamples& samples, const std::stop_token& stop) {
  const BlockSamples* const there = samples.on_device<T>();
  if (there == nullptr) return compute_outputs(bench, network, samples.view(), false, stop);
  const std::size_t n = samples.view().n_samples();
  OutputsOf<T> outputs(bench, network, n, false);
  in_parts(n, outputs.rows_at_once(), stop, [&](std::size_t first, std::size_t rows) {
    Image image;
    outputs.compute(image, first, rows, first, [&](const Image&) { return *there; });
  });
  return outputs.take();
}

template <class T>
Matrix<double> compute_outputs(Workbench& bench, const NetOnDevice<T>& network,
                               const SampleView& samples, bool checks,
                               const std::stop_token& stop) {
  const std::size_t n = samples.n_samples(), width = samples.n_features();
  OutputsOf<T> outputs(bench, network, n, checks);
  in_parts(n, outputs.rows_at_once(), stop, [&](std::size_t first, std::size_t rows) {
    std::vector<T> x(rows * width);
    samples.gather(first, rows, x.data());
    Image image;
    const auto values = image.add(x);
    outputs.compute(image, first, rows, 0, [&](const Image& placed) {
      return plain_rows<T>(placed.address(values), width);
    });
  });
  return outputs.take();
}

template Matrix<double> compute_outputs(Workbench&, const NetOnDevice<float>&, const HeldSamples&,
                                        const std::stop_token&);
template Matrix<double> compute_outputs(Workbench&, const NetOnDevice<double>&, const HeldSamples&,
                                        const std::stop_token&);
template Matrix<double> compute_outputs(Workbench&, const NetOnDevice<float>&, const SampleView&,
                                        bool, const std::stop_token&);
template Matrix<double> compute_outputs(Workbench&, const NetOnDevice<double>&, const SampleView&,
                                        bool, const std::stop_token&);

}  // namespace skarma::gpu
