#include <skarma/estimators/mlp/internal/node_list.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using Json = nlohmann::json;

NetworkSpec small_network(const HiddenLayerOptions& options = {}) {
  const std::vector<Activation> hidden{*find_activation("relu"), *find_activation("gelu")};
  return {{4, 3, 3, 2}, hidden, *find_loss("log_loss"), options};
}

/// What is written into a model named "net".
Json written(const NetworkSpec& spec) {
  Json text = Json::object();
  std::map<std::string, Tensor> tensors;
  ModelArchive archive(text, tensors, "net.");
  write_nodes(archive, spec);
  return text.at("nodes");
}

void check(const Json& nodes, const NetworkSpec& spec) {
  Json text{{"nodes", nodes}};
  std::map<std::string, Tensor> tensors;
  check_nodes(ModelArchive(text, tensors, "net."), spec);
}

std::string error_of(const Json& nodes, const NetworkSpec& spec) {
  return test::message_of<std::runtime_error>([&] { check(nodes, spec); });
}

TEST(NodeList, SaysWhatIsComputed) {
  EXPECT_EQ(written(small_network()), Json::parse(R"([
    {"operation": "input", "inputs": [], "units": 4},
    {"operation": "dense", "inputs": [0], "units": 3,
     "slots": {"coefs": "net.coefs.0", "intercepts": "net.intercepts.0"}},
    {"operation": "activation", "inputs": [1], "units": 3, "activation": "relu"},
    {"operation": "dense", "inputs": [2], "units": 3,
     "slots": {"coefs": "net.coefs.1", "intercepts": "net.intercepts.1"}},
    {"operation": "activation", "inputs": [3], "units": 3, "activation": "gelu"},
    {"operation": "dense", "inputs": [4], "units": 2,
     "slots": {"coefs": "net.coefs.2", "intercepts": "net.intercepts.2"}},
    {"operation": "activation", "inputs": [5], "units": 2, "activation": "softmax"}])"));
}

TEST(NodeList, HasTheConstantsOfLayers) {
  const Json nodes =
      written(small_network({.dropout = 0.25, .batch_norm = true, .residual = true}));
  ASSERT_EQ(nodes.size(), 12U);
  EXPECT_EQ(nodes[6], Json::parse(R"({"operation": "batch_norm", "inputs": [5], "units": 3,
    "epsilon": 1e-5, "momentum": 0.1,
    "slots": {"gamma": "net.batch_norms.1[0]", "beta": "net.batch_norms.1[1]",
              "mean": "net.batch_norms.1[2]", "variance": "net.batch_norms.1[3]"}})"));
  EXPECT_EQ(nodes[8], Json::parse(R"(
    {"operation": "dropout", "inputs": [7], "units": 3, "rate": 0.25})"));
  EXPECT_EQ(nodes[9], Json::parse(R"({"operation": "add", "inputs": [8, 4], "units": 3})"));
}

TEST(NodeList, HasTheConstantsOfInputsAndOfLayerNorm) {
  const Json nodes = written(
      small_network({.dropout = std::vector{0.1, 0.0, 0.0}, .layer_norm = true, .noise = 0.5}));
  ASSERT_EQ(nodes.size(), 11U);
  EXPECT_EQ(nodes[1], Json::parse(R"(
    {"operation": "noise", "inputs": [0], "units": 4, "deviation": 0.5})"));
  EXPECT_EQ(nodes[2], Json::parse(R"(
    {"operation": "dropout", "inputs": [1], "units": 4, "rate": 0.1})"));
  EXPECT_EQ(nodes[7], Json::parse(R"({"operation": "layer_norm", "inputs": [6], "units": 3,
    "epsilon": 1e-5,
    "slots": {"gamma": "net.layer_norms.1[0]", "beta": "net.layer_norms.1[1]"}})"));
}

TEST(NodeList, HasThePiecesOfMaxout) {
  const NetworkSpec spec({4, 3, 2}, parse_activation("maxout(5)"), *find_loss("log_loss"));
  EXPECT_EQ(written(spec)[2], Json::parse(R"(
    {"operation": "maxout", "inputs": [1], "units": 3, "pieces": 5})"));
}

TEST(NodeList, ANetworkIsItsOwn) {
  for (const HiddenLayerOptions& options : {HiddenLayerOptions{},
                                            {.dropout = 0.1},
                                            {.batch_norm = true},
                                            {.residual = true},
                                            {.layer_norm = true},
                                            {.noise = 0.1}}) {
    const NetworkSpec spec = small_network(options);
    EXPECT_NO_THROW(check(Json::parse(written(spec).dump()), spec));
    EXPECT_NE(error_of(written(spec), small_network({.dropout = 0.2})), "");
  }
}

TEST(NodeList, LiesAreNamed) {
  const NetworkSpec spec = small_network({.dropout = 0.25, .batch_norm = true, .residual = true});
  const auto with = [&](const std::string& place, const Json& value) {
    Json nodes = written(spec);
    nodes[Json::json_pointer(place)] = value;
    return error_of(nodes, spec);
  };
  const auto should = [](int node, const std::string& what) {
    return fmt::format("in net, node {} of 'nodes' does not fit the network: its {}", node, what);
  };
  for (const Json& value : {Json(), Json(7), Json("dense"), Json::object()}) {
    EXPECT_EQ(error_of(value, spec), "in net, 'nodes' is not a list");
  }
  EXPECT_EQ(error_of(Json::array(), spec),
            "in net, 'nodes' has 0 nodes, which do not fit the network: it has 12");
  EXPECT_EQ(with("/12", written(spec)[11]),
            "in net, 'nodes' has 13 nodes, which do not fit the network: it has 12");
  EXPECT_EQ(with("/3", "activation"), "in net, node 3 of 'nodes' is not an object");
  for (const Json& value : {Json("conv"), Json(1), Json(), Json("")}) {
    EXPECT_EQ(with("/1/operation", value), should(1, "'operation' should be \"dense\""));
  }
  // Out of range, a forward reference, itself, another shape, another type.
  for (const char* value : {"[99]", "[-1]", "[3]", "[2]", "[]", "[1,1]", "1", "[\"1\"]", "[[1]]"}) {
    EXPECT_EQ(with("/2/inputs", Json::parse(value)), should(2, "'inputs' should be [1]"));
  }
  EXPECT_EQ(with("/9/inputs", Json{4, 8}), should(9, "'inputs' should be [8,4]"));
  for (const Json& value : {Json(2), Json(-3), Json("3"), Json(1e300)}) {
    EXPECT_EQ(with("/1/units", value), should(1, "'units' should be 3"));
  }
  EXPECT_EQ(with("/3/activation", "rleu"), should(3, "'activation' should be \"relu\""));
  EXPECT_EQ(with("/11/activation", "relu"), should(11, "'activation' should be \"softmax\""));
  EXPECT_EQ(with("/4/rate", 0.5), should(4, "'rate' should be 0.25"));
  EXPECT_EQ(with("/2/epsilon", 0), should(2, "'epsilon' should be 1e-05"));
  EXPECT_EQ(
      with("/1/slots/coefs", "net.coefs.1"),
      should(1, R"('slots' should be {"coefs":"net.coefs.0","intercepts":"net.intercepts.0"})"));
  EXPECT_EQ(with("/3/slope", 0.1),
            "in net, node 3 of 'nodes' says more than this skarma knows of it");
  Json nodes = written(spec);
  nodes[5].erase("inputs");
  EXPECT_EQ(error_of(nodes, spec), "in net, node 5 of 'nodes' has no 'inputs'");
}

}  // namespace
}  // namespace skarma
