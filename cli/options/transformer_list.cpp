#include <skarma/cli/options/transformer_list.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/base/nearest_name.hpp>
#include <skarma/estimators/preprocessing/transformer_kinds.hpp>

namespace skarma::cli {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// Between commas that are in no parentheses.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (text[i] != ',' || depth > 0) continue;
    parts.push_back(trimmed(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  parts.push_back(trimmed(text.substr(begin)));
  return parts;
}

std::unique_ptr<Transformer> transformer_of(std::string_view word) {
  for (const TransformerKind& kind : transformer_kinds()) {
    if (kind.word == word) return kind.make();
  }
  const auto words = transformer_words();
  throw std::invalid_argument(fmt::format("--scale must be one of {}; got '{}'.{}",
                                          fmt::join(words, ", "), word, did_you_mean(word, words)));
}

void set(Transformer& transformer, std::string_view word, std::string_view argument) {
  const auto equals = argument.find('=');
  if (equals == std::string_view::npos) {
    throw std::invalid_argument(
        fmt::format("--scale: '{}' of {} must be written parameter=value.", argument, word));
  }
  transformer.set(trimmed(argument.substr(0, equals)),
                  std::string(trimmed(argument.substr(equals + 1))));
}

std::unique_ptr<Transformer> step_of(std::string_view text) {
  const auto open = text.find('(');
  const std::string_view word = trimmed(text.substr(0, open));
  auto transformer = transformer_of(word);
  if (open == std::string_view::npos) return transformer;
  if (text.back() != ')') {
    throw std::invalid_argument(
        fmt::format("--scale: '{}' does not end with its parenthesis.", text));
  }
  for (const std::string_view argument : split(text.substr(open + 1, text.size() - open - 2))) {
    set(*transformer, word, argument);
  }
  return transformer;
}

}  // namespace

std::vector<std::string_view> transformer_words() {
  std::vector<std::string_view> words{"none"};
  for (const TransformerKind& kind : transformer_kinds()) words.push_back(kind.word);
  return words;
}

std::vector<std::unique_ptr<Transformer>> transformers_of(std::string_view text) {
  std::vector<std::unique_ptr<Transformer>> transformers;
  for (const std::string_view step : split(text)) {
    if (step != "none") transformers.push_back(step_of(step));
  }
  return transformers;
}

}  // namespace skarma::cli
