// The `waymark` command.
#include <cstdio>
#include <exception>

#include "tools/cli/command.h"
#include "tools/cli/terminal.h"

namespace {

tools::Exit run_or_complain(int argc, char** argv) {
  try {
    return tools::run({argv + 1, argc > 0 ? static_cast<std::size_t>(argc) - 1 : 0});
  } catch (const std::exception& fault) {
    if (std::ferror(stdout) != 0) return tools::Exit::kProblems;  // `main` reports it
    tools::print_error(fault.what());
    return tools::Exit::kInternal;
  }
}

}  // namespace

// Output that cannot be written, for example to a full disk, is an error.
int main(int argc, char** argv) {
  const tools::Exit exit = run_or_complain(argc, argv);
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return static_cast<int>(exit);
  tools::print_error("standard output cannot be written to its end");
  return static_cast<int>(exit == tools::Exit::kOk ? tools::Exit::kProblems : exit);
}
