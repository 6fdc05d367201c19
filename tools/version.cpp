// waymark version: prints the version, the compiler and the versions of the libraries.
#include <string_view>

#include <CLI/Version.hpp>
#include <boost/version.hpp>
#include <fmt/format.h>
#include <spdlog/version.h>

#include "tools/cli/command.h"
#include "tools/cli/json.h"

namespace tools {
namespace {

constexpr std::string_view kCompiler =
#if defined(__clang__)
    "clang " __clang_version__;
#else
    "gcc " __VERSION__;
#endif

constexpr std::string_view kBuild =
#if defined(NDEBUG)
    "release";
#else
    "debug";
#endif

constexpr std::string_view kArchitecture =
#if defined(__x86_64__)
    "x86_64";
#elif defined(__aarch64__)
    "aarch64";
#else
            "other";
#endif

std::string boost_version() {
  return fmt::format("{}.{}.{}", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100);
}

std::string spdlog_version() { return fmt::format("{}.{}.{}", SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH); }

}  // namespace

Action define_version(CommandLine& line) {
  auto as_json = std::make_shared<bool>(false);  // shared: the action owns it, the parser fills it
  line.flag("--json", *as_json, "Print JSON");
  return [as_json] {
    if (!*as_json) {
      fmt::print("waymark {}\n{} build for {} by {}\nBoost {}, spdlog {}, fmt {}, CLI11 {}\n", WAYMARK_VERSION, kBuild,
                 kArchitecture, kCompiler, boost_version(), spdlog_version(), FMT_VERSION, CLI11_VERSION);
      return Exit::kOk;
    }
    Json json;
    json.begin_object().key("version").string(WAYMARK_VERSION).key("build").string(kBuild);
    json.key("architecture").string(kArchitecture).key("compiler").string(kCompiler);
    json.key("boost").string(boost_version()).key("spdlog").string(spdlog_version()).key("cli11").string(CLI11_VERSION);
    json.end_object();
    fmt::print("{}\n", json.text());
    return Exit::kOk;
  };
}

}  // namespace tools
