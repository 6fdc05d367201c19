// waymark diff: prints the records that are in only one of two zone files. Order and spelling do not matter.
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tools/cli/command.h"
#include "tools/cli/files.h"
#include "tools/cli/json.h"
#include "tools/cli/terminal.h"
#include "zone/name/text.h"
#include "zone/snapshot/record_lines.h"

namespace tools {
namespace {

struct DiffOptions {
  std::string before, after;
  std::string zone;
  bool json = false;
};

void print_text(const std::vector<dns::RecordLine>& lines) {
  const bool colour = wants_colour(stdout);
  for (const dns::RecordLine& line : lines) {
    const std::string_view paint = !colour ? "" : line.sign == '-' ? "\x1b[31m" : "\x1b[32m";
    fmt::print("{}{} {}{}\n", paint, line.sign, line.record, colour ? "\x1b[0m" : "");
  }
}

void print_json(const dns::Zone& before, const dns::Zone& after, const std::vector<dns::RecordLine>& lines) {
  Json json;
  json.begin_object().key("zone").string(dns::to_text(before.apex()));
  json.key("from_serial").number(before.serial().value).key("to_serial").number(after.serial().value);
  for (const char sign : {'-', '+'}) {
    json.key(sign == '-' ? "removed" : "added").begin_array();
    for (const dns::RecordLine& line : lines)
      if (line.sign == sign) json.string(line.record);
    json.end_array();
  }
  json.end_object();
  fmt::print("{}\n", json.text());
}

// The apex of both zones: --zone, else the name of the files. The error is a message for the user.
dns::Result<dns::Name, std::string> common_apex(const DiffOptions& options) {
  if (!options.zone.empty()) {
    const auto apex = dns::parse_name(options.zone);
    if (apex) return *apex;
    return dns::Failure(fmt::format("--zone {}: {}", options.zone, dns::describe(apex.error().error)));
  }
  const auto of_before = apex_of(options.before), of_after = apex_of(options.after);
  if (!of_before && !of_after) return dns::Failure(std::string("which zone are they? Name it by --zone NAME"));
  if (of_before && of_after && of_before->view() != of_after->view())
    return dns::Failure(fmt::format("{} and {} are two zones. To compare the files as one zone, name it by --zone NAME",
                                    dns::to_text(of_before->view()), dns::to_text(of_after->view())));
  return of_after ? *of_after : *of_before;
}

Exit wrong_files(std::string_view words) {
  print_error(fmt::format("diff: {}", words));
  return Exit::kUsage;
}

Exit compare(const DiffOptions& options) {
  const auto apex = common_apex(options);
  if (!apex) return wrong_files(apex.error());
  if (options.before == kStandardInput && options.after == kStandardInput)
    return wrong_files("only one of the files can be standard input");
  FileReader before_reader, after_reader;
  const auto before = load_or_print_errors({*apex, options.before}, before_reader);
  const auto after = load_or_print_errors({*apex, options.after}, after_reader);
  if (!before || !after) return Exit::kUsage;
  const std::vector<dns::RecordLine> lines = dns::record_lines(dns::diff(*before, *after));
  if (options.json) print_json(*before, *after, lines);
  else print_text(lines);
  return lines.empty() ? Exit::kOk : Exit::kProblems;
}

}  // namespace

Action define_diff(CommandLine& line) {
  auto options = std::make_shared<DiffOptions>();  // shared: the action owns it, the parser fills it
  line.operand(options->before, "FILE", "Old zone file; - is standard input").required();
  line.operand(options->after, "FILE", "New zone file; - is standard input").required();
  line.option("--zone", options->zone, "NAME", "Name of the zone, if neither file is named NAME.zone");
  line.flag("--json", options->json, "Print JSON");
  return [options] { return compare(*options); };
}

}  // namespace tools
