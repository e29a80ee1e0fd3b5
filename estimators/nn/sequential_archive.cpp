// How a Sequential is written to and read from a model file.
#include <array>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/io/internal/archived.hpp>
#include <skarma/estimators/io/internal/model_kinds.hpp>
#include <skarma/estimators/io/replace_file.hpp>
#include <skarma/estimators/nn/internal/layer_config.hpp>
#include <skarma/estimators/nn/internal/sequential_network.hpp>
#include <skarma/estimators/nn/sequential.hpp>

namespace skarma::nn {
namespace {

constexpr std::pair<const char*, double Optimizer::*> kNumbers[] = {
    {"learning_rate", &Optimizer::learning_rate},
    {"momentum", &Optimizer::momentum},
    {"beta_1", &Optimizer::beta_1},
    {"beta_2", &Optimizer::beta_2},
    {"epsilon", &Optimizer::epsilon},
    {"weight_decay", &Optimizer::weight_decay},
};

void write_optimizer(ModelArchive archive, const Optimizer& optimizer) {
  archive.write_text("name", optimizer.name);
  archive.write_text("schedule", optimizer.schedule);
  archive.write_flag("nesterov", optimizer.nesterov);
  for (const auto& [name, number] : kNumbers) archive.write_number(name, optimizer.*number);
}

Optimizer read_optimizer(const ModelArchive& archive) {
  Optimizer optimizer;
  optimizer.name = archive.text("name");
  optimizer.schedule = archive.text("schedule");
  optimizer.nesterov = archive.flag("nesterov");
  for (const auto& [name, number] : kNumbers) optimizer.*number = archive.number(name);
  return optimizer;
}

/// As numpy.random.RandomState.get_state() has it.
void write_random_state(ModelArchive archive, const RandomState::State& state) {
  archive.write_tensor<std::int64_t>("key", {state.key.size()},
                                     {state.key.begin(), state.key.end()});
  archive.write_whole("pos", state.pos);
  if (state.has_gauss) archive.write_number("gauss", state.gauss);
}

RandomState::State read_random_state(const ModelArchive& archive) {
  RandomState::State state{};
  const auto key = archive.tensor("key").values<std::int64_t>();
  if (key.size() != state.key.size()) archive.fail("the generator's key");
  for (std::size_t i = 0; i < key.size(); ++i) state.key[i] = static_cast<std::uint32_t>(key[i]);
  const std::int64_t pos = archive.whole("pos");
  if (pos < 0 || pos > static_cast<std::int64_t>(key.size())) archive.fail("the generator's place");
  state.pos = static_cast<int>(pos);
  state.has_gauss = archive.has_tensor("gauss");
  if (state.has_gauss) state.gauss = archive.number("gauss");
  return state;
}

std::vector<Layer> read_layers(const ModelArchive& archive) {
  const nlohmann::json& entries = archive.json("layers");
  if (!entries.is_array()) archive.fail("'layers' is not a list");
  std::vector<Layer> layers;
  for (const nlohmann::json& entry : entries) layers.push_back(layer_of(entry));
  return layers;
}

Shape read_shape(const ModelArchive& archive) {
  const nlohmann::json& sides = archive.json("input_shape");
  constexpr std::int64_t kMost = std::int64_t{1} << 48;
  Shape shape;
  for (const nlohmann::json& side : sides) {
    if (!side.is_number_integer() || side < 1 || side >= kMost) archive.fail("'input_shape'");
    shape.push_back(side.get<std::size_t>());
  }
  return shape;
}

}  // namespace

void Sequential::write(ModelArchive& archive) const {
  built();
  if (custom_loss_) {
    throw std::invalid_argument("A model file cannot hold '" + loss_ +
                                "', a loss of your own: it can hold the weights().");
  }
  const Network::State state = network_->state(float32_);
  auto layers = nlohmann::json::array();
  for (const Layer& layer : layers_) layers.push_back(config_of(layer));
  archive.write_json("layers", layers);
  archive.write_json("input_shape", input_shape());
  if (is_compiled()) {
    archive.write_text("loss", loss_);
    archive.write_flag("counts_right", counts_right_);
    write_optimizer(archive.part("optimizer"), *optimizer_);
  }
  if (device_ != "cpu") archive.write_text("device", device_);
  if (random_state_.seed()) archive.write_whole("random_state", *random_state_.seed());
  if (state.random_state->has_own_state()) {
    write_random_state(archive.part("generator"), state.random_state->state());
  }
  ModelArchive network = archive.part("network");
  state.trained->write(network);
}

Sequential Sequential::read(ModelArchive& archive) {
  RandomSeed seed;
  if (archive.has("random_state")) seed = RandomSeed(archive.whole("random_state"));
  ModelArchive network = archive.part("network");
  Sequential model(read_layers(archive), seed, network.text("dtype") == "float32");
  model.build(read_shape(archive));
  if (archive.has("loss")) {
    model.compile(read_optimizer(archive.part("optimizer")), archive.text("loss"),
                  archive.flag("counts_right"));
  }
  if (archive.has("device")) model.set_device(archive.text("device"));
  const NetworkSpec spec = model.network_->spec();
  const auto trained = std::make_shared<TrainedNetwork>();
  trained->read(network, spec);
  auto random_state = seed.generator();
  if (archive.has("generator")) {
    random_state = std::make_shared<RandomState>(read_random_state(archive.part("generator")));
  }
  model.network_->set({spec, random_state, trained});
  return model;
}

std::string Sequential::to_bytes() const {
  return archived(kSequentialKind, [&](ModelArchive& archive) { write(archive); });
}

Sequential Sequential::from_bytes(std::string_view bytes, const std::string& source) {
  std::optional<Sequential> model;
  read_archived(bytes, source, [&](const std::string& kind, ModelArchive& archive) {
    if (kind != kSequentialKind) {
      throw std::runtime_error("it holds a " + kind + " and no Sequential: load_model reads it.");
    }
    model = read(archive);
  });
  return std::move(*model);
}

void Sequential::save(const std::filesystem::path& path) const { replace_file(path, to_bytes()); }

Sequential Sequential::load(const std::filesystem::path& path) {
  return from_bytes(read_file(path), path.string());
}

std::string to_json(const Layer& layer) { return config_of(layer).dump(); }

}  // namespace skarma::nn
