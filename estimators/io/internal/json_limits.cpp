#include <skarma/estimators/io/internal/json_limits.hpp>

#include <algorithm>

#include <nlohmann/json.hpp>

namespace skarma {
namespace {

/// Hears what nlohmann's parser reads, and ends it where a limit is reached.
class LimitedJson : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit LimitedJson(const JsonLimits& limits) : left_(limits) {}

  bool null() override { return take(left_.other_values); }
  bool boolean(bool) override { return take(left_.other_values); }
  bool number_integer(number_integer_t) override { return take(left_.other_values); }
  bool number_unsigned(number_unsigned_t) override { return take(left_.other_values); }
  bool number_float(number_float_t, const string_t&) override { return take(left_.other_values); }
  bool string(string_t&) override { return take(left_.strings); }
  bool binary(binary_t&) override { return false; }
  bool key(string_t&) override { return take(left_.other_values); }
  bool start_object(std::size_t) override { return take(left_.other_values) && take(left_.depth); }
  bool start_array(std::size_t) override { return take(left_.other_values) && take(left_.depth); }
  bool end_object() override { return give_back(); }
  bool end_array() override { return give_back(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

 private:
  static bool take(std::size_t& left) {
    if (left == 0) return false;
    --left;
    return true;
  }
  bool give_back() {
    ++left_.depth;
    return true;
  }

  JsonLimits left_;
};

}  // namespace

JsonLimits json_limits(std::size_t data_bytes) {
  constexpr std::size_t kAlways = 10'000;
  constexpr std::size_t kMostValues = 1'000'000;
  // A name belongs to a number of four bytes or more. A layer has two numbers or more, and its
  // tensors and nodes are described by up to 40 values and 8 strings.
  const std::size_t n_numbers = data_bytes / 4;
  return {.depth = 32,
          .strings = kAlways + n_numbers + std::min(kMostValues, 4 * n_numbers),
          .other_values = std::min(kMostValues, kAlways + 20 * n_numbers)};
}

bool is_json_within(const JsonLimits& limits, std::string_view text) {
  LimitedJson reader(limits);
  return nlohmann::json::sax_parse(text, &reader);
}

}  // namespace skarma
