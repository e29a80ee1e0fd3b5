#include <skarma/estimators/nn/internal/layer_config.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <skarma/estimators/nn/internal/layer_parts.hpp>

namespace skarma::nn {
namespace {

using Json = nlohmann::json;

/// The entries of one layer.
class Config {
 public:
  explicit Config(const Json& entries) : entries_(entries) {
    if (!entries.is_object()) throw std::runtime_error("a layer is not an object.");
  }

  std::string text(const char* name) const {
    return get(name, "text", [](const Json& v) { return v.is_string(); }).get<std::string>();
  }
  double number(const char* name) const {
    const auto is_finite = [](const Json& v) {
      return v.is_number() && std::isfinite(v.get<double>());
    };
    return get(name, "a number", is_finite).get<double>();
  }
  std::size_t size(const char* name) const {
    return size_of(get(name, "a whole number above 0", &is_size));
  }
  Extent extent(const char* name) const {
    const auto is_pair = [](const Json& v) { return is_list_of_sizes(v) && v.size() == 2; };
    const Json& both = get(name, "two whole numbers above 0", is_pair);
    return {size_of(both[0]), size_of(both[1])};
  }
  Shape shape() const {
    if (!entries_.contains("input_shape")) return {};
    Shape shape;
    for (const Json& side : get("input_shape", "a list of sizes", &is_list_of_sizes)) {
      shape.push_back(size_of(side));
    }
    return shape;
  }
  bool is_trainable() const {
    if (!entries_.contains("trainable")) return true;
    return get("trainable", "true or false", [](const Json& v) { return v.is_boolean(); })
        .get<bool>();
  }
  const Json& list(const char* name) const {
    return get(name, "a list", [](const Json& v) { return v.is_array(); });
  }

 private:
  static bool is_size(const Json& v) {
    constexpr std::int64_t kMost = std::int64_t{1} << 48;
    return v.is_number_integer() && v.get<std::int64_t>() > 0 && v.get<std::int64_t>() < kMost;
  }
  static std::size_t size_of(const Json& v) { return v.get<std::size_t>(); }
  static bool is_list_of_sizes(const Json& v) {
    return v.is_array() && std::ranges::all_of(v, &is_size);
  }

  template <class Is>
  const Json& get(const char* name, std::string_view what, const Is& is) const {
    const auto found = entries_.find(name);
    if (found == entries_.end())
      throw std::runtime_error(fmt::format("a layer has no '{}'.", name));
    if (is(*found)) return *found;
    throw std::runtime_error(fmt::format("the '{}' of a layer is not {}.", name, what));
  }

  const Json& entries_;
};

template <class Pool>
Layer pool_of(const Config& config) {
  return Pool(config.extent("pool_size"), config.extent("strides"), config.text("padding"));
}

template <class Plain>
Layer plain(const Config&) {
  return Plain();
}

Layer residual_of(const Config& config) {
  std::vector<Layer> layers;
  for (const Json& inner : config.list("layers")) layers.push_back(layer_of(inner));
  return Residual(layers);
}

struct Kind {
  std::string_view name;
  Layer (*make)(const Config& config);
};
constexpr std::array kKinds = {
    Kind{"Dense",
         [](const Config& c) -> Layer { return Dense(c.size("units"), c.text("activation")); }},
    Kind{"Activation", [](const Config& c) -> Layer { return Activation(c.text("activation")); }},
    Kind{"Dropout", [](const Config& c) -> Layer { return Dropout(c.number("rate")); }},
    Kind{"BatchNorm", plain<BatchNorm>},
    Kind{"LayerNorm", plain<LayerNorm>},
    Kind{"Residual", residual_of},
    Kind{"Flatten", plain<Flatten>},
    Kind{"Rescale",
         [](const Config& c) -> Layer { return Rescale(c.number("scale"), c.number("offset")); }},
    Kind{"Conv2D",
         [](const Config& c) -> Layer {
           return Conv2D(c.size("filters"), c.extent("kernel_size"), c.text("activation"),
                         c.extent("strides"), c.text("padding"));
         }},
    Kind{"MaxPool2D", pool_of<MaxPool2D>},
    Kind{"AveragePool2D", pool_of<AveragePool2D>},
    Kind{"GlobalAveragePool2D", plain<GlobalAveragePool2D>},
};

Json to_json(std::size_t value) { return value; }
Json to_json(double value) { return value; }
Json to_json(const std::string& value) { return value; }
Json to_json(const Extent& value) { return {value.rows, value.columns}; }

bool has_custom(const Layer& layer) {
  return std::ranges::any_of(layer.parts->layers, [](const skarma::Layer& part) {
    return part.operation == Operation::custom;
  });
}

}  // namespace

nlohmann::json config_of(const Layer& layer) {
  if (has_custom(layer)) {
    throw std::invalid_argument(fmt::format(
        "A model file cannot hold '{}', a function of your own: it can hold the weights().",
        layer.kind));
  }
  Json config = {{"kind", layer.kind}};
  for (const auto& [name, value] : layer.parts->arguments) {
    config[std::string(name)] = std::visit([](const auto& v) { return to_json(v); }, value);
  }
  if (layer.kind == "Residual") {
    config["layers"] = Json::array();
    for (const Layer& inner : layer.parts->block) config["layers"].push_back(config_of(inner));
  }
  if (!layer.input_shape.empty()) config["input_shape"] = layer.input_shape;
  if (!layer.trainable) config["trainable"] = false;
  return config;
}

Layer layer_of(const nlohmann::json& entries) {
  const Config config(entries);
  const std::string kind = config.text("kind");
  const auto row = std::ranges::find(kKinds, kind, &Kind::name);
  if (row == kKinds.end()) throw std::runtime_error(fmt::format("There is no layer '{}'.", kind));
  Layer layer = row->make(config);
  layer.input_shape = config.shape();
  layer.trainable = config.is_trainable();
  return layer;
}

}  // namespace skarma::nn
