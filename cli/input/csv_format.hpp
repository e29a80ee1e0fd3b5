#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace skarma::cli {

/// How a CSV file is written.
struct CsvFormat {
  char separator = ',';
  std::size_t n_comments = 0;      // lines at the top that begin with #
  std::size_t n_lines_above = 0;   // down to the last of them, blank ones included
  bool comment_is_header = false;  // the last of them has the names: "# a,b,y"
};

/// Finds out from the beginning of a file, without its byte order mark. The separator is ',', ';',
/// '|' or a tab: of those that each of the first lines has as often, not the comma, which may stand
/// in numbers; else the one that the first line has most. Throws DataError for files that are
/// something else (ARFF, libsvm, JSON, a spreadsheet ...), with what to do.
CsvFormat format_of(const std::string& path, std::string_view beginning);

/// "commas"
std::string_view separator_name(char separator);

}  // namespace skarma::cli
