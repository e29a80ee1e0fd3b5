#include <skarma/estimators/target.hpp>

#include <cmath>

#include <gtest/gtest.h>

#include <skarma/datasets/embedded.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using Codes = std::vector<std::int32_t>;
using Strings = std::vector<std::string>;

/// scikit-learn's type_of_target.
TEST(Target, TypesAreScikitLearns) {
  using enum TargetType;
  EXPECT_EQ(Target(std::vector<int>{1, -1, 1}).type(), binary);
  EXPECT_EQ(Target(std::vector<int>{3, 3}).type(), binary);
  EXPECT_EQ(Target(std::vector<int>{0, 1, 2}).type(), multiclass);
  EXPECT_EQ(Target(std::vector<double>{1.0, 2.0, 3.0}).type(), multiclass);
  EXPECT_EQ(Target(std::vector<double>{0.5, 1.0}).type(), continuous);
  EXPECT_EQ(Target(std::vector<float>{0.5F}).type(), continuous);
  EXPECT_EQ(Target(Strings{"a", "b", "a"}).type(), binary);
  EXPECT_EQ(Target(Strings{"a", "b", "c"}).type(), multiclass);
  EXPECT_EQ(Target(Matrix<int>(2, 2, {0, 1, 1, 1})).type(), multilabel);
  EXPECT_EQ(Target(Matrix<double>(2, 2, {0, 1, 1, 0})).type(), multilabel);
  EXPECT_EQ(Target(Matrix<double>(2, 2, {0, 1, 2, 0})).type(), continuous_multioutput);
  EXPECT_EQ(Target(Matrix<double>(2, 2, {0, 0.5, 0, 0})).type(), continuous_multioutput);
  EXPECT_EQ(Target(Matrix<int>(3, 1, {4, 5, 6})).type(), multiclass);
  EXPECT_EQ(Target(Matrix<double>(2, 1, {0.5, 1})).type(), continuous);
}

TEST(Target, CodesCountTheSortedLabels) {
  const Target numbers = std::vector<int>{5, -2, 5, 9};
  EXPECT_EQ(numbers.codes(), (Codes{1, 0, 1, 2}));
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(numbers.classes()),
            (std::vector<std::int64_t>{-2, 5, 9}));
  const Target names = Strings{"virginica", "setosa", "virginica"};
  EXPECT_EQ(names.codes(), (Codes{1, 0, 1}));
  EXPECT_EQ(std::get<Strings>(names.classes()), (Strings{"setosa", "virginica"}));
}

TEST(Target, ComesBackAsItWas) {
  EXPECT_EQ(Target(std::vector<int>{5, -2, 5}).as_ints(), (std::vector<int>{5, -2, 5}));
  EXPECT_EQ(Target(std::vector<double>{0.5, 2}).as_doubles(), (std::vector<double>{0.5, 2}));
  EXPECT_EQ(Target(Strings{"b", "a"}).as_strings(), (Strings{"b", "a"}));
  EXPECT_EQ(Target(Matrix<int>(2, 2, {0, 1, 1, 1})).values(), (Matrix<double>(2, 2, {0, 1, 1, 1})));
  EXPECT_TRUE(Target(std::vector<float>{1.5F}).is_float32());
  EXPECT_FALSE(Target(std::vector<double>{1.5}).is_float32());
}

/// Dataset::y goes into fit as it is.
TEST(Target, IsMadeOfWhateverADataSetHolds) {
  using AnyVector = decltype(Dataset::y);
  EXPECT_EQ(Target(AnyVector(std::vector<int>{5, -2})).as_ints(), (std::vector<int>{5, -2}));
  EXPECT_EQ(Target(AnyVector(std::vector<double>{0.5})).as_doubles(), (std::vector<double>{0.5}));
  EXPECT_EQ(Target(AnyVector(Strings{"b", "a"})).as_strings(), (Strings{"b", "a"}));

  const Dataset iris = load_dataset("iris");
  MLPClassifier model({.hidden_layer_sizes = {4}, .max_iter = 300, .random_state = 1});
  EXPECT_GT(model.fit(iris.x, iris.y).score(iris.x, iris.y), 0.5);
}

TEST(Target, IsACopy) {
  std::vector<double> y{0.5, 1.5};
  const Target target = y;
  y[0] = 9;
  EXPECT_EQ(target.as_doubles()[0], 0.5);
}

TEST(Target, WhatItIsNotIsAnError) {
  EXPECT_THROW_WITH(Target(Strings{"a"}).values(), std::invalid_argument,
                    "The targets are strings, such as 'a'; numbers are needed here.");
  EXPECT_THROW_WITH(Target(std::vector<double>{0.5}).as_ints(), std::invalid_argument,
                    "0.5 is not an int");
  EXPECT_THROW_WITH(Target(std::vector<int>{1}).as_strings(), std::invalid_argument,
                    "The targets are numbers, not strings.");
  EXPECT_THROW_WITH(Target(Matrix<int>(1, 2)).as_doubles(), std::invalid_argument,
                    "There are 2 outputs, not one");
}

TEST(Target, ChosenRowsKeepCodesAndClasses) {
  const std::vector<RowIndex> rows{2, 0, 2};
  const Target names = Target(Strings{"a", "b", "c"}).rows(rows);
  EXPECT_EQ(names.codes(), (Codes{2, 0, 2}));
  EXPECT_EQ(n_classes(names.classes()), 3u);
  EXPECT_EQ(names.as_strings(), (Strings{"c", "a", "c"}));
  const Target numbers = Target(Matrix<double>(3, 2, {1, 2, 3, 4, 5, 6})).rows(rows);
  EXPECT_EQ(numbers.values(), (Matrix<double>(3, 2, {5, 6, 1, 2, 5, 6})));
}

TEST(Target, LabelsThatDoNotOccurCanBeLeftOut) {
  const std::vector<RowIndex> rows{2, 0};
  const Target narrowed = Target(Strings{"a", "b", "c"}).rows(rows).with_occurring_labels();
  EXPECT_EQ(std::get<Strings>(narrowed.classes()), (Strings{"a", "c"}));
  EXPECT_EQ(narrowed.codes(), (Codes{1, 0}));
  EXPECT_EQ(narrowed.type(), TargetType::binary);
}

TEST(Target, LabelsByCodes) {
  const auto classes = std::make_shared<const Classes>(std::vector<std::int64_t>{3, 7, 9});
  const Target y(classes, {2, 0});
  EXPECT_EQ(y.as_ints(), (std::vector<int>{9, 3}));
  EXPECT_EQ(y.type(), TargetType::multiclass);
}

TEST(Target, CodesAmongOtherClasses) {
  const Classes whole = std::vector<std::int64_t>{1, 2, 3};
  EXPECT_EQ(codes_among(std::vector<double>{3.0, 1.0, 4.0}, whole), (Codes{2, 0, -1}));
  EXPECT_EQ(codes_among(Strings{"1", "2"}, whole), (Codes{-1, -1}));
  const Classes words(Strings{"a", "b", "d"});
  EXPECT_EQ(codes_among(Strings{"d", "c", "a", "", "b", "e"}, words), (Codes{2, -1, 0, -1, 1, -1}));
  const Classes real(std::vector<double>{-1.5, 0.0, 2.0});
  EXPECT_EQ(codes_among(std::vector<int>{2, 0, 1, -2, 3}, real), (Codes{2, 1, -1, -1, -1}));
}

TEST(Target, LabelTextIsPythons) {
  EXPECT_EQ(label_text(std::vector<std::int64_t>{3}, 0), "3");
  EXPECT_EQ(label_text(std::vector<double>{2.0}, 0), "2.0");
  EXPECT_EQ(label_text(Strings{"setosa"}, 0), "'setosa'");
}

TEST(Target, NaNIsNoLabel) {
  EXPECT_EQ(Target(std::vector<double>{0, 1, std::nan("")}).type(), TargetType::continuous);
  EXPECT_NE(Target(Matrix<double>(1, 2, {0, std::nan("")})).type(), TargetType::multilabel);
}

TEST(Target, FloatRowsStayFloat32) {
  EXPECT_TRUE(Target(Matrix<float>(2, 2, {0, 0.5F, 1, 2})).is_float32());
  EXPECT_TRUE(Target(Matrix<float>(2, 1, {0, 0.5F})).is_float32());
}

}  // namespace
}  // namespace skarma
