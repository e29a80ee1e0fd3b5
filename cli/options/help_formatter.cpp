#include <skarma/cli/options/help_formatter.hpp>

#include <algorithm>
#include <string_view>

namespace skarma::cli {
namespace {

constexpr std::size_t kIndent = 30;
constexpr std::size_t kWidth = 96;

/// The front of `text` that fits into `width` columns, cut at a space.
std::string_view take_line(std::string_view& text, std::size_t width) {
  std::size_t end = text.size();
  if (end > width) {
    end = text.rfind(' ', width);
    if (end == std::string_view::npos) end = std::min(text.find(' '), text.size());
  }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode mode) const {
  std::string text = CLI::Formatter::make_help(app, std::move(name), mode);
  for (auto at = text.find("\n\n\n"); at != std::string::npos; at = text.find("\n\n\n", at)) {
    text.erase(at, 1);
  }
  return text;
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
  std::string text = "  " + option->get_name(is_positional, true);
  if (!option->get_type_name().empty()) text += " " + option->get_type_name();
  if (text.size() + 2 > kIndent) {
    text += "\n" + std::string(kIndent, ' ');
  } else {
    text.append(kIndent - text.size(), ' ');
  }
  const std::string description = option->get_description();
  std::string_view rest = description;
  text += take_line(rest, kWidth - kIndent);
  while (!rest.empty()) {
    text += "\n" + std::string(kIndent, ' ');
    text += take_line(rest, kWidth - kIndent);
  }
  return text + "\n";
}

}  // namespace skarma::cli
