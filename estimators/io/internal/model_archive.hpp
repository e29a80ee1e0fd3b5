#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <skarma/estimators/io/internal/safetensors.hpp>
#include <skarma/estimators/params/param_value.hpp>
#include <skarma/estimators/target.hpp>

namespace skarma {

/// One object (an estimator or a step of a pipeline) on its way into or out of a model file:
/// JSON for what is text, tensors for what is numbers. Every reader throws std::runtime_error,
/// naming the entry, for what is missing or of a wrong kind.
class ModelArchive {
 public:
  /// `prefix` keeps the tensors of several objects apart.
  ModelArchive(nlohmann::json& text, std::map<std::string, Tensor>& tensors, std::string prefix)
      : text_(text), tensors_(tensors), prefix_(std::move(prefix)) {}

  /// A part of this object that has its own names.
  ModelArchive part(const std::string& name);
  bool has(const std::string& name) const;

  void write_text(const std::string& name, const std::string& value);
  void write_whole(const std::string& name, std::int64_t value);
  void write_flag(const std::string& name, bool value);
  void write_names(const std::string& name, const std::vector<std::string>& names);
  void write_json(const std::string& name, nlohmann::json value);
  void write_params(const ParamSet& params);
  template <class T>
  void write_tensor(const std::string& name, std::vector<std::size_t> shape,
                    const std::vector<T>& values) {
    tensors_[prefix_ + name] = Tensor::of(std::move(shape), values);
  }
  void write_number(const std::string& name, double value) {
    write_tensor<double>(name, {1}, {value});
  }
  void write_classes(const std::string& name, const Classes& classes);

  std::string text(const std::string& name) const;
  std::int64_t whole(const std::string& name) const;
  bool flag(const std::string& name) const;
  std::vector<std::string> names(const std::string& name) const;
  const nlohmann::json& json(const std::string& name) const;
  ParamSet params() const;
  const Tensor& tensor(const std::string& name) const;
  bool has_tensor(const std::string& name) const;
  /// The name of a tensor in the whole file.
  std::string full_name(const std::string& name) const { return prefix_ + name; }
  double number(const std::string& name) const;
  /// The numbers of a tensor that older or other files do not have.
  std::optional<std::vector<double>> numbers_if_there(const std::string& name) const;
  Classes classes(const std::string& name) const;

  [[noreturn]] void fail(const std::string& problem) const;

 private:
  nlohmann::json& text_;
  std::map<std::string, Tensor>& tensors_;
  std::string prefix_;
};

}  // namespace skarma
