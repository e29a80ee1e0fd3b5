// No message of a command names a flag that the command lacks.
#include <map>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/tests/cli/model_example.hpp>
#include <skarma/tests/cli/run_app.hpp>
#include <skarma/tests/support/temporary_folder.hpp>
#include <skarma/tests/support/wrong_inputs.hpp>

namespace skarma::cli {
namespace {

using Words = std::vector<std::string>;
using test::run_app;

std::set<std::string> flags_in(const std::string& text) {
  static const std::regex kFlag("--[a-z][a-z-]*");
  return {std::sregex_token_iterator(text.begin(), text.end(), kFlag),
          std::sregex_token_iterator()};
}

/// The flags of a command; both ways to say a truth value.
std::set<std::string> flags_of(const std::string& command) {
  std::set<std::string> flags = flags_in(run_app({command, "--help"}).out);
  const std::set<std::string> all = flags;
  for (const std::string& flag : all) flags.insert("--no-" + flag.substr(2));
  return flags;
}

void expect_known_flags(const std::string& command, const std::string& message,
                        const std::set<std::string>& typed) {
  static std::map<std::string, std::set<std::string>> known;
  if (!known.contains(command)) known[command] = flags_of(command);
  for (const std::string& flag : flags_in(message)) {
    EXPECT_TRUE(known[command].contains(flag) || typed.contains(flag))
        << command << " has no " << flag << ":\n"
        << message;
  }
}

TEST(Messages, OfTheDocumentNameFlagsThatTheCommandHas) {
  for (const auto& row : skarma::test::wrong_input_rows("The command line")) {
    const auto begin = row.input.find("skarma ") + 7;
    const std::string command = row.input.substr(begin, row.input.find(' ', begin) - begin);
    if (run_app({command, "--help"}).code != 0) continue;
    expect_known_flags(command, row.answer.message, flags_in(row.input));
  }
}

/// Files with everything that may be wrong with a table.
const std::map<std::string, std::string> kFiles = {
    {"good.csv", "a,b,y\n1,2,no\n2,1,yes\n3,5,no\n4,3,yes\n"},
    {"numbers.csv", "a,b,y\n1,2,0\n2,1,1\n3,5,0\n4,3,1\n"},
    {"fractions.csv", "a,b,y\n1,2,0.5\n2,1,1.5\n3,5,2.5\n4,3,3.5\n"},
    {"mixed.csv", "a,b,y\n1,2,0\n2,1,1\n3,5,0\n4,3,one\n"},
    {"decimal.csv", "a;b;y\n1;2;0,5\n2;1;1,5\n"},
    {"features.csv", "a;b;y\n0,1;2;0\n0,2;1;1\n"},
    {"missing.csv", "a,b,y\n1,?,no\n2,1,yes\n"},
    {"none.csv", "a,b,y\n1,2,no\n2,1,None\n"},
    {"nan.csv", "a,b,y\n1,2,no\n2,1,nan\n"},
    {"empty_target.csv", "a,b,y\n1,2,no\n2,1,\n"},
    {"words.csv", "a,b,y\nred,2,no\nblue,1,yes\n"},
    {"date.csv", "a,b,y\n2024-01-01,2,no\n2024-01-02,1,yes\n"},
    {"bare.csv", "?,2,no\n2,1,yes\n"},
    {"wide.csv", "a,b,c,d\n1,2,3,4\n5,6,7,8\n"},
    {"other.csv", "c,d,y\n1,2,no\n2,1,yes\n"},
    {"unnamed.csv", ",a,b,y\n1,1,2,no\n2,2,1,yes\n"},
    {"twice.csv", "a,a,b,y\n1,1,2,no\n2,2,1,yes\n"},
    {"ragged.csv", "a,b,y\n1,2\n"},
    {"one.csv", "y\n1\n2\n"},
    {"libsvm.txt", "1 1:2 2:3\n0 1:1 2:2\n"},
    {"empty.csv", ""},
};
/// With each of the files; the others with the first alone.
const std::vector<Words> kTargets = {{}, {"--target", "y"}, {"--task", "classification"}};
const std::vector<Words> kFlags = {{},
                                   {"--target", "y"},
                                   {"--target", "z"},
                                   {"--target", "y", "--target", "b"},
                                   {"--drop", "a"},
                                   {"--drop", "z"},
                                   {"--weights", "b"},
                                   {"--header", "no"},
                                   {"--header", "perhaps"},
                                   {"--scoring", "r2"},
                                   {"--task", "regression"},
                                   {"--task", "classification"},
                                   {"--proba"},
                                   {"--output", ""},
                                   {"--save-model", "/dev/null"},
                                   {"--jobs", "x"},
                                   {"--test-size", "0.5"},
                                   {"--early-stopping"}};

TEST(Messages, OfEveryFileNameFlagsThatTheCommandHas) {
  const skarma::test::TemporaryFolder folder;
  for (const auto& [name, text] : kFiles) folder.write(name, text);
  save_model(test::fitted_on_a_and_b(), folder.path("words.model"));
  MLPRegressor numbers({.hidden_layer_sizes = {2}, .max_iter = 1});
  numbers.fit(Matrix<double>(2, 2, {1, 2, 2, 1}), std::vector{0.5, 1.5});
  save_model(numbers, folder.path("numbers.model"));
  const std::vector<Words> commands = {{"fit", "--max-iter", "1"},
                                       {"grid-search", "--max-iter", "1", "--cv", "2"},
                                       {"predict", folder.path("words.model")},
                                       {"predict", folder.path("numbers.model")},
                                       {"score", folder.path("words.model")},
                                       {"score", folder.path("numbers.model")}};
  for (const auto& [name, text] : kFiles) {
    for (const Words& flags : name == "good.csv" ? kFlags : kTargets) {
      for (Words arguments : commands) {
        arguments.push_back(folder.path(name));
        arguments.insert(arguments.end(), flags.begin(), flags.end());
        std::set<std::string> typed;
        for (const std::string& flag : flags) typed.merge(flags_in(flag));
        expect_known_flags(arguments[0], run_app(arguments).err, typed);
      }
    }
  }
}

}  // namespace
}  // namespace skarma::cli
