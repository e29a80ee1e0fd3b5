#include <skarma/cli/output/text_table.hpp>

#include <algorithm>
#include <stdexcept>

namespace skarma::cli {
namespace {

std::string styled(const std::string& line, const char* style) {
  return std::string("\x1b[") + style + "m" + line + "\x1b[0m";
}

}  // namespace

std::size_t display_width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;  // no continuation byte
  }));
}

void TextTable::add_column(std::string title, Align align, std::vector<std::string> cells) {
  if (!columns_.empty() && columns_.front().cells.size() != cells.size()) {
    throw std::logic_error("The columns of a table have different lengths.");
  }
  std::size_t width = display_width(title);
  for (const std::string& cell : cells) width = std::max(width, display_width(cell));
  columns_.push_back({std::move(title), align, std::move(cells), width});
}

std::size_t TextTable::width() const {
  std::size_t width = 0;
  for (const Column& column : columns_) width += column.width + (width == 0 ? 0 : 2);
  return width;
}

std::string TextTable::line(std::optional<std::size_t> row) const {
  std::string text;
  for (const Column& column : columns_) {
    const std::string& cell = row ? column.cells[*row] : column.title;
    const std::string space(column.width - display_width(cell), ' ');
    if (!text.empty()) text += "  ";
    text += column.align == Align::right ? space + cell : cell + space;
  }
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

std::string TextTable::text(bool colour, std::optional<std::size_t> marked) const {
  if (columns_.empty()) return "";
  std::string all = (colour ? styled(line(std::nullopt), "4") : line(std::nullopt)) + "\n";
  for (std::size_t row = 0; row < columns_.front().cells.size(); ++row) {
    const std::string plain = line(row);
    all += (colour && row == marked ? styled(plain, "1;32") : plain) + "\n";
  }
  return all;
}

}  // namespace skarma::cli
