// Every wrong command line of docs/wrong_inputs.md: it is run in a shell, as it stands there.
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include <skarma/estimators/io/model_file.hpp>
#include <skarma/tests/cli/model_example.hpp>
#include <skarma/tests/support/plugins.hpp>
#include <skarma/tests/support/temporary_folder.hpp>
#include <skarma/tests/support/wrong_inputs.hpp>

namespace skarma::cli {
namespace {

using skarma::test::Answer;
using skarma::test::TemporaryFolder;

/// "a,b,y" and eight lines; `line_7` stands in the place of the sixth of them.
std::string table_with(const std::string& line_7) {
  return "a,b,y\n1,2,no\n2,1,yes\n3,5,no\n4,3,yes\n5,6,no\n" + line_7 + "\n7,8,no\n8,7,yes\n";
}

/// The files that the document describes above its table.
void write_files(const TemporaryFolder& folder) {
  folder.write("data.csv", table_with("6,4,yes"));
  folder.write("number.csv", table_with("6,4.x,yes"));
  folder.write("nan.csv", table_with("nan,4,yes"));
  folder.write("gap.csv", table_with("6,,yes"));
  folder.write("no_label.csv", table_with("6,4,"));
  folder.write("short.csv", table_with("6,yes"));
  folder.write("quote.csv", table_with("6,\"4,yes"));
  folder.write("stray.csv", table_with("6,4\"5,yes"));
  folder.write("latin.csv", table_with("6,4,\xe7"));
  folder.write("one_class.csv", "a,y\n1,x\n2,x\n3,x\n4,x\n5,x\n6,x\n7,x\n8,x\n");
  folder.write("one_row.csv", "a,y\n1,x\n");
  folder.write("fractions.csv", "a,y\n1,0.5\n2,1.5\n3,2.5\n4,3.5\n5,4.5\n6,5.5\n");
  folder.write("weights.csv", "a,w,y\n1,0,0\n2,0,1\n3,0,0\n4,0,1\n5,0,0\n6,0,1\n");
  folder.write("twice.csv", "a,a,y\n1,2,no\n2,3,yes\n");
  folder.write("header.csv", "a,b,y\n");
  folder.write("empty.csv", "");
  folder.write("cut.csv.gz", std::string("\x1f\x8b\x08\0\0\0\0\0\0\3KT", 12));
  folder.write("new.csv", "a,c\n1,2\n");
  folder.write("numbers.csv", "a,b,y\n1,2,0\n2,1,1\n");
  save_model(test::fitted_on_a_and_b(), folder.path("model.safetensors"));
  const std::string whole = folder.read("model.safetensors");
  folder.write("cut.safetensors", whole.substr(0, whole.size() / 2));
  folder.write("grid.json", "{\"alpha\": [0.1,\n  2,, 3]}");
  folder.write("single.json", "{\"alpha\": 0.1}");
  folder.write("large.json", "{\"alpha\": [1e999]}");
}

/// Libraries of GPUs: one without a driver, and one with two GPUs, in name.
void link_libraries(const TemporaryFolder& folder) {
  for (const char* name : {"skarma_no_driver", "skarma_cpu_plugin"}) {
    std::filesystem::create_symlink(skarma::test::plugin_path(name),
                                    folder.path(std::string(name) + ".so"));
  }
}

/// Runs a command in the folder; the exit code is the type of the answer.
Answer answer_of_shell(const std::string& command, const TemporaryFolder& folder) {
  const auto bin = std::filesystem::path(SKARMA_CLI_PATH).parent_path().string();
  const std::string script = "cd '" + folder.path("") + "' || exit 99\nPATH='" + bin +
                             "':\"$PATH\"\n{ " + command + "\n} 2>messages >output </dev/null";
  const int status = std::system(script.c_str());
  std::string message = folder.read("messages");
  if (message.ends_with('\n')) message.pop_back();
  return {std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : -status), message};
}

TEST(WrongCommands, AreAnsweredAsTheTableSays) {
  for (const skarma::test::WrongInputRow& row :
       skarma::test::wrong_input_rows("The command line")) {
    const TemporaryFolder folder;
    write_files(folder);
    link_libraries(folder);
    const Answer answer = answer_of_shell(row.input, folder);
    EXPECT_TRUE(answer == row.answer) << "the row should be\n"
                                      << skarma::test::as_markdown({row.input, answer, ""});
  }
}

TEST(WrongCommands, NeverLeaveAFile) {
  for (const char* command :
       {"skarma grid-search number.csv --target y --grid alpha=1 --output results.csv",
        "skarma grid-search data.csv --target y --grid alpha=-1 --output results.csv",
        "skarma fit one_row.csv --target y --early-stopping --save-model results.csv",
        "skarma predict model.safetensors new.csv --output results.csv"}) {
    const TemporaryFolder folder;
    write_files(folder);
    answer_of_shell(command, folder);
    EXPECT_FALSE(std::filesystem::exists(folder.path("results.csv"))) << command;
  }
}

}  // namespace
}  // namespace skarma::cli
