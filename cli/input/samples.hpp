#pragma once

#include <optional>
#include <string>
#include <vector>

#include <skarma/core/base/sample_view.hpp>
#include <skarma/estimators/target.hpp>

namespace skarma::cli {

enum class Task { classification, regression };

/// What a command learns from: a data set or the columns of a file.
struct Samples {
  std::string name;  // as shown to the user
  Matrix<double> x;  // (n_samples, n_features)
  std::vector<std::string> feature_names;
  Target y;
  std::vector<double> weights;  // empty, or one a sample
  Task task;
  std::string found{};                 // what a file was taken for, in a line; "" for a data set
  std::optional<Matrix<float>> x32{};  // x in float32, once that is asked for

  void use_float32();
  SampleView view() const { return x32 ? SampleView(*x32) : SampleView(x); }
};

/// Some of the samples, without a copy of them: they must outlive it, and so must `rows`.
struct Part {
  SampleView x;
  Target y;
  std::vector<double> weights;
};
Part part_of(const Samples& samples, const std::vector<RowIndex>& rows);

/// "2 classes", "a number to predict" ...
std::string target_text(const Samples& samples);

/// Labels as Python prints them, the first dozen: "'no', 'yes'".
std::string some_labels(const Classes& classes);

/// "iris: 150 samples, 4 features, 3 classes"
std::string description(const Samples& samples);

}  // namespace skarma::cli
