#include <skarma/estimators/io/internal/safetensors.hpp>

#include <cstring>
#include <functional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using Header = nlohmann::json;

/// A file of the format, written by hand: eight bytes of length, the header, the data.
std::string raw_file(const std::string& header, const std::string& data) {
  const std::uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + data;
}

std::string sixteen_bytes() {
  const std::vector<double> values = {1.5, -2.0};
  return {reinterpret_cast<const char*>(values.data()), 16};
}

TEST(Safetensors, ReadsTheFormatOfItsSpecification) {
  const auto file = parse_safetensors(
      raw_file(
          R"({"__metadata__":{"k":"v"},"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}})",
          sixteen_bytes()),
      "it");
  EXPECT_EQ(file.metadata.at("k"), "v");
  EXPECT_EQ(file.tensors.at("a").shape, std::vector<std::size_t>{2});
  EXPECT_EQ(file.tensors.at("a").values<double>(), (std::vector{1.5, -2.0}));
}

TEST(Safetensors, AllTypesSurviveTheRoundTripAligned) {
  Safetensors file;
  file.metadata["text"] = "\"quoted\" ç";
  file.tensors["f"] = Tensor::of<float>({3, 1}, {1.0F, -0.0F, 3.0F});
  file.tensors["d"] = Tensor::of<double>({1, 2}, {0.1, 1e300});
  file.tensors["i"] = Tensor::of<std::int64_t>({0}, {});
  const std::string bytes = to_bytes(file);
  const Safetensors back = parse_safetensors(bytes, "it");
  EXPECT_EQ(back.metadata, file.metadata);
  EXPECT_EQ(back.tensors.at("f").values<float>(), (std::vector{1.0F, -0.0F, 3.0F}));
  EXPECT_EQ(back.tensors.at("d").values<double>(), (std::vector{0.1, 1e300}));
  EXPECT_TRUE(back.tensors.at("i").values<std::int64_t>().empty());
  EXPECT_THROW_WITH(back.tensors.at("f").values<double>(), std::runtime_error,
                    "F32 instead of F64");
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  EXPECT_EQ(header % 8, 0U) << "the doubles come first, and lie on an address that suits them";
}

/// A header that says something else about sixteen bytes, and what is said about it.
struct Lie {
  const char* problem;
  std::function<void(Header&)> tell;
};

TEST(Safetensors, EveryLieIsNamed) {
  const std::vector<Lie> lies = {
      {"has no type, shape or place", [](Header& h) { h["a"].erase("dtype"); }},
      {"has the type 'F65'", [](Header& h) { h["a"]["dtype"] = "F65"; }},
      {"does not fit its 16 bytes", [](Header& h) { h["a"]["shape"] = {3}; }},
      {"is too large",
       [](Header& h) {
         h["a"]["shape"] = {std::uint64_t{1} << 62, 16};
       }},
      {"is no whole number", [](Header& h) { h["a"]["shape"] = {-2}; }},
      {"lies outside of the file",
       [](Header& h) {
         h["a"]["data_offsets"] = {0, 17};
       }},
      {"lies outside of the file",
       [](Header& h) {
         h["a"]["data_offsets"] = {16, 0};
       }},
      {"has no list of numbers", [](Header& h) { h["a"]["shape"] = "2"; }},
      {"overlap or leave holes", [](Header& h) { h["b"] = h["a"]; }},
      {"bytes behind its last tensor",
       [](Header& h) {
         h["a"] = {{"dtype", "F64"}, {"shape", {1}}, {"data_offsets", {0, 8}}};
       }},
      {"the metadata 'k' is not text",
       [](Header& h) {
         h["__metadata__"] = {{"k", 1}};
       }},
      {"its metadata is not a JSON object", [](Header& h) { h["__metadata__"] = "k"; }},
      {"its header is not a JSON object", [](Header& h) { h = Header::array(); }},
  };
  for (const Lie& lie : lies) {
    Header header = {{"a", {{"dtype", "F64"}, {"shape", {2}}, {"data_offsets", {0, 16}}}}};
    lie.tell(header);
    EXPECT_THROW_WITH(parse_safetensors(raw_file(header.dump(), sixteen_bytes()), "it"),
                      std::runtime_error, lie.problem);
  }
}

}  // namespace
}  // namespace skarma
