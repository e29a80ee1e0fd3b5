#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <skarma/cli/input/csv_format.hpp>

namespace skarma::cli {

/// One line of a table; a quoted cell may go over several lines of the file.
struct CsvRecord {
  std::size_t line;  // of the file, where the record begins, from 1
  std::vector<std::string> cells;
};

/// Reads a CSV file as RFC 4180 has it, hands over its records one by one, and returns its format
/// (see format_of). Blank lines are passed over, and so are lines at the top that begin with #. The
/// file may be compressed with gzip, begin with a byte order mark, and end its lines in either way.
/// "-" is standard input. Throws DataError naming file, line and column for a file that cannot be
/// read, a stray or unclosed quote, and bytes that are not UTF-8 text.
CsvFormat read_csv(const std::string& path, const std::function<void(CsvRecord)>& on_record);

}  // namespace skarma::cli
