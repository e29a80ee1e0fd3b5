// The program `skarma`. Ctrl-C asks for an end, and a closed pipe is an error to read, not a signal
// to die of.
#include <csignal>
#include <string>
#include <vector>

#include <skarma/cli/app.hpp>
#include <skarma/cli/console.hpp>
#include <skarma/cli/signals.hpp>

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const skarma::cli::InterruptWatcher interrupts;
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return skarma::cli::run(arguments, skarma::cli::standard_console(interrupts.token()));
}
