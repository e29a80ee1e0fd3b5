#include <skarma/cli/input/csv_header.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_set>

#include <skarma/cli/input/csv_cell.hpp>

namespace skarma::cli {
namespace {

using Cells = std::vector<std::string>;

bool is_word(const std::string& cell) {
  const CellKind kind = kind_of(cell);
  return kind == CellKind::word || kind == CellKind::date;
}

/// Whether a number counts one of n columns.
bool is_position(const std::string& typed, std::size_t n) {
  const auto number = read_whole(typed);
  if (!number || !is_digits(typed)) return false;
  const auto count = static_cast<std::int64_t>(n);
  return *number != 0 && *number >= -count && *number <= count;
}

bool holds_known_names(const Cells& first, const KnownNames& known) {
  const std::unordered_set<std::string_view> cells(first.begin(), first.end());
  const auto is_there = [&](const std::string& name) { return cells.contains(name); };
  const auto n_model =
      static_cast<std::size_t>(std::count_if(known.model.begin(), known.model.end(), is_there));
  if (n_model > 0 && n_model == known.model.size()) return true;
  // Some are missing, which must be said, but a row of small numbers is no such header.
  if (known.model.size() > 2 && 2 * n_model > known.model.size() && cells.size() == first.size()) {
    return true;
  }
  return std::any_of(known.typed.begin(), known.typed.end(), [&](const std::string& name) {
    return is_there(name) && !is_position(name, first.size());
  });
}

/// What stands below the first cell of a column.
struct ColumnBelow {
  std::size_t n_numbers = 0;
  std::size_t n_cells = 0;
  bool has_fractions = false;
  bool repeats_first = false;

  bool is_numeric() const { return n_cells > 0 && 2 * n_numbers > n_cells; }
};

std::vector<ColumnBelow> columns_below(std::span<const CsvRecord> records) {
  const Cells& first = records.front().cells;
  std::vector<ColumnBelow> columns(first.size());
  for (const CsvRecord& record : records.subspan(1)) {
    for (std::size_t c = 0; c < std::min(first.size(), record.cells.size()); ++c) {
      const std::string& cell = record.cells[c];
      if (kind_of(cell) == CellKind::missing) continue;
      ++columns[c].n_cells;
      columns[c].repeats_first |= cell == first[c];
      const auto number = read_feature(cell);
      if (!number) continue;
      ++columns[c].n_numbers;
      columns[c].has_fractions |= *number != std::trunc(*number);
    }
  }
  return columns;
}

/// What the first cells of numeric columns are.
struct Above {
  std::size_t n_words = 0;
  std::size_t n_values = 0;           // numbers, and what should be one
  std::vector<std::int64_t> whole{};  // the numbers, if all values are whole ones
  std::size_t position = 0;           // of the last of them
  std::size_t n_above_fractions = 0;  // values, below which there are fractions
  bool words_repeat = false;          // a word above words is one of them
};

Above look_above(const Cells& first, const std::vector<ColumnBelow>& columns) {
  Above above;
  for (std::size_t c = 0; c < first.size(); ++c) {
    if (!columns[c].is_numeric()) {
      above.words_repeat |= columns[c].repeats_first;
    } else if (is_word(first[c])) {
      ++above.n_words;
    } else if (!first[c].empty()) {
      ++above.n_values;
      above.n_above_fractions += columns[c].has_fractions ? 1 : 0;
      above.position = c;
      if (is_digits(first[c]) && read_whole(first[c])) {
        above.whole.push_back(*read_whole(first[c]));
      }
    }
  }
  return above;
}

bool is_year(std::int64_t number) { return number >= 1000 && number < 3000; }

/// 0, 1, 2 ... or different years; a single one may be its position, too.
bool go_on_evenly(const Above& above) {
  const auto& numbers = above.whole;
  if (numbers.empty() || numbers.size() != above.n_values) return false;
  if (numbers.size() == 1) {
    const auto position = static_cast<std::int64_t>(above.position);
    return is_year(numbers[0]) || numbers[0] == position || numbers[0] == position + 1;
  }
  const std::set<std::int64_t> different(numbers.begin(), numbers.end());
  if (different.size() != numbers.size()) return false;
  if (std::all_of(numbers.begin(), numbers.end(), is_year)) return true;
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    if (numbers[i] != numbers[i - 1] + 1) return false;
  }
  return true;
}

}  // namespace

bool looks_like_header(std::span<const CsvRecord> records, const KnownNames& known) {
  const Cells& first = records.front().cells;
  if (holds_known_names(first, known)) return true;
  if (std::all_of(first.begin(), first.end(), is_word)) return true;
  if (records.size() < 2) return false;
  const Above above = look_above(first, columns_below(records));
  if (above.n_words > above.n_values) return true;
  if (!go_on_evenly(above)) return false;
  // Two whole numbers in a row may be a sample as well as names; three above fractions hardly.
  return above.n_words > 0 || (!above.words_repeat && above.n_above_fractions >= 2 &&
                               2 * above.n_above_fractions >= above.n_values);
}

}  // namespace skarma::cli
