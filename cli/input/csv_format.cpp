#include <skarma/cli/input/csv_format.hpp>

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include <skarma/cli/input/csv_cell.hpp>
#include <skarma/core/base/errors.hpp>

namespace skarma::cli {
namespace {

constexpr std::size_t kMostLines = 20;  // that are looked at

/// How a kind of file begins that somebody may take for CSV, and what to do with it. No header of a
/// table may begin so: [Age],[Income] is one, and PAR1,PAR2 is.
struct Foreign {
  std::string_view beginning;
  std::string_view advice;
};

constexpr std::array kForeign = {
    Foreign{"<?xml", "this is XML; write a CSV file"},
    Foreign{"<!", "this is XML or HTML; write a CSV file"},
    Foreign{"<html", "this is HTML; write a CSV file"},
    Foreign{"PK\x03\x04", "this is a zip file or a spreadsheet; export the table as CSV"},
    Foreign{"\xD0\xCF\x11\xE0", "this is a spreadsheet; export the table as CSV"},
    Foreign{"PAR1\x15", "this is Parquet; write a CSV file (pandas: read_parquet, to_csv)"},
    Foreign{std::string_view("ARROW1\0", 7),
            "this is Feather; write a CSV file (pandas: read_feather, to_csv)"},
    Foreign{"\x93NUMPY", "this is a NumPy array; write a CSV file (numpy.savetxt, delimiter=',')"},
    Foreign{"\x89HDF", "this is HDF5; write a CSV file (pandas: read_hdf, to_csv)"},
    Foreign{"\x80\x04", "this is a pickle; write a CSV file (pandas: to_csv)"},
    Foreign{"\x80\x05", "this is a pickle; write a CSV file (pandas: to_csv)"},
    Foreign{"\xFF\xFE", "this is UTF-16 text; save the file as UTF-8"},
    Foreign{"\xFE\xFF", "this is UTF-16 text; save the file as UTF-8"},
    Foreign{"BZh", "this is compressed with bzip2; gzip is read, or bzip2 -dc FILE | skarma ... -"},
    Foreign{"\xFD"
            "7zXZ",
            "this is compressed with xz; gzip is read, or xz -dc FILE | skarma ... -"},
    Foreign{"\x28\xB5\x2F\xFD",
            "this is compressed with zstd; gzip is read, or zstd -dc FILE | skarma ... -"},
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// A line of tabs holds empty cells.
bool is_blank_line(std::string_view line) {
  return line.find_first_not_of(" \r") == std::string_view::npos;
}

/// Takes the first line off a text; without its end.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  std::string_view line = text.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

/// The first lines without their ends; the last one may be cut.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < kMostLines) lines.push_back(take_line(text));
  return lines;
}

/// What begins with # above a table.
struct Comments {
  std::size_t n = 0;
  std::size_t n_lines = 0;  // down to the last of them, blank ones included
  std::string_view last{};
};

/// Takes them off a text.
Comments take_comments(std::string_view& text) {
  Comments comments;
  std::string_view rest = text;
  for (std::size_t n_lines = 1; !rest.empty(); ++n_lines) {
    const std::string_view line = take_line(rest);
    if (is_blank_line(line)) continue;
    if (line[0] != '#') break;
    comments = {comments.n + 1, n_lines, line};
    text = rest;
  }
  return comments;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  auto at = line.begin();
  while ((at = std::find_if_not(at, line.end(), is_space)) != line.end()) {
    const auto end = std::find_if(at, line.end(), is_space);
    words.push_back(line.substr(static_cast<std::size_t>(at - line.begin()),
                                static_cast<std::size_t>(end - at)));
    at = end;
  }
  return words;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

/// "1 3:0.5 7:2"
bool is_libsvm(std::string_view line) {
  const auto words = words_of(line);
  return words.size() > 1 && std::all_of(words.begin() + 1, words.end(), [](std::string_view word) {
           const auto colon = word.find(':');
           return colon != std::string_view::npos && is_digits(word.substr(0, colon)) &&
                  read_number(word.substr(colon + 1));
         });
}

std::size_t count_outside_quotes(std::string_view line, char separator) {
  std::size_t count = 0;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    count += !quoted && c == separator ? 1 : 0;
  }
  return count;
}

constexpr std::array kSeparators = {'\t', ';', '|', ','};  // the comma may stand in numbers

char separator_of(const std::vector<std::string_view>& lines) {
  std::array<std::size_t, kSeparators.size()> counts{};
  for (std::size_t s = 0; s < kSeparators.size(); ++s) {
    counts[s] = count_outside_quotes(lines.front(), kSeparators[s]);
    const bool everywhere = std::all_of(lines.begin(), lines.end(), [&](std::string_view line) {
      return count_outside_quotes(line, kSeparators[s]) == counts[s];
    });
    if (everywhere && counts[s] > 0) return kSeparators[s];
  }
  const auto most = std::max_element(counts.begin(), counts.end());
  return *most == 0 ? ',' : kSeparators[static_cast<std::size_t>(most - counts.begin())];
}

/// A brace or a bracket, and behind it what no header has there: {"a", [{, [[, or the line's end.
bool is_json(std::string_view line) {
  if (line.empty() || (line[0] != '{' && line[0] != '[')) return false;
  const auto next = std::find_if_not(line.begin() + 1, line.end(), is_space);
  if (next == line.end()) return true;
  return line[0] == '{' ? *next == '"' : *next == '{' || *next == '[';
}

void check_is_csv(const std::string& path, const std::vector<std::string_view>& lines) {
  const auto fail = [&](std::string_view problem) {
    throw DataError(path, 0, 0, std::string(problem));
  };
  const auto first = std::find_if_not(lines.begin(), lines.end(), is_blank_line);
  if (first == lines.end()) return;
  if (is_json(*first)) fail("this is JSON; write a CSV file (pandas: read_json, to_csv)");
  const std::string beginning = lower(first->substr(0, 8));
  for (const Foreign& foreign : kForeign) {
    const bool is_tag = foreign.beginning.starts_with('<');
    if (is_tag ? beginning.starts_with(foreign.beginning) : first->starts_with(foreign.beginning)) {
      fail(foreign.advice);
    }
  }
  for (const std::string_view line : lines) {
    const std::string text = lower(line);
    if (text.starts_with("@relation") || text.starts_with("@attribute")) {
      fail(
          "this is ARFF; write the names of the attributes, separated by commas, in the place of "
          "all lines above the data");
    }
  }
  if (is_libsvm(*first)) {
    fail("this is the format of libsvm; write a CSV file (sklearn.datasets.load_svmlight_file)");
  }
}

/// Words in equal numbers that nothing separates but space.
bool is_separated_by_spaces(const std::vector<std::string_view>& lines) {
  const std::size_t n = words_of(lines.front()).size();
  return n > 1 && std::all_of(lines.begin(), lines.end(), [n](std::string_view line) {
           return words_of(line).size() == n &&
                  std::none_of(kSeparators.begin(), kSeparators.end(), [&](char separator) {
                    return line.find(separator) != std::string_view::npos;
                  });
         });
}

/// A header that begins with # itself, as the name of a column of numbers: "#,Name,Type".
bool is_header_with_hash(std::string_view comment, std::string_view below, char separator) {
  return comment.size() > 1 && comment[1] == separator &&
         count_outside_quotes(comment, separator) == count_outside_quotes(below, separator);
}

/// Names behind a #: as many as the line below has cells, and no number among them.
bool is_commented_header(std::string_view comment, std::string_view below, char separator) {
  const std::size_t n = count_outside_quotes(below, separator);
  if (n == 0 || count_outside_quotes(comment, separator) != n) return false;
  comment.remove_prefix(1);
  for (std::size_t c = 0; c <= n; ++c) {
    const auto end = comment.find(separator);
    std::string_view cell = comment.substr(0, end);
    while (!cell.empty() && is_space(cell.front())) cell.remove_prefix(1);
    while (!cell.empty() && is_space(cell.back())) cell.remove_suffix(1);
    if (kind_of(cell) != CellKind::word) return false;
    comment.remove_prefix(end == std::string_view::npos ? comment.size() : end + 1);
  }
  return true;
}

}  // namespace

CsvFormat format_of(const std::string& path, std::string_view beginning) {
  CsvFormat format;
  std::string_view table = beginning;
  const Comments comments = take_comments(table);
  format.n_comments = comments.n;
  format.n_lines_above = comments.n_lines;
  std::vector<std::string_view> lines = lines_of(table);
  check_is_csv(path, lines);
  // A last line without its end may be cut.
  if (lines.size() > 1 && lines.size() < kMostLines && !beginning.ends_with('\n')) lines.pop_back();
  std::erase_if(lines, is_blank_line);
  if (lines.empty()) return format;
  if (is_separated_by_spaces(lines)) {
    throw DataError(
        path, 0, 0,
        "the cells are separated by spaces; write commas (awk -v OFS=, '{$1=$1; print}' "
        "FILE)");
  }
  format.separator = separator_of(lines);
  if (comments.n == 0) return format;
  if (is_header_with_hash(comments.last, lines.front(), format.separator)) {
    --format.n_comments;
    --format.n_lines_above;
    return format;
  }
  format.comment_is_header = is_commented_header(comments.last, lines.front(), format.separator);
  return format;
}

std::string_view separator_name(char separator) {
  if (separator == '\t') return "tabs";
  if (separator == ';') return "semicolons";
  return separator == '|' ? "bars" : "commas";
}

}  // namespace skarma::cli
