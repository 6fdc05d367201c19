#include "server/config/config.h"

#include <set>

#include "server/config/reading.h"
#include "server/folder/files.h"
#include "server/rules/answers.h"
#include "server/rules/networks.h"
#include "server/rules/resolve.h"
#include "zone/name/text.h"

namespace server {
namespace {

using Fault = ConfigFault;

// Those that have a name and a file, each name once.
std::vector<NamedZone> named_zones(const std::vector<ZoneDraft>& drafts, Faults& faults) {
  std::vector<NamedZone> zones;
  std::set<dns::NameView, dns::CanonicalLess> seen;
  for (const ZoneDraft& draft : drafts) {
    if (!draft.written.has("name")) continue;
    if (seen.insert(draft.zone.apex).second) zones.push_back(draft.zone);
    else faults.tell(Fault::kZoneTwice, draft.written.mark("name"), dns::to_text(draft.zone.apex) + " was named before");
  }
  return zones;
}

AnswerMarks marks_of(const AnswerDraft& draft) {
  AnswerMarks marks{.at = draft.written.mark("name"), .members = {}};
  for (const MemberDraft& member : draft.members) marks.members.push_back(member.written.mark("name"));
  return marks;
}

void check_steering(const SteeringDraft& draft, const Options& options, std::optional<std::chrono::year_month_day> today, Faults& faults) {
  check_virtual_routers(draft.virtual_routers, faults);
  check_monitors(draft.monitors, faults);
  check_links(draft, faults);
  check_sla_classes(draft.sla_classes, faults);
  check_views(draft.views, faults);
  check_answers(draft, options.steering, faults);
  check_use(draft, today, faults);
  if (!draft.answers.empty() && options.state.empty())
    faults.tell(Fault::kStateMissing, draft.answers.front().written.at, "what is steered needs a directory for its state", "[server] state = \"/var/lib/waymark\"");
}

}  // namespace

dns::Result<LoadedConfig, std::string> load_config(std::string_view path, dns::SourceReader& reader, dns::Diagnostics& diagnostics,
                                                   std::optional<std::chrono::year_month_day> today) {
  auto opened = reader.open(path, "");
  if (!opened) return dns::Failure<std::string>(opened.error());
  LoadedConfig loaded;
  loaded.sources.add(std::move(*opened), std::nullopt);
  Faults faults;
  ConfigDraft draft = read_config(loaded.sources.text(0), directory_of(path), faults);
  loaded.options = std::move(draft.options);
  loaded.options.store.zones = named_zones(draft.zones, faults);
  loaded.options.steering = resolve(draft.steering, faults);
  check_steering(draft.steering, loaded.options, today, faults);
  for (const AnswerDraft& answer : draft.steering.answers) loaded.answers.push_back(marks_of(answer));
  for (dns::Diagnostic& fault : faults.take()) diagnostics.add(std::move(fault));
  return loaded;
}

}  // namespace server
