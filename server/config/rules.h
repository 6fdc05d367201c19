// The rules for records and their members, and for unused sections. Pure, except resolve_keys; any thread.
#pragma once

#include <chrono>
#include <optional>

#include "server/config/draft.h"

namespace server {

// Whether secret files are read. Commands that only look something up in a configuration do not need them.
enum class Secrets : std::uint8_t { kRead, kSkip };

// `resolved`: the result of resolve(draft).
void check_record_rules(const SteeringDraft& draft, const SteeringOptions& resolved, ConfigErrors& errors);

// Reports sections that are not used, and deprecated links in use. Without `today` no link is past its date.
void check_unused_sections(const SteeringDraft& draft, std::optional<std::chrono::year_month_day> today,
                           ConfigErrors& errors);

// The rules for virtual routers, monitors, links, SLA classes and views: for each one, and among objects of one kind.
// Pure; any thread.

void check_virtual_routers(const std::vector<VirtualRouterDraft>& drafts, ConfigErrors& errors);
void check_monitors(const std::vector<MonitorDraft>& drafts, ConfigErrors& errors);
void check_links(const SteeringDraft& draft, ConfigErrors& errors);
void check_sla_classes(const std::vector<SlaDraft>& drafts, ConfigErrors& errors);
// Warns of bounds that the probes of the links cannot judge. `resolved`: the result of resolve(draft).
void check_measurements(const SteeringDraft& draft, const SteeringOptions& resolved, ConfigErrors& errors);
void check_views(const std::vector<ViewDraft>& drafts, ConfigErrors& errors);

// Whether each address in `inner` is also in `outer`, by one of its prefixes. An empty list contains all addresses.
bool covers_all(const std::vector<dns::Prefix>& outer, const std::vector<dns::Prefix>& inner);

// Converts drafts to options: names become indices. An unknown name is an error that suggests the nearest known one.
// Pure; any thread.
// All sections are kept, also those with errors, so the indices in the result are those of the draft. Do not use the
// result if there were errors.
SteeringOptions resolve(const SteeringDraft& draft, ConfigErrors& errors);
// The keys of the draft; null if there are none. With kRead this reads their secret files.
std::shared_ptr<const KeyRing> resolve_keys(const ZonesDraft& draft, Secrets secrets, ConfigErrors& errors);
// The same as `resolve` for zones; null if there are no keys and no zone has a policy. Reports access rules, templates
// and remotes that have no effect.
std::shared_ptr<const dns::ZonePolicies> resolve_policies(const ZonesDraft& draft, std::shared_ptr<const KeyRing> keys,
                                                          ConfigErrors& errors);

}  // namespace server
