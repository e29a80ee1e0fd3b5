#include <skarma/estimators/params/parameter_table.hpp>

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

namespace skarma::internal {
namespace {

/// The value, or the first of a list, that is a word outside of the domain; nullptr if there is
/// none.
const std::string* first_wrong_word(const Domain& domain, const ParamValue& value) {
  if (const auto* words = std::get_if<std::vector<std::string>>(&value)) {
    const auto is_wrong = [&](const std::string& word) { return !domain.contains(word); };
    const auto found = std::ranges::find_if(*words, is_wrong);
    return found == words->end() ? nullptr : &*found;
  }
  return std::get_if<std::string>(&value);
}

}  // namespace

ParamValue read_text(std::string_view owner, const ParameterInfo& info, const ParamValue& value) {
  const Domain& domain = info.domain;
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr || domain.contains(value)) return value;
  if (domain.none && (*text == "None" || *text == "none")) return {};
  if (domain.type == Domain::Type::name && !domain.several) return value;
  const bool is_list = domain.type == Domain::Type::integer_list || domain.several;
  const bool bare_list = is_list && !text->empty() && text->front() != '(' &&
                         text->front() != '[' && text->find(',') != std::string::npos;
  try {
    return parse_value(bare_list ? "(" + *text + ")" : *text);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(
        fmt::format("The '{}' parameter of {}: {}", info.name, owner, error.what()));
  }
}

void reject_value(std::string_view owner, const ParameterInfo& info, const ParamValue& value) {
  const auto* list = std::get_if<std::vector<std::int64_t>>(&value);
  if (list != nullptr && info.domain.type == Domain::Type::integer_list) {
    throw std::invalid_argument(
        fmt::format("{} must be > 0, got [{}].", info.name, fmt::join(*list, ", ")));
  }
  std::string text = fmt::format("The '{}' parameter of {} must be {}. Got {} instead.", info.name,
                                 owner, info.domain.description(), to_text(value));
  if (const std::string* word = first_wrong_word(info.domain, value)) {
    constexpr std::array<std::string_view, 2> kTruth = {"True", "False"};
    const bool is_truth = info.domain.type == Domain::Type::boolean;
    text += did_you_mean(*word, is_truth ? std::span<const std::string_view>(kTruth)
                                         : std::span<const std::string_view>(info.domain.names));
  }
  throw std::invalid_argument(text);
}

void reject_name(std::string_view owner, std::string_view name,
                 const std::vector<std::string_view>& known) {
  throw std::invalid_argument(
      fmt::format("Invalid parameter '{}' for estimator {}.{} "
                  "Valid parameters are: ['{}'].",
                  name, owner, did_you_mean(name, known), fmt::join(known, "', '")));
}

}  // namespace skarma::internal
