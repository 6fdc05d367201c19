// waymark fmt: formats zone files, or prints their canonical records.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "server/runtime/atomic_file.h"
#include "tools/cli/command.h"
#include "tools/cli/files.h"
#include "tools/cli/terminal.h"
#include "zone/file/canonical.h"
#include "zone/file/format.h"
#include "zone/name/text.h"

namespace tools {
namespace {

struct FmtOptions {
  std::vector<std::string> files;
  std::string zone;
  bool write = false, check = false, canonical = false;
};

using Replaced = server::AtomicFile::Outcome<void>;

// A new file replaces the old one. It must not take away what the mode or the owner of the old one says.
Replaced may_replace(const std::string& target) {
  struct stat status;
  if (::stat(target.c_str(), &status) != 0) return dns::Failure<std::string>(std::strerror(errno));
  if ((status.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0)
    return dns::Failure<std::string>("it is read-only; use chmod u+w first");
  if (::geteuid() != 0 && status.st_uid != ::geteuid())
    return dns::Failure<std::string>("it belongs to another user, who would lose it");
  return {};
}

// Replaces the content of the file atomically. A symbolic link stays a link. The new file has the owner and mode of the
// old file, so the server can still read it.
Exit replace(const std::string& path, const std::string& text) {
  std::error_code error;
  const std::string target = std::filesystem::canonical(path, error).string();
  Replaced replaced = error ? Replaced(dns::Failure<std::string>(error.message())) : may_replace(target);
  if (replaced) replaced = server::replace_file(target, text, {.temporary_suffix = ".waymark-fmt"});
  if (replaced) return Exit::kOk;
  print_error(fmt::format("{}: cannot be written: {}", path, replaced.error()));
  return Exit::kProblems;
}

Exit format_file(const FmtOptions& options, const std::string& path) {
  FileReader reader;
  auto opened = reader.open(path, {});
  if (!opened) {
    print_error(fmt::format("{}: {}", path, opened.error()));
    return Exit::kUsage;
  }
  dns::Sources sources;
  dns::Diagnostics diagnostics;
  const std::uint32_t source = sources.add(std::move(*opened), std::nullopt);
  const auto text = dns::format_zone(sources, source, diagnostics);
  if (!text) {
    print_errors(diagnostics, sources);
    return Exit::kProblems;
  }
  const bool tidy_already = *text == sources.text(source);
  if (options.check) {
    if (!tidy_already) fmt::print("{}\n", path);
    return tidy_already ? Exit::kOk : Exit::kProblems;
  }
  if (options.write && path != kStandardInput) return tidy_already ? Exit::kOk : replace(path, *text);
  fmt::print("{}", *text);
  return Exit::kOk;
}

Exit print_canonical(const FmtOptions& options, const std::string& path) {
  const auto named = dns::parse_name(options.zone);
  const auto apex = options.zone.empty() ? apex_of(path) : named ? std::optional(*named) : std::nullopt;
  if (!apex) {
    print_error(fmt::format("fmt: which zone is {}? Name it by --zone NAME", path));
    return Exit::kUsage;
  }
  FileReader reader;
  dns::Diagnostics diagnostics;
  const dns::LoadedZone loaded = dns::load_zone(*apex, path, reader, diagnostics);
  if (!loaded.zone) {
    print_errors(diagnostics, loaded.sources);
    return Exit::kProblems;
  }
  dns::write_canonical(*loaded.zone, [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); });
  return Exit::kOk;
}

Exit format_all(const FmtOptions& options) {
  if (options.canonical && (options.write || options.check)) {
    print_error("fmt: --canonical prints records; it goes with neither --write nor --check");
    return Exit::kUsage;
  }
  std::vector<std::string> files = options.files;
  if (files.empty()) files.emplace_back(kStandardInput);
  Exit worst = Exit::kOk;
  for (const std::string& path : files)
    worst = std::max(worst, options.canonical ? print_canonical(options, path) : format_file(options, path));
  return worst;
}

}  // namespace

Action define_fmt(CommandLine& line) {
  auto options = std::make_shared<FmtOptions>();  // shared: the action owns it, the parser fills it
  line.operand(options->files, "FILE", "Zone files; - is standard input").fallback("-");
  line.flag("-w,--write", options->write, "Write the result back to each file");
  line.flag("--check", options->check,
            "Only print the names of files that are not formatted; exit with 1 if there are any");
  line.flag("--canonical", options->canonical, "Print one absolute record per line, sorted, with includes resolved");
  line.option("--zone", options->zone, "NAME", "Name of the zone for --canonical, if the file is not named NAME.zone");
  return [options] { return format_all(*options); };
}

}  // namespace tools
