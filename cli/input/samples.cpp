#include <skarma/cli/input/samples.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <skarma/cli/wording.hpp>

namespace skarma::cli {

void Samples::use_float32() {
  const auto& wide = x.values();
  x32.emplace(x.rows(), x.cols());
  std::transform(wide.begin(), wide.end(), x32->data(),
                 [](double v) { return static_cast<float>(v); });
}

Part part_of(const Samples& samples, const std::vector<RowIndex>& rows) {
  Part part{samples.view().rows(rows), samples.y.rows(rows), {}};
  if (samples.weights.empty()) return part;
  for (const RowIndex row : rows) part.weights.push_back(samples.weights[row]);
  return part;
}

std::string target_text(const Samples& samples) {
  const std::size_t n_outputs = samples.y.n_outputs();
  if (samples.task == Task::regression) {
    return n_outputs == 1 ? "a number to predict" : fmt::format("{} numbers to predict", n_outputs);
  }
  if (n_outputs > 1) return counted(n_outputs, "label") + " a sample";
  if (!samples.y.has_labels()) return "numbers with fractions";
  return counted(n_classes(samples.y.classes()), "class");
}

std::string some_labels(const Classes& classes) {
  constexpr std::size_t kMost = 12;
  const std::size_t n = n_classes(classes);
  std::string text;
  for (std::size_t c = 0; c < std::min(n, kMost); ++c) {
    text += (c == 0 ? "" : ", ") + label_text(classes, c);
  }
  return text + (n > kMost ? ", ..." : "");
}

std::string description(const Samples& samples) {
  return fmt::format("{}: {}, {}, {}", samples.name, counted(samples.x.rows(), "sample"),
                     counted(samples.x.cols(), "feature"), target_text(samples));
}

}  // namespace skarma::cli
