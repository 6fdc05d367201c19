// replay NAME FOLDER...: sends every file of corpus folders to the fuzz target NAME, so that old faults do not return.
#include <targets.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (const auto& target : kTargets) {
    if (argc < 2 || std::strcmp(target.name, argv[1]) != 0) continue;
    for (int i = 2; i < argc; ++i) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
        const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
        target.run(input.data(), input.size());
        ++count;
      }
    }
  }
  std::printf("%zu inputs replayed\n", count);
  return count == 0 ? 1 : 0;
}
