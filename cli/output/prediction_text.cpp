#include <skarma/cli/output/prediction_text.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <skarma/cli/output/csv_text.hpp>

namespace skarma::cli {
namespace {

/// A column of the text: its name, and its cells.
struct Column {
  std::string name;
  std::vector<std::string> cells;
};
using Columns = std::vector<Column>;

/// A label as it stands in a file: a word without quotes.
std::vector<std::string> label_texts(const Classes& classes) {
  return std::visit(
      [](const auto& labels) {
        std::vector<std::string> texts;
        for (const auto& label : labels) texts.push_back(fmt::format("{}", label));
        return texts;
      },
      classes);
}

/// Numbers of a float32 model are written as such: 0.1, not 0.10000000149011612.
std::vector<std::string> number_texts(const Matrix<double>& values, std::size_t column,
                                      bool float32) {
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < values.rows(); ++row) {
    const double value = values(row, column);
    texts.push_back(float32 ? fmt::format("{}", static_cast<float>(value))
                            : fmt::format("{}", value));
  }
  return texts;
}

void add_predictions(Columns& columns, const Target& predicted, bool float32) {
  if (predicted.has_labels()) {
    const auto names = label_texts(predicted.classes());
    Column column{"prediction", {}};
    for (const auto code : predicted.codes()) {
      column.cells.push_back(names[static_cast<std::size_t>(code)]);
    }
    columns.push_back(std::move(column));
    return;
  }
  const std::size_t n_outputs = predicted.n_outputs();
  for (std::size_t c = 0; c < n_outputs; ++c) {
    columns.push_back({n_outputs == 1 ? "prediction" : fmt::format("prediction_{}", c + 1),
                       number_texts(predicted.values(), c, float32)});
  }
}

void add_probabilities(Columns& columns, const Estimator& model, const SampleView& x) {
  const Matrix<double> probabilities = model.predict_proba(x);
  const Classes* const classes = model.class_labels();  // null for several labels at once
  auto names = classes == nullptr ? std::vector<std::string>() : label_texts(*classes);
  if (classes != nullptr) names.resize(std::max(names.size(), probabilities.cols()), "other");
  for (std::size_t c = 0; c < probabilities.cols(); ++c) {
    columns.push_back({"proba_" + (classes == nullptr ? std::to_string(c + 1) : names[c]),
                       number_texts(probabilities, c, model.predicts_float32())});
  }
}

}  // namespace

std::string predictions_as_csv(const Estimator& model, const SampleView& x, bool proba) {
  Columns columns;
  add_predictions(columns, model.predict(x), model.predicts_float32());
  if (proba) add_probabilities(columns, model, x);
  std::string text;
  const auto add_line = [&](auto cell_of) {
    for (const Column& column : columns) {
      if (&column != &columns.front()) text += ',';
      text += csv_cell(cell_of(column));
    }
    text += '\n';
  };
  add_line([](const Column& column) { return column.name; });
  for (std::size_t row = 0; row < x.n_samples(); ++row) {
    add_line([row](const Column& column) { return column.cells[row]; });
  }
  return text;
}

}  // namespace skarma::cli
