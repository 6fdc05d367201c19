// waymark fmt: zone files in one tidy form, or as canonical records.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "server/runtime/descriptor.h"
#include "tools/cli/command.h"
#include "tools/cli/files.h"
#include "tools/cli/terminal.h"
#include "zone/file/canonical.h"
#include "zone/file/format.h"
#include "zone/name/text.h"

namespace tools {
namespace {

constexpr std::string_view kStandardInput = "-";

struct FmtOptions {
  std::vector<std::string> files;
  std::string zone;
  bool write = false, check = false, canonical = false;
};

class InputText final : public dns::Text {
 public:
  explicit InputText(std::string text) : text_(std::move(text)) {}
  std::string_view text() const override { return text_; }

 private:
  std::string text_;
};

// Files, and standard input by the name "-".
class FmtReader final : public dns::SourceReader {
 public:
  dns::Result<Opened, std::string> open(std::string_view path, std::string_view included_by) override {
    if (path != kStandardInput) return files_.open(path, included_by);
    std::string text((std::istreambuf_iterator<char>(std::cin)), {});
    return Opened{"<stdin>", std::make_unique<InputText>(std::move(text))};
  }

 private:
  FileReader files_;
};

constexpr mode_t kModeBits = 07777, kNobodyElse = 0600;

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// The owner and mode of what it replaces: who could read that must be able to go on, the server for one. Somebody who
// may not give files away keeps at least the group, where that is possible.
bool copy_owner_and_mode(int file, const struct stat& old) {
  if (::fchown(file, old.st_uid, old.st_gid) != 0 && ::fchown(file, ::geteuid(), old.st_gid) != 0 && errno != EPERM)
    return false;
  return ::fchmod(file, old.st_mode & kModeBits) == 0;
}

bool write_new_file(const std::string& fresh, const std::string& text, const struct stat& old) {
  const server::FileDescriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kNobodyElse));
  return file.get() >= 0 && write_all(file.get(), text) && copy_owner_and_mode(file.get(), old) &&
         ::fsync(file.get()) == 0;
}

// Replaces the file's content whole or not at all: a file beside it is written and takes its name. A link stays a link.
Exit replace(const std::string& path, const std::string& text) {
  std::error_code fault;
  const std::string target = std::filesystem::canonical(path, fault).string(), fresh = target + ".waymark-fmt";
  struct stat old;
  if (!fault && ::stat(target.c_str(), &old) == 0) {
    ::unlink(fresh.c_str());  // of one that was interrupted
    if (write_new_file(fresh, text, old) && std::rename(fresh.c_str(), target.c_str()) == 0) return Exit::kOk;
  }
  print_error(fmt::format("{}: cannot be written: {}", path, fault ? fault.message() : std::strerror(errno)));
  if (!fault) ::unlink(fresh.c_str());
  return Exit::kProblems;
}

Exit format_file(const FmtOptions& options, const std::string& path) {
  FmtReader reader;
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
  FmtReader reader;
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

Action define_fmt(CLI::App& app) {
  auto options =
      std::make_shared<FmtOptions>();  // shared: the options' owner is the action, which CLI11 fills from afar
  app.add_option("files", options->files, "Zone files; none, or -, is standard input")->type_name("FILE");
  app.add_flag("-w,--write", options->write, "Write the result back to each file");
  app.add_flag("--check", options->check, "Print the names of untidy files and exit with 1 where there are some");
  app.add_flag("--canonical", options->canonical, "Print one record a line, absolute and sorted, includes and all");
  app.add_option("--zone", options->zone, "Name of the zone, where the file is not called NAME.zone (--canonical)")
      ->type_name("NAME");
  return [options] { return format_all(*options); };
}

}  // namespace tools
