// waymark journal: prints the records in files of the server's journal.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "server/journal/segment.h"
#include "server/zonefiles/files.h"
#include "tools/cli/command.h"
#include "tools/cli/terminal.h"
#include "zone/field/text.h"
#include "zone/name/text.h"
#include "zone/snapshot/record_lines.h"

namespace tools {
namespace {

struct JournalOptions {
  std::vector<std::string> files;
  std::string zone;
};

std::string time_text(std::uint64_t milliseconds) {
  const std::chrono::sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds(milliseconds)};
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", std::chrono::floor<std::chrono::seconds>(at));
}

// Prints what each kind of record says.
class RecordPrinter {
 public:
  explicit RecordPrinter(const std::optional<dns::Name>& zone) : zone_(zone) {}

  void operator()(const server::OpenRecord&) const { fmt::print("open\n"); }
  void operator()(const server::CleanRecord&) const { fmt::print("clean end\n"); }
  void operator()(const server::ViewsRecord& views) const { fmt::print("views: {} octets\n", views.text.size()); }
  void operator()(const server::CommitRecord& commit) const {
    fmt::print("{} {}\n", time_text(commit.time), commit.producer == server::Producer::kFile ? "file" : "failover");
    for (const server::JournalStep& step : commit.steps) print(step);
  }
  void operator()(const server::ReservationsRecord& reservations) const {
    fmt::print("reserved\n");
    for (const server::Reservation& zone : reservations.zones)
      if (wants(zone.apex))
        fmt::print("  {} {}: serials up to {}\n", dns::to_text(zone.apex), zone.serial.value, zone.ceiling.value);
  }
  void operator()(const server::ZoneRecord& record) const {
    const server::ZoneState& state = record.state;
    fmt::print("zone\n");
    if (!wants(state.apex)) return;
    fmt::print("  {} {}", dns::to_text(state.apex), state.serial.value);
    if (state.managed) fmt::print(", serials reserved up to {}", state.ceiling.value);
    fmt::print("; serial of the file {}\n", state.sources.file_serial.value);
    for (const server::OverriddenRrsetPtr& set : state.overridden)
      fmt::print("    overridden: {} {}\n", dns::to_text(set->owner), dns::to_text(set->type));
    for (const dns::HistoryStepPtr& step : record.history) print(*step, state.apex, "    ");
  }
  void operator()(const server::IndexRecord& index) const { fmt::print("index of {} zones\n", index.zones.size()); }

 private:
  bool wants(const dns::Name& apex) const { return !zone_ || apex == *zone_; }

  void print(const server::JournalStep& step) const {
    if (!wants(step.apex)) return;
    const std::string name = dns::to_text(step.apex);
    if (step.change != nullptr) print(*step.change, step.apex, "  " + name + " ");
    else fmt::print("  {} {} -> {}, not as differences\n", name, step.from.value, step.to.value);
    for (const server::OverriddenRrsetPtr& set : step.overridden)
      fmt::print("    overridden: {} {}\n", dns::to_text(set->owner), dns::to_text(set->type));
    for (const auto& [owner, type] : step.restored)
      fmt::print("    as in the file again: {} {}\n", dns::to_text(owner), dns::to_text(type));
  }
  static void print(const dns::HistoryStep& step, const dns::Name& apex, const std::string& front) {
    fmt::print("{}{} -> {}\n", front, step.from.value, step.to.value);
    for (const dns::RecordLine& line : dns::record_lines(dns::to_change(step, apex)))
      fmt::print("    {}{}\n", line.sign, line.record);
  }

  const std::optional<dns::Name>& zone_;
};

// False where something is damaged.
bool print_segment(const std::string& path, dns::Bytes octets, const std::optional<dns::Name>& zone) {
  const auto header = server::decode_header(octets);
  if (!header) {
    print_error(fmt::format("{}: {}", path,
                            server::is_of_later_version(octets) ? "a journal of a later version" : "no journal"));
    return false;
  }
  fmt::print("{}: {} {}, continues {:016x}\n", path,
             header->kind == server::SegmentKind::kCheckpoint ? "checkpoint" : "changes", header->number,
             header->previous);
  bool whole = true;
  server::read_segment(octets, *header, [&](const server::SegmentPart& part) {
    fmt::print("{:>8} ", part.offset);
    if (part.record) return std::visit(RecordPrinter(zone), *part.record);
    whole = false;
    if (part.size == 0) fmt::print("the record before is missing\n");
    else fmt::print("damaged: {} octets\n", part.size);
  });
  return whole;
}

Exit show(const JournalOptions& options) {
  std::optional<dns::Name> zone;
  if (!options.zone.empty()) {
    const auto named = dns::parse_name(options.zone);
    if (!named) {
      print_error(fmt::format("journal: '{}' is no name of a zone", options.zone));
      return Exit::kUsage;
    }
    zone = *named;
  }
  Exit exit = Exit::kOk;
  for (const std::string& path : options.files) {
    server::DiskFiles files;
    const auto content = files.read(path);
    if (!content) {
      print_error(fmt::format("{}: {}", path, content.error()));
      return Exit::kUsage;
    }
    if (!print_segment(path, dns::as_bytes(content->text->text()), zone)) exit = Exit::kProblems;
  }
  return exit;
}

}  // namespace

Action define_journal(CommandLine& line) {
  auto options = std::make_shared<JournalOptions>();  // shared: the action owns it, the parser fills it
  line.operand(options->files, "FILE", "File of the journal").required();
  line.option("-z,--zone", options->zone, "NAME", "Show this zone alone");
  return [options] { return show(*options); };
}

}  // namespace tools
