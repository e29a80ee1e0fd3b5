#include <skarma/datasets/embedded.hpp>

#include <array>
#include <charconv>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/base/nearest_name.hpp>
#include <skarma/datasets/internal/embedded_csv.hpp>

namespace skarma {
namespace {

/// One row for each data set. Without target names the target is a real number.
struct EmbeddedTable {
  std::string_view name;
  std::string_view description;
  const std::string_view& csv;
  std::vector<std::string> target_names;
};

const std::array<EmbeddedTable, 5>& tables() {
  static const std::array<EmbeddedTable, 5> rows{{
      {"breast_cancer",
       "Is a breast tumour benign? Measures of cell nuclei in an image (Wisconsin, 1995).",
       internal::breast_cancer_csv,
       {"malignant", "benign"}},
      {"diabetes",
       "Progress of diabetes a year after ten base-line measures, which are scaled (Efron, 2004).",
       internal::diabetes_csv,
       {}},
      {"digits",
       "Handwritten digits as 8 x 8 images with 17 levels of grey (Alpaydin and Kaynak, 1998).",
       internal::digits_csv,
       {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}},
      {"iris",
       "Three species of iris by length and width of sepal and petal (Fisher, 1936).",
       internal::iris_csv,
       {"setosa", "versicolor", "virginica"}},
      {"wine",
       "Which of three growers made a wine? Its chemical analysis (Forina, 1991).",
       internal::wine_csv,
       {"class_0", "class_1", "class_2"}},
  }};
  return rows;
}

/// Cuts the part before `separator` off the front of `text`; all of it if there is none.
std::string_view cut(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return front;
}

std::vector<std::string> feature_names(std::string_view header) {
  std::vector<std::string> names;
  while (!header.empty()) names.emplace_back(cut(header, ','));
  names.pop_back();  // the target
  return names;
}

double number(std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  SKARMA_CHECK(error == std::errc() && end == text.data() + text.size());
  return value;
}

void add_row(std::string_view line, std::vector<double>& x, std::vector<double>& y) {
  const auto last = line.rfind(',');
  y.push_back(number(line.substr(last + 1)));
  line = line.substr(0, last);
  while (!line.empty()) x.push_back(number(cut(line, ',')));
}

const EmbeddedTable& find_table(std::string_view name) {
  for (const EmbeddedTable& table : tables()) {
    if (table.name == name) return table;
  }
  const auto names = dataset_names();
  throw std::invalid_argument(fmt::format("There is no data set '{}'.{} There are: {}.", name,
                                          did_you_mean(name, names), fmt::join(names, ", ")));
}

}  // namespace

std::vector<std::string_view> dataset_names() {
  std::vector<std::string_view> names;
  for (const EmbeddedTable& table : tables()) names.push_back(table.name);
  return names;
}

Dataset load_dataset(std::string_view name) {
  const EmbeddedTable& table = find_table(name);
  std::string_view rest = table.csv;
  Dataset data;
  data.name = table.name;
  data.description = table.description;
  data.feature_names = feature_names(cut(rest, '\n'));
  data.target_names = table.target_names;
  std::vector<double> x;
  std::vector<double> y;
  while (!rest.empty()) add_row(cut(rest, '\n'), x, y);
  data.x = Matrix<double>(y.size(), data.feature_names.size(), std::move(x));
  if (table.target_names.empty()) {
    data.y = std::move(y);
  } else {
    data.y = std::vector<int>(y.begin(), y.end());
  }
  return data;
}

}  // namespace skarma
