#include <skarma/datasets/internal/npy_header.hpp>

#include <bit>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <skarma/datasets/internal/array_bytes.hpp>

namespace skarma {
namespace {

constexpr std::size_t kMostAxes = 32;  // as in NumPy

/// Goes through the text of a Python dict of texts, truths and tuples of whole numbers.
class HeaderText {
 public:
  HeaderText(std::string_view text, const std::string& source) : left_(text), source_(source) {}

  [[noreturn]] void fail(const std::string& problem) const {
    fail_array(source_, "its header is not that of an NPY file: " + problem);
  }

  bool takes(char c) {
    skip_blanks();
    if (!left_.starts_with(c)) return false;
    left_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!takes(c)) fail(fmt::format("'{}' is missing", c));
  }

  std::string_view quoted() {
    skip_blanks();
    const char quote = left_.empty() ? ' ' : left_.front();
    if (quote != '\'' && quote != '"') fail("a text in quotes is missing");
    const auto end = left_.find(quote, 1);
    if (end == std::string_view::npos) fail("a text does not end");
    const std::string_view text = left_.substr(1, end - 1);
    left_.remove_prefix(end + 1);
    return text;
  }

  bool truth() {
    skip_blanks();
    for (const auto& [word, value] :
         {std::pair{std::string_view("True"), true}, {"False", false}}) {
      if (!left_.starts_with(word)) continue;
      left_.remove_prefix(word.size());
      return value;
    }
    fail("'fortran_order' is neither True nor False");
  }

  std::vector<std::size_t> shape() {
    std::vector<std::size_t> axes;
    expect('(');
    while (!takes(')')) {
      if (axes.size() == kMostAxes) fail("there are more than 32 axes");
      axes.push_back(whole_number());
      takes('L');  // as Python 2 wrote it
      if (takes(',')) continue;
      expect(')');
      break;
    }
    return axes;
  }

  bool is_list() {
    skip_blanks();
    return left_.starts_with('[');
  }
  bool is_over() {
    skip_blanks();
    return left_.empty();
  }

 private:
  void skip_blanks() {
    while (!left_.empty() && (left_.front() == ' ' || left_.front() == '\n'))
      left_.remove_prefix(1);
  }

  std::size_t whole_number() {
    skip_blanks();
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(left_.data(), left_.data() + left_.size(), value);
    if (error != std::errc()) fail("the shape is not a tuple of whole numbers");
    left_.remove_prefix(static_cast<std::size_t>(end - left_.data()));
    return value;
  }

  std::string_view left_;
  const std::string& source_;
};

std::optional<NumberType> type_of(std::string_view kind_and_size) {
  constexpr std::pair<std::string_view, NumberType> kTypes[] = {
      {"b1", NumberType::boolean}, {"i1", NumberType::int8},    {"u1", NumberType::uint8},
      {"i2", NumberType::int16},   {"u2", NumberType::uint16},  {"i4", NumberType::int32},
      {"u4", NumberType::uint32},  {"i8", NumberType::int64},   {"u8", NumberType::uint64},
      {"f2", NumberType::float16}, {"f4", NumberType::float32}, {"f8", NumberType::float64}};
  for (const auto& [name, type] : kTypes) {
    if (name == kind_and_size) return type;
  }
  return {};
}

void read_type(std::string_view descr, NpyHeader& header, const std::string& source) {
  const char order = descr.empty() ? ' ' : descr.front();
  const auto type = type_of(descr.substr(descr.empty() ? 0 : 1));
  const bool known = order == '<' || order == '>' || order == '|' || order == '=';
  if (!known || !type) {
    fail_array(source,
               fmt::format("it holds '{}', and whole and real numbers of up to 8 bytes alone "
                           "are read",
                           descr));
  }
  header.type = *type;
  const bool is_native_big = std::endian::native == std::endian::big;
  header.is_big_endian = order == '>' || (order != '<' && is_native_big);
}

}  // namespace

NpyHeader parse_npy_header(std::string_view text, const std::string& source) {
  NpyHeader header{};
  HeaderText left(text, source);
  bool has_type = false, has_order = false, has_shape = false;
  left.expect('{');
  while (!left.takes('}')) {
    const std::string_view key = left.quoted();
    left.expect(':');
    if (key == "descr" && !has_type) {
      if (left.is_list()) fail_array(source, "it holds records of several fields, not numbers");
      read_type(left.quoted(), header, source);
      has_type = true;
    } else if (key == "fortran_order" && !has_order) {
      header.is_column_major = left.truth();
      has_order = true;
    } else if (key == "shape" && !has_shape) {
      header.shape = left.shape();
      has_shape = true;
    } else {
      left.fail(fmt::format("'{}' is there", key));
    }
    if (left.takes(',')) continue;
    left.expect('}');
    break;
  }
  if (!has_type || !has_order || !has_shape) {
    left.fail("'descr', 'fortran_order' and 'shape' are not all there");
  }
  if (!left.is_over()) left.fail("there is more behind it");
  return header;
}

}  // namespace skarma
