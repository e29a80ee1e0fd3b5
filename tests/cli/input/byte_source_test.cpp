#include <skarma/cli/input/byte_source.hpp>

#include <array>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma::cli {
namespace {

TEST(ByteSource, ReadsInPieces) {
  const skarma::test::TemporaryFolder folder;
  ByteSource source(folder.write("t", "abcdefg"));
  std::array<char, 3> buffer{};
  std::string text;
  while (const std::size_t n = source.read(buffer)) text.append(buffer.data(), n);
  EXPECT_EQ(text, "abcdefg");
  EXPECT_EQ(source.read(buffer), 0u);
}

TEST(ByteSource, WhatCannotBeOpened) {
  const skarma::test::TemporaryFolder folder;
  EXPECT_THROW_WITH(ByteSource(folder.path("none")), DataError, "none: No such file or directory");
  EXPECT_THROW_WITH(ByteSource(folder.path("")), DataError, "is a directory");
}

}  // namespace
}  // namespace skarma::cli
