#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/io/internal/safetensors.hpp>
#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/nn/sequential.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma::nn {
namespace {

using Json = nlohmann::json;

/// Every layer, with every option.
Sequential every_layer(bool float32 = true) {
  return Sequential(
      {Rescale(0.5, 1.0, {9, 8, 2}), Conv2D(3, {2, 3}, "leaky_relu(0.2)", {2, 1}, "same"),
       BatchNorm(), Activation("gelu"), MaxPool2D({2, 2}, {1, 2}),
       Residual({Conv2D(3, {1, 1}), LayerNorm(), Dropout(0.1)}),
       AveragePool2D({2, 2}, {1, 1}, "same"), LayerNorm(), GlobalAveragePool2D(), Flatten(),
       Dense(4, "relu"), BatchNorm(), Dropout(0.25), Dense(3), Activation("softmax")},
      RandomSeed(0), float32);
}

template <class T>
Matrix<T> images() {
  return test::random_matrix<T>(40, 144, 5);
}
std::vector<std::int32_t> classes() {
  std::vector<std::int32_t> y(40);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<std::int32_t>(i % 3);
  return y;
}

TEST(SequentialFile, TrainingGoesOnAsIfNothingHadHappened) {
  const auto y = classes();
  for (const bool float32 : {true, false}) {
    const auto x = images<double>();
    for (const char* schedule : {"constant", "cosine"}) {
      Sequential model = every_layer(float32);
      model.compile({.name = "nadam", .learning_rate = 0.01, .schedule = schedule},
                    "sparse_categorical_crossentropy");
      model.fit(x, std::span<const std::int32_t>(y), {.batch_size = 16, .epochs = 3});
      Sequential loaded = Sequential::from_bytes(model.to_bytes());
      EXPECT_EQ(loaded.to_bytes(), model.to_bytes());
      EXPECT_EQ(loaded.predict(x), model.predict(x));
      EXPECT_EQ(loaded.summary().size(), 15u);
      EXPECT_EQ(loaded.summary()[5].kind, "Residual");
      const auto go_on = [&](Sequential& of) {
        return of.fit(x, std::span<const std::int32_t>(y), {.batch_size = 16, .epochs = 2}).loss;
      };
      EXPECT_EQ(go_on(loaded), go_on(model));
      EXPECT_EQ(loaded.weights(), model.weights());
    }
  }
}

TEST(SequentialFile, HoldsOneThatIsNotCompiledOrTrained) {
  const Sequential model = every_layer();
  Sequential loaded = Sequential::from_bytes(model.to_bytes());
  EXPECT_FALSE(loaded.is_compiled());
  EXPECT_EQ(loaded.weights(), model.weights());
  EXPECT_THROW(Sequential({Dense(3)}).to_bytes(), NotFittedError);
}

TEST(SequentialFile, KeepsWhatIsNotTrainable) {
  auto layers = every_layer().layers();
  layers[1].trainable = layers[5].trainable = false;
  const Sequential model(layers, RandomSeed(0));
  const Sequential loaded = Sequential::from_bytes(model.to_bytes());
  EXPECT_FALSE(loaded.layers()[1].trainable);
  EXPECT_TRUE(loaded.layers()[2].trainable);
  EXPECT_EQ(loaded.count_trainable_params(), model.count_trainable_params());
  EXPECT_LT(loaded.count_trainable_params(), every_layer().count_trainable_params());
}

TEST(SequentialFile, AFileOnDiskIsReadByItsOwnClassAlone) {
  const auto folder = std::filesystem::temp_directory_path() / "skarma_sequential_file_test";
  std::filesystem::create_directories(folder);
  const Sequential model = every_layer();
  model.save(folder / "net.skarma");
  EXPECT_EQ(Sequential::load(folder / "net.skarma").weights(), model.weights());
  try {
    load_model(folder / "net.skarma");
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("it holds a Sequential, which nn::Sequential::load"),
              std::string::npos);
  }
  std::filesystem::remove_all(folder);
}

std::string changed(const std::function<void(Json&, std::map<std::string, Tensor>&)>& change) {
  Safetensors file = parse_safetensors(every_layer().to_bytes(), "it");
  Json text = Json::parse(file.metadata.at("skarma"));
  change(text, file.tensors);
  file.metadata["skarma"] = text.dump();
  return to_bytes(file);
}

std::string load_error(const std::string& bytes) {
  try {
    Sequential::from_bytes(bytes, "m");
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(SequentialFile, LiesAreNamed) {
  const auto error_of_layer = [](std::size_t layer, const char* entry, const Json& value) {
    return load_error(changed([&](Json& text, std::map<std::string, Tensor>&) {
      Json& config = text["model"]["layers"][layer];
      value.is_null() ? void(config.erase(entry)) : void(config[entry] = value);
    }));
  };
  const std::string no_model = "m is not a skarma model: ";
  EXPECT_EQ(error_of_layer(1, "kind", "Conv3D"), no_model + "There is no layer 'Conv3D'.");
  EXPECT_EQ(error_of_layer(1, "filters", nullptr), no_model + "a layer has no 'filters'.");
  for (const Json& wrong : {Json(0), Json(-3), Json("3"), Json(1.5), Json(1e300)}) {
    EXPECT_EQ(error_of_layer(1, "filters", wrong),
              no_model + "the 'filters' of a layer is not a whole number above 0.");
  }
  EXPECT_EQ(error_of_layer(1, "kernel_size", {2}),
            no_model + "the 'kernel_size' of a layer is not two whole numbers above 0.");
  EXPECT_EQ(error_of_layer(12, "rate", "half"),
            no_model + "the 'rate' of a layer is not a number.");
  EXPECT_NE(error_of_layer(12, "rate", 1.5), "");
  EXPECT_NE(error_of_layer(5, "layers", Json::object()), "");
  EXPECT_EQ(error_of_layer(10, "units", 5),
            no_model + "in model.network, the weights of layer 2 do not fit");
  // No memory for what the file alone says.
  EXPECT_EQ(error_of_layer(10, "units", std::int64_t{1} << 44),
            no_model + "in model.network, the weights of layer 2 do not fit");
  EXPECT_EQ(error_of_layer(10, "activation", "tanh"),
            no_model +
                "in model.network, node 16 of 'nodes' does not fit the network: its "
                "'activation' should be \"tanh\"");
  EXPECT_EQ(load_error(changed([](Json& text, auto&) { text["model"]["layers"] = 3; })),
            no_model + "in model, 'layers' is not a list");
  EXPECT_EQ(load_error(changed([](Json& text, auto&) { text["kind"] = "Pipeline"; })),
            no_model + "it holds a Pipeline and no Sequential: load_model reads it.");
  EXPECT_EQ(
      load_error(changed([](Json&, auto& tensors) { tensors.erase("model.network.coefs.0"); })),
      no_model + "in model.network, the tensor 'coefs.0' is missing");
}

/// Rather than of what could not be read again.
TEST(SequentialFile, WhatNoFileCanHoldIsNotWritten) {
  EXPECT_THROW(Rescale(std::nan("")), std::invalid_argument);
  EXPECT_THROW(Rescale(1.0, std::numeric_limits<double>::infinity()), std::invalid_argument);
  for (const int depth : {10, 40}) {
    Layer block = Dense(2);
    for (int i = 0; i < depth; ++i) block = Residual({Dense(2), block});
    block.input_shape = {2};
    const Sequential model({block, Dense(1)}, RandomSeed(0));
    if (depth == 10) {
      EXPECT_EQ(Sequential::from_bytes(model.to_bytes()).weights(), model.weights());
    } else {
      EXPECT_THROW(model.to_bytes(), std::invalid_argument);
    }
  }
}

TEST(SequentialFile, TruncatedAndBrokenFilesAreErrors) {
  const std::string whole = Sequential({Dense(2, "tanh", {2}), Dense(1)}, RandomSeed(0)).to_bytes();
  for (std::size_t n = 0; n < whole.size(); n += 7) {
    EXPECT_THROW(Sequential::from_bytes(whole.substr(0, n)), std::runtime_error) << n;
  }
  for (std::size_t i = 0; i < std::min<std::size_t>(whole.size(), 4000); ++i) {
    std::string bytes = whole;
    bytes[i] = static_cast<char>(bytes[i] ^ 0x15);
    try {
      Sequential::from_bytes(bytes).predict(test::random_matrix<double>(3, 2, 1));
    } catch (const std::exception&) {
    }
  }
}

}  // namespace
}  // namespace skarma::nn
