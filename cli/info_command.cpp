#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <skarma/cli/command.hpp>
#include <skarma/cli/exit_code.hpp>
#include <skarma/estimators/runtime.hpp>

namespace skarma::cli {
namespace {

int print_info(const Console& console) {
  const RuntimeInfo info = runtime_info();
  console.print(
      fmt::format("skarma   {}\n"
                  "BLAS     {}\n"
                  "SIMD     {}\n"
                  "threads  {}\n"
                  "CUDA     {}\n",
                  SKARMA_VERSION, info.blas, info.simd, info.n_cores, info.cuda ? "yes" : "no"));
  return kDone;
}

}  // namespace

Action add_info(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("info", "Print the version and what computes on this machine.");
  command->footer("Example:\n  skarma info");
  return print_info;
}

}  // namespace skarma::cli
