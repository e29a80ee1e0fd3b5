#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace skarma::cli {

/// One line of a table; a quoted cell may go over several lines of the file.
struct CsvRecord {
  std::size_t line;  // of the file, where the record begins, from 1
  std::vector<std::string> cells;
};

/// Reads a CSV file as RFC 4180 has it, and hands over its records one by one; blank lines are
/// passed over. The file may be compressed with gzip, begin with a byte order mark, end its lines
/// in either way, and separate its cells with ',', ';' or tabs (whichever the first line has most).
/// "-" is standard input. Throws DataError naming file, line and column for a file that cannot be
/// read, a stray or unclosed quote, and bytes that are not UTF-8 text.
void read_csv(const std::string& path, const std::function<void(CsvRecord)>& on_record);

}  // namespace skarma::cli
