#include <skarma/estimators/io/internal/model_archive.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/special_values.hpp>

namespace skarma {
namespace {

struct Parts {
  nlohmann::json text = nlohmann::json::object();
  std::map<std::string, Tensor> tensors;
};

TEST(ModelArchive, GivesBackWhatWasWritten) {
  Parts parts;
  ModelArchive archive(parts.text, parts.tensors, "");
  const ParamSet params = {{"alpha", 1e-4}, {"hidden_layer_sizes", std::vector<std::int64_t>{3}}};
  archive.write_text("kind", "x");
  archive.write_whole("n", -7);
  archive.write_flag("flag", true);
  archive.write_names("names", {"a", ""});
  archive.write_json("list", {1, "a"});
  archive.write_number("loss", test::kInfinity);
  archive.write_params(params);
  ModelArchive inner = archive.part("inner");
  inner.write_classes("numbers", std::vector<double>{0.5, 1.5});
  inner.write_classes("words", std::vector<std::string>{"a", "b"});

  EXPECT_EQ(archive.text("kind"), "x");
  EXPECT_EQ(archive.whole("n"), -7);
  EXPECT_TRUE(archive.flag("flag"));
  EXPECT_EQ(archive.names("names"), (std::vector<std::string>{"a", ""}));
  EXPECT_EQ(archive.json("list"), (nlohmann::json{1, "a"}));
  EXPECT_EQ(archive.number("loss"), test::kInfinity);
  EXPECT_EQ(archive.params(), params);
  EXPECT_EQ(inner.classes("numbers"), Classes(std::vector<double>{0.5, 1.5}));
  EXPECT_EQ(inner.classes("words"), Classes(std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(parts.tensors.contains("inner.numbers")) << "parts keep their tensors apart";
  EXPECT_EQ(inner.full_name("numbers"), "inner.numbers");
}

TEST(ModelArchive, WhatIsMissingOrWrongIsNamedWithItsPart) {
  Parts parts;
  ModelArchive archive(parts.text, parts.tensors, "");
  ModelArchive inner = archive.part("inner");
  inner.write_text("kind", "x");
  inner.write_classes("classes", std::vector<double>{2.0, 1.0});
  EXPECT_THROW_WITH(inner.text("none"), std::runtime_error, "in inner, 'none' is missing");
  EXPECT_THROW_WITH(inner.whole("kind"), std::runtime_error, "'kind' is not a whole number");
  EXPECT_THROW_WITH(inner.flag("kind"), std::runtime_error, "'kind' is neither true nor false");
  EXPECT_THROW_WITH(inner.names("kind"), std::runtime_error, "'kind' is not a list");
  EXPECT_THROW_WITH(inner.tensor("w"), std::runtime_error, "in inner, the tensor 'w' is missing");
  EXPECT_THROW_WITH(inner.number("classes"), std::runtime_error, "'classes' is not one number");
  EXPECT_THROW_WITH(inner.classes("classes"), std::runtime_error, "is not a sorted list of labels");
}

}  // namespace
}  // namespace skarma
