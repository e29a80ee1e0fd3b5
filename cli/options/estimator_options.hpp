#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <skarma/cli/input/samples.hpp>
#include <skarma/estimators/estimator.hpp>

namespace CLI {
class App;
}

namespace skarma::cli {

/// The flags that describe an estimator: every row of the parameter tables, --scale and --seed.
class EstimatorOptions {
 public:
  void add_to(CLI::App& command);

  /// The estimator, behind its transformers if there are any. Whether its values are right is left
  /// to validate(): candidates of a grid set some of them anew. Throws std::invalid_argument for
  /// parameters that it does not have and values of another type.
  std::unique_ptr<Estimator> make(Task task) const;
  /// "StandardScaler + MLPClassifier"
  std::string description(Task task) const;
  /// Whether there are transformers.
  bool scales() const { return scale_ != "none"; }

 private:
  std::vector<std::pair<std::string, std::string>> values_;  // parameter, text
  std::string scale_ = "none";
};

/// A parameter as users name it in grids, "alpha", as the estimator does: "mlpclassifier__alpha"
/// behind transformers. Throws std::invalid_argument for an unknown name, naming the nearest.
std::string full_parameter_name(const Estimator& estimator, std::string_view name);
/// The way back.
std::string short_parameter_name(const Estimator& estimator, std::string_view name);

}  // namespace skarma::cli
