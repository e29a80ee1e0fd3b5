#include <skarma/model_selection/search/internal/param_columns.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skarma {
namespace {

using Values = std::vector<std::optional<ParamValue>>;

/// The columns of parameters by name, of n_rows values each.
class ParamColumns {
 public:
  explicit ParamColumns(std::size_t n_rows) : n_rows_(n_rows) {}

  void put(std::size_t row, ParamSet&& set) {
    for (auto& [name, value] : set) column(name)[row] = std::move(value);
  }

  void move_to(CvResults& table) {
    for (auto& [name, values] : columns_) {
      table.columns.push_back({"param_" + name, std::move(values)});
    }
  }

 private:
  Values& column(const std::string& name) {
    const auto same_name = [&](const auto& c) { return c.first == name; };
    const auto found = std::find_if(columns_.begin(), columns_.end(), same_name);
    if (found != columns_.end()) return found->second;
    return columns_.emplace_back(name, Values(n_rows_)).second;
  }

  std::size_t n_rows_;
  std::vector<std::pair<std::string, Values>> columns_;
};

}  // namespace

void add_param_columns(CvResults& table) {
  ParamColumns columns(table.params.size());
  for (std::size_t row = 0; row < table.params.size(); ++row) columns.put(row, table.params[row]);
  columns.move_to(table);
}

}  // namespace skarma
