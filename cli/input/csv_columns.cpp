#include <skarma/cli/input/csv_columns.hpp>

#include <charconv>
#include <unordered_map>

#include <fmt/format.h>

#include <skarma/cli/input/csv_reader.hpp>
#include <skarma/cli/input/csv_samples.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/cli/wording.hpp>
#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/nearest_name.hpp>

namespace skarma::cli {
namespace {

std::vector<std::string> names_of(const CsvRecord* header, std::size_t n_columns) {
  if (header != nullptr) return header->cells;
  std::vector<std::string> names;
  for (std::size_t c = 1; c <= n_columns; ++c) names.push_back(fmt::format("x{}", c));
  return names;
}

/// The first column of each name: a file may have a hundred thousand of them.
class Positions {
 public:
  explicit Positions(const std::vector<std::string>& names) : names_(names) {
    for (std::size_t c = 0; c < names.size(); ++c) first_.emplace(names[c], c);
  }
  Positions(std::vector<std::string>&&) = delete;

  std::optional<std::size_t> find(std::string_view name) const {
    const auto found = first_.find(name);
    return found == first_.end() ? std::nullopt : std::optional(found->second);
  }
  const std::vector<std::string>& names() const { return names_; }
  std::string did_you_mean(std::string_view typed) const {
    const std::vector<std::string_view> known(names_.begin(), names_.end());
    return skarma::did_you_mean(typed, known);
  }

 private:
  const std::vector<std::string>& names_;
  std::unordered_map<std::string_view, std::size_t> first_;
};

/// The position of a column that is given by name or number.
std::size_t find_column(std::string_view flag, const std::string& typed,
                        const Positions& positions) {
  if (const auto found = positions.find(typed)) return *found;
  long number = 0;
  const auto [end, error] = std::from_chars(typed.data(), typed.data() + typed.size(), number);
  const auto n = static_cast<long>(positions.names().size());
  if (error == std::errc() && end == typed.data() + typed.size()) {
    if (number >= 1 && number <= n) return static_cast<std::size_t>(number - 1);
    if (number >= -n && number <= -1) return static_cast<std::size_t>(n + number);
    throw UsageError(fmt::format("{} {}: there are {} columns, counted from 1, or back from -1.",
                                 flag, typed, n));
  }
  throw UsageError(fmt::format("{}: there is no column '{}'.{} The columns are {}.", flag, typed,
                               positions.did_you_mean(typed), listed(positions.names())));
}

/// What a column is already used for.
class Uses {
 public:
  explicit Uses(const std::vector<std::string>& names) : positions_(names), flags_(names.size()) {}

  const Positions& positions() const { return positions_; }
  std::size_t take(std::string_view flag, const std::string& typed) {
    return take(flag, find_column(flag, typed, positions_));
  }
  std::size_t take(std::string_view flag, std::size_t column) {
    if (!flags_[column].empty()) {
      throw UsageError(fmt::format("Column '{}' is given to {} and to {}.",
                                   positions_.names()[column], flags_[column], flag));
    }
    flags_[column] = flag;
    return column;
  }
  bool is_free(std::size_t column) const { return flags_[column].empty(); }
  bool is_dropped(std::size_t column) const { return flags_[column] == "--drop"; }

 private:
  Positions positions_;
  std::vector<std::string_view> flags_;
};

/// Columns that nobody uses may be called as they like: those that were dropped, and, where the
/// features have names, those that were not asked for.
void check_names(const std::string& path, const CsvRecord& header, const Uses& uses,
                 bool features_have_names) {
  const auto is_idle = [&](std::size_t c) {
    return uses.is_dropped(c) || (features_have_names && uses.is_free(c));
  };
  for (std::size_t c = 0; c < header.cells.size(); ++c) {
    const std::string& name = header.cells[c];
    if (name.empty() && !is_idle(c)) {
      throw DataError(path, header.line, c + 1,
                      fmt::format("the column has no name; --drop {} leaves it out", c + 1));
    }
    const std::size_t first = *uses.positions().find(name);
    if (first != c && !uses.is_dropped(c) && !(is_idle(first) && is_idle(c))) {
      throw DataError(path, header.line, c + 1,
                      fmt::format("a second column is called '{}'", name));
    }
  }
}

/// The columns with these names, in this order.
std::vector<std::size_t> take_features(const std::string& path, const CsvRecord& header,
                                       const std::vector<std::string>& names, Uses& uses) {
  std::vector<std::size_t> features;
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    if (const auto column = uses.positions().find(name)) {
      features.push_back(uses.take("the model", *column));
    } else {
      missing.push_back(name);
    }
  }
  if (missing.empty()) return features;
  throw DataError(
      path, header.line, 0,
      missing.size() == 1
          ? fmt::format("there is no column '{}', which the model was fitted on.{}", missing[0],
                        uses.positions().did_you_mean(missing[0]))
          : fmt::format("{} of the {} columns that the model was fitted on are not there: {}",
                        missing.size(), names.size(), listed(missing)));
}

/// The last free column; beside the features of a model there must be no other.
std::size_t default_target(const std::string& path, const std::vector<std::string>& names,
                           const Uses& uses, bool by_name) {
  std::vector<std::size_t> free;
  for (std::size_t c = 0; c < names.size(); ++c) {
    if (uses.is_free(c)) free.push_back(c);
  }
  if (free.empty() || (by_name && free.size() > 1)) {
    throw UsageError(fmt::format("which column is the target? Name it with --target; {} has {}.",
                                 path, listed(names)));
  }
  return free.back();
}

/// All columns that nothing else uses.
std::vector<std::size_t> free_columns(const std::string& path, std::size_t n_columns,
                                      const Uses& uses, const ModelFeatures* model) {
  std::vector<std::size_t> features;
  for (std::size_t c = 0; c < n_columns; ++c) {
    if (uses.is_free(c)) features.push_back(c);
  }
  if (features.empty()) {
    throw UsageError(fmt::format("{}: no column is left to learn from.", path));
  }
  if (model != nullptr && features.size() != model->n) {
    throw DataError(path, 0, 0,
                    fmt::format("the model was fitted on {}, and here are {}; --drop leaves a "
                                "column out",
                                counted(model->n, "feature"), counted(features.size(), "column")));
  }
  return features;
}

}  // namespace

CsvColumns choose_columns(const std::string& path, const ColumnChoice& choice,
                          const CsvRecord* header, std::size_t n_columns) {
  CsvColumns columns;
  columns.names = names_of(header, n_columns);
  Uses uses(columns.names);
  for (const std::string& typed : choice.dropped) uses.take("--drop", typed);
  for (const std::string& typed : choice.targets) {
    columns.targets.push_back(uses.take("--target", typed));
  }
  if (!choice.weights.empty()) columns.weights = uses.take("--weights", choice.weights);
  const bool by_name = header != nullptr && choice.model != nullptr && !choice.model->names.empty();
  if (by_name) columns.features = take_features(path, *header, choice.model->names, uses);
  if (choice.needs_target && choice.targets.empty()) {
    columns.targets.push_back(
        uses.take("--target", default_target(path, columns.names, uses, by_name)));
    columns.target_is_default = true;
  }
  if (!by_name) columns.features = free_columns(path, n_columns, uses, choice.model);
  if (header != nullptr) check_names(path, *header, uses, by_name);
  return columns;
}

}  // namespace skarma::cli
