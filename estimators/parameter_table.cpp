#include <skarma/estimators/parameter_table.hpp>

#include <array>
#include <span>

#include <fmt/format.h>

namespace skarma::internal {

ParamValue read_text(std::string_view owner, const ParameterInfo& info, const ParamValue& value) {
  const Domain& domain = info.domain;
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr || domain.contains(value)) return value;
  if (domain.none && (*text == "None" || *text == "none")) return {};
  if (domain.type == Domain::Type::name) return value;
  const bool bare_list = domain.type == Domain::Type::integer_list && !text->empty() &&
                         text->front() != '(' && text->front() != '[' &&
                         text->find(',') != std::string::npos;
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
  const auto* typed = std::get_if<std::string>(&value);
  if (typed != nullptr) {
    constexpr std::array<std::string_view, 2> kTruth = {"True", "False"};
    const bool is_truth = info.domain.type == Domain::Type::boolean;
    text += did_you_mean(*typed, is_truth ? std::span<const std::string_view>(kTruth)
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
