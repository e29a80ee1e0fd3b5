#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace skarma::test {

/// What a user gets for a mistake: the exception's type and text, or a way on ("no error").
struct Answer {
  std::string type;
  std::string message;

  bool operator==(const Answer&) const = default;
};

/// One row of a table of docs/wrong_inputs.md. A message's line breaks are "\n" here.
struct WrongInputRow {
  std::string input;
  Answer answer;
  std::string test;  // the name of the case; empty in tables whose rows are their own test
};

/// The rows of the table below the heading "## <heading>". Fails the test if there is none.
std::vector<WrongInputRow> wrong_input_rows(const std::string& heading);

/// The row as it stands in the document.
std::string as_markdown(const WrongInputRow& row);

/// What `action` throws, by the name of the nearest type that users may catch; or what it returns,
/// as the message of "no error".
Answer answer_of(const std::function<std::string()>& action);

/// Named mistakes: each is made once and answered as its row says.
using WrongInputCases = std::map<std::string, std::function<std::string()>>;

/// Every row of the table names a case of `cases` and shows what it is answered with, and every
/// case has a row.
void expect_table_holds(const std::string& heading, const WrongInputCases& cases);

}  // namespace skarma::test
