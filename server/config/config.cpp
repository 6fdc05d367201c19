#include "server/config/config.h"

#include <algorithm>
#include <set>

#include "server/config/config_reader.h"
#include "server/config/rules.h"
#include "server/control/socket_path.h"
#include "server/listen/endpoint.h"
#include "server/steering/plan.h"
#include "server/zonefiles/files.h"
#include "zone/name/text.h"

namespace server {
namespace {

using Error = ConfigError;

// The text of the file as errors show it.
class ShownText final : public dns::Text {
 public:
  explicit ShownText(std::string text) : text_(std::move(text)) {}
  std::string_view text() const override { return text_; }

 private:
  std::string text_;
};

// Sorts the zones: those with a file, and those whose file the folders have. Each name once.
void add_zones(const std::vector<ZoneDraft>& drafts, LoadedConfig& loaded, ConfigErrors& errors) {
  std::set<dns::NameView, dns::CanonicalLess> seen;
  for (const ZoneDraft& draft : drafts) {
    const SectionSource& section = draft.section;
    if (!section.has_errors && !section.has("file") && !section.has("template") && !section.has("acl"))
      errors.add(Error::kMissingKey, section.at, "[[zone]] has neither file, template nor acl",
                 "file: the path of the zone file; template, acl: settings of a zone that has its file in `zones`");
    if (!section.has("name")) continue;
    if (!seen.insert(draft.zone.apex).second)
      errors.add(Error::kZoneTwice, section.value_span("name"),
                 dns::to_text(draft.zone.apex) + " already has a [[zone]] section");
    else if (section.has("file")) loaded.options.store.zones.push_back(draft.zone);
    else loaded.refined_zones.push_back({draft.zone.apex, section.value_span("name")});
  }
}

RecordSpans spans_of(const RecordDraft& draft) {
  RecordSpans spans{.at = draft.section.value_span("name"), .members = {}};
  for (const MemberDraft& member : draft.members) spans.members.push_back(member.section.value_span("name"));
  return spans;
}

std::vector<LocalMonitor> local_monitors(const SteeringDraft& draft, const SteeringOptions& resolved) {
  std::vector<LocalMonitor> monitors;
  for (const CheckOptions& check : make_plan(resolved).checks) {
    const MonitorOptions& options = check.monitor;
    if ((options.kind != ProbeKind::kExec && options.kind != ProbeKind::kFile) ||
        std::ranges::any_of(monitors, [&](const LocalMonitor& each) { return each.options.name == options.name; }))
      continue;
    const auto of =
        std::ranges::find(draft.monitors, options.name, [](const MonitorDraft& each) { return each.options.name; });
    if (of == draft.monitors.end()) continue;
    monitors.push_back({options, of->section.value_span(options.kind == ProbeKind::kExec ? "command" : "file")});
  }
  return monitors;
}

void check_server(const SectionSource& section, const Options& options, ConfigErrors& errors) {
  if (const std::string both = overlapping(options.listen.addresses); !both.empty())
    errors.add(Error::kListenOverlap, section.value_span("listen"), both + " overlap: only one of them can be opened");
  const std::string socket = control_path(options.control, options.state);
  if (socket.size() > kMaxSocketPath)
    errors.add(Error::kSocketPathTooLong, section.value_span(options.control.empty() ? "state" : "control"),
               "the path of the control socket has " + std::to_string(socket.size()) + " bytes, at most " +
                   std::to_string(kMaxSocketPath) + " are possible",
               "add to [server]: control = \"/run/waymark/control.sock\"");
}

void check_steering(const SteeringDraft& draft, const Options& options,
                    std::optional<std::chrono::year_month_day> today, ConfigErrors& errors) {
  check_virtual_routers(draft.virtual_routers, errors);
  check_monitors(draft.monitors, errors);
  check_links(draft, errors);
  check_sla_classes(draft.sla_classes, errors);
  check_measurements(draft, options.steering, errors);
  check_views(draft.views, errors);
  check_record_rules(draft, options.steering, errors);
  check_unused_sections(draft, today, errors);
  if (!draft.records.empty() && options.state.empty())
    errors.add(Error::kStateMissing, draft.records.front().section.at, "managed records need a state directory",
               "add to [server]: state = \"/var/lib/waymark\"");
}

}  // namespace

dns::Result<LoadedConfig, std::string> load_config(std::string_view path, dns::SourceReader& reader,
                                                   dns::Diagnostics& diagnostics,
                                                   std::optional<std::chrono::year_month_day> today, Secrets secrets) {
  auto opened = reader.open(path, "");
  if (!opened) return dns::Failure<std::string>(opened.error());
  LoadedConfig loaded;
  const std::unique_ptr<dns::Text> text = std::move(opened->text);
  opened->text = std::make_unique<ShownText>(without_secrets(std::string(text->text())));
  loaded.sources.add(std::move(*opened), std::nullopt);
  ConfigErrors errors;
  ConfigDraft draft = read_config(text->text(), directory_of(path), errors);
  loaded.options = std::move(draft.options);
  add_zones(draft.zones.zones, loaded, errors);
  loaded.options.store.policies = resolve_policies(draft.zones, resolve_keys(draft.zones, secrets, errors), errors);
  loaded.options.steering = resolve(draft.steering, errors);
  check_server(draft.server, loaded.options, errors);
  check_steering(draft.steering, loaded.options, today, errors);
  loaded.local_monitors = local_monitors(draft.steering, loaded.options.steering);
  loaded.server = std::move(draft.server);
  for (const RecordDraft& record : draft.steering.records) loaded.records.push_back(spans_of(record));
  for (dns::Diagnostic& fault : errors.take()) diagnostics.add(std::move(fault));
  return loaded;
}

}  // namespace server
