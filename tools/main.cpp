// The `waymark` command.
#include <exception>

#include "tools/command.h"
#include "tools/terminal.h"

int main(int argc, char** argv) {
  try {
    return static_cast<int>(tools::run({argv + 1, argc > 0 ? static_cast<std::size_t>(argc) - 1 : 0}));
  } catch (const std::exception& fault) {
    tools::complain(fault.what());
    return static_cast<int>(tools::Exit::kInternal);
  }
}
