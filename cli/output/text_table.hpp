#pragma once

#include <optional>
#include <string>
#include <vector>

namespace skarma::cli {

/// A table of text whose columns line up: titles, then rows of as many cells.
class TextTable {
 public:
  enum class Align { left, right };

  void add_column(std::string title, Align align, std::vector<std::string> cells);

  /// The columns of a terminal that its lines take.
  std::size_t width() const;

  /// One line a row. In colour, the titles are underlined and row `marked` is bold green.
  std::string text(bool colour, std::optional<std::size_t> marked = std::nullopt) const;

 private:
  struct Column {
    std::string title;
    Align align;
    std::vector<std::string> cells;
    std::size_t width;
  };

  std::string line(std::optional<std::size_t> row) const;

  std::vector<Column> columns_;
};

/// How many columns of a terminal UTF-8 text takes, one for each character.
std::size_t display_width(const std::string& text);

}  // namespace skarma::cli
