#include <skarma/datasets/read_npy.hpp>

#include <fstream>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/golden.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma {
namespace {

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

/// A file of version 1 with this header and so many bytes of numbers.
std::string file_with(std::string header, std::size_t n_bytes = 0) {
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size());
  bytes += '\0';
  return bytes + header + std::string(n_bytes, '\0');
}

TEST(ReadNpy, ReadsWhatNumPyHasWritten) {
  for (const test::Json& one : test::golden("npy").at("cases")) {
    SCOPED_TRACE(one.at("dtype").dump() + one.at("shape").dump());
    const NumberArray array = parse_npy(from_hex(one.at("hex")), "it");
    EXPECT_EQ(array.shape(), one.at("shape").get<std::vector<std::size_t>>());
    EXPECT_EQ(name_of(array.type()), one.at("dtype").get<std::string>());
    std::vector<double> numbers;
    for (std::size_t i = 0; i < array.size(); ++i) numbers.push_back(array[i]);
    EXPECT_TRUE(test::close(numbers, test::numbers(one.at("values")), 0.0));
  }
}

/// Every shorter file, and one that is longer, is refused.
TEST(ReadNpy, AFileOfAnotherLengthIsRefused) {
  const std::string whole = from_hex(test::golden("npy").at("cases")[0].at("hex"));
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_THROW(parse_npy(whole.substr(0, n), "it"), std::runtime_error) << n;
  }
  EXPECT_THROW_WITH(parse_npy(whole + "x", "it"), std::runtime_error,
                    "it: the shape (2, 3, 2) of float64 takes 96 bytes, and there are 97.");
}

TEST(ReadNpy, MistakesAreNamed) {
  const auto expect_error = [](const std::string& bytes, const char* message) {
    EXPECT_THROW_WITH(parse_npy(bytes, "it"), std::runtime_error, message);
  };
  const auto expect_header_error = [&](const std::string& header, const char* message) {
    expect_error(file_with(header), message);
  };
  expect_error("", "it: this is no NPY file, as numpy.save writes them.");
  expect_error("PK\x03\x04", "this is an archive of several arrays (NPZ)");
  expect_error("\x93NUMPY\x09\x01", "NPY files of version 9 are not known");
  expect_header_error("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
                      "it holds '|O', and whole and real numbers of up to 8 bytes alone are read");
  expect_header_error("{'descr': '<U3', 'fortran_order': False, 'shape': (1,)}", "it holds '<U3'");
  expect_header_error("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}",
                      "it holds records of several fields, not numbers");
  expect_header_error("{'descr': '<f8', 'fortran_order': 1, 'shape': (1,)}",
                      "'fortran_order' is neither True nor False");
  expect_header_error("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
                      "the shape is not a tuple of whole numbers");
  expect_header_error("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}",
                      "the shape is not a tuple of whole numbers");
  expect_header_error("{'descr': '<f8', 'fortran_order': False}",
                      "'descr', 'fortran_order' and 'shape' are not all there");
  expect_header_error("{'descr': '<f8', 'descr': '<f4'}", "'descr' is there");
  expect_header_error("{'descr': '<f8', 'fortran_order': False, 'shape': ()} x",
                      "there is more behind it");
  expect_header_error("{'descr", "a text does not end");
  expect_header_error("", "'{' is missing");
  std::string many = "{'descr': '<f8', 'fortran_order': False, 'shape': (";
  for (int i = 0; i < 33; ++i) many += "1,";
  expect_header_error(many + ")}", "there are more than 32 axes");
}

/// Nothing is allocated on the word of a header: these would take petabytes.
TEST(ReadNpy, AHeaderThatPromisesTooMuchIsRefused) {
  const auto header = [](const char* shape, const char* order) {
    return file_with(std::string("{'descr': '<f8', 'fortran_order': ") + order +
                     ", 'shape': " + shape + "}");
  };
  for (const char* order : {"False", "True"}) {
    EXPECT_THROW_WITH(parse_npy(header("(4611686018427387904, 16)", order), "it"),
                      std::runtime_error, "has more numbers than there can be");
    EXPECT_THROW_WITH(parse_npy(header("(100000000000, 1000)", order), "it"), std::runtime_error,
                      "takes 800000000000000 bytes, and there are 0");
    EXPECT_THROW_WITH(parse_npy(header("(0, 4611686018427387904)", order), "it"),
                      std::runtime_error, "has more numbers than there can be");
    EXPECT_EQ(parse_npy(header("(0, 1000000)", order), "it").matrix<float>().cols(), 1000000);
  }
}

TEST(ReadNpy, FilesAreReadWhole) {
  const test::TemporaryFolder folder;
  const auto path = folder.write("x.npy", from_hex(test::golden("npy").at("cases")[0].at("hex")));
  EXPECT_EQ(read_npy(path).size(), 12);
  EXPECT_THROW_WITH(read_npy(folder.path("none.npy")), std::runtime_error,
                    "none.npy: No such file or directory.");
}

}  // namespace
}  // namespace skarma
