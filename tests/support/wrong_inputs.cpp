#include <skarma/tests/support/wrong_inputs.hpp>

#include <fstream>
#include <stdexcept>
#include <string_view>
#include <typeinfo>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/io/file_error.hpp>

namespace skarma::test {
namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// "| a | b \| c |" as "a" and "b | c".
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::string cell;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
      cell += line[++i];
    } else if (line[i] == '|') {
      cells.push_back(trimmed(cell));
      cell.clear();
    } else {
      cell += line[i];
    }
  }
  return cells;
}

/// The text of a code span: `a` or `` a `b` ``; other text as it is.
std::string without_ticks(const std::string& cell) {
  for (const std::string_view ticks : {"``", "`"}) {
    if (cell.size() < 2 * ticks.size() || !cell.starts_with(ticks) || !cell.ends_with(ticks)) {
      continue;
    }
    return trimmed(cell.substr(ticks.size(), cell.size() - 2 * ticks.size()));
  }
  return cell;
}

/// Line breaks stand as <br> between code spans.
std::string plain(const std::string& cell) {
  std::string text;
  std::size_t begin = 0;
  for (auto end = cell.find("<br>"); end != std::string::npos; end = cell.find("<br>", begin)) {
    text += without_ticks(trimmed(cell.substr(begin, end - begin))) + "\n";
    begin = end + 4;
  }
  return text + without_ticks(trimmed(cell.substr(begin)));
}

std::string code_span(const std::string& line) {
  if (line.empty()) return "";
  return line.find('`') == std::string::npos ? "`" + line + "`" : "`` " + line + " ``";
}

std::string code_lines(const std::string& text) {
  std::string cell;
  std::size_t begin = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    cell += code_span(text.substr(begin, end - begin)) + "<br>";
    begin = end + 1;
  }
  return replaced(cell + code_span(text.substr(begin)), "|", "\\|");
}

}  // namespace

std::vector<WrongInputRow> wrong_input_rows(const std::string& heading) {
  std::ifstream file(std::string(SKARMA_DOCS_DIR) + "/wrong_inputs.md");
  std::vector<WrongInputRow> rows;
  std::string line;
  bool inside = false;
  while (std::getline(file, line)) {
    if (line.starts_with("## ")) inside = line == "## " + heading;
    if (!inside || !line.starts_with("| ")) continue;
    const auto cells = cells_of(line);
    if (cells.size() < 3 || cells[0] == "Input" || cells[0].starts_with("---")) continue;
    rows.push_back({plain(cells[0]),
                    {plain(cells[1]), plain(cells[2])},
                    cells.size() > 3 ? plain(cells[3]) : ""});
  }
  EXPECT_FALSE(rows.empty()) << "docs/wrong_inputs.md has no table below '" << heading << "'";
  return rows;
}

std::string as_markdown(const WrongInputRow& row) {
  const std::string test = row.test.empty() ? "" : " " + row.test + " |";
  return "| " + code_lines(row.input) + " | " + row.answer.type + " | " +
         code_lines(row.answer.message) + " |" + test;
}

Answer answer_of(const std::function<std::string()>& action) {
  try {
    return {"no error", action()};
  } catch (const NotFittedError& e) {
    return {"NotFittedError", e.what()};
  } catch (const DataError& e) {
    return {"DataError", e.what()};
  } catch (const DeviceError& e) {
    return {"DeviceError", e.what()};
  } catch (const DivergenceError& e) {
    return {"DivergenceError", e.what()};
  } catch (const std::invalid_argument& e) {
    return {"invalid_argument", e.what()};
  } catch (const std::out_of_range& e) {
    return {"out_of_range", e.what()};
  } catch (const std::domain_error& e) {
    return {"domain_error", e.what()};
  } catch (const std::logic_error& e) {
    return {"logic_error", e.what()};
  } catch (const FileError& e) {
    return {"FileError", e.what()};
  } catch (const std::runtime_error& e) {
    return {"runtime_error", e.what()};
  } catch (const std::exception& e) {
    return {typeid(e).name(), e.what()};
  }
}

void expect_table_holds(const std::string& heading, const WrongInputCases& cases) {
  WrongInputCases left = cases;
  for (const WrongInputRow& row : wrong_input_rows(heading)) {
    const auto found = left.find(row.test);
    if (found == left.end()) {
      ADD_FAILURE() << "there is no case '" << row.test << "', or it has two rows";
      continue;
    }
    const Answer answer = answer_of(found->second);
    EXPECT_EQ(answer, row.answer) << "the row should be\n"
                                  << as_markdown({row.input, answer, row.test});
    left.erase(found);
  }
  for (const auto& [name, action] : left) {
    ADD_FAILURE() << "no row shows the case '" << name << "':\n"
                  << as_markdown({"?", answer_of(action), name});
  }
}

}  // namespace skarma::test
