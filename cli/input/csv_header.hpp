#pragma once

#include <span>
#include <string>
#include <vector>

#include <skarma/cli/input/csv_reader.hpp>

namespace skarma::cli {

/// Names that a header has, if there is one.
struct KnownNames {
  std::vector<std::string> typed{};  // by the user: one of them is enough, unless it is a number
                                     // that counts columns
  std::vector<std::string> model{};  // of a model's features: most of them
};

/// Whether the first of some records is a header: it holds the known names, or all of its cells are
/// words, or more words than numbers stand above numbers, or its numbers go on evenly (0, 1, 2 or
/// years) where the samples show that they are no numbers of theirs. Whatever else is no number
/// (nan, ?, inf, 1,234.5) is no word: it is a value that somebody has to mend.
bool looks_like_header(std::span<const CsvRecord> records, const KnownNames& known = {});

}  // namespace skarma::cli
