#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/datasets/dataset.hpp>
#include <skarma/tests/support/golden.hpp>

namespace skarma::test {

/// The options of a case, where it has them.
class CaseOptions {
 public:
  explicit CaseOptions(const Json& one) : all_(one.at("options")) {}

  bool has(const char* name) const { return all_.contains(name); }
  const Json& operator[](const char* name) const { return all_.at(name); }
  template <class T>
  void read(const char* name, T& field) const {
    if (has(name)) field = all_.at(name).get<T>();
  }

 private:
  const Json& all_;
};

/// Calls check(case) for each case of the generator in generators.json.
template <class Check>
void for_each_case(const std::string& generator, Check check) {
  std::size_t n = 0;
  for (const Json& one : golden("generators").at("cases")) {
    if (one.at("generator") != generator) continue;
    SCOPED_TRACE(one.at("options").dump() + one.at("random_state").dump());
    check(one);
    ++n;
  }
  EXPECT_GE(n, 8);
}

/// |a - b| <= 1e-12 of the larger of 1 and |b|, one by one.
inline void expect_near(const Matrix<double>& got, const std::vector<double>& expected) {
  ASSERT_EQ(got.values().size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(got.values()[i], expected[i], 1e-12 * std::max(1.0, std::abs(expected[i])));
  }
}

}  // namespace skarma::test
