// What may not be said of records and their members; which sections no record needs. Pure; any thread.
#pragma once

#include <chrono>
#include <optional>

#include "server/config/draft.h"

namespace server {

// `resolved` is what the draft resolves to.
void check_record_rules(const SteeringDraft& draft, const SteeringOptions& resolved, ConfigErrors& errors);

// Sections that nothing refers to, and links in use that are deprecated. Without a day no link is past its date.
void check_use(const SteeringDraft& draft, std::optional<std::chrono::year_month_day> today, ConfigErrors& errors);

// What may not be said of virtual routers, monitors, links, SLA classes and views, each by itself and among their kind.
// Pure; any thread.

void check_virtual_routers(const std::vector<VirtualRouterDraft>& drafts, ConfigErrors& errors);
void check_monitors(const std::vector<MonitorDraft>& drafts, ConfigErrors& errors);
void check_links(const SteeringDraft& draft, ConfigErrors& errors);
void check_sla_classes(const std::vector<SlaDraft>& drafts, ConfigErrors& errors);
void check_views(const std::vector<ViewDraft>& drafts, ConfigErrors& errors);

// From drafts to options: names become indices, and what they name not is told with the nearest name that is there.
// Pure; any thread.
// Every section in its place, whatever its errors, so that indices in the result are those in the draft. What is
// resolved is not to be used where faults were told.
SteeringOptions resolve(const SteeringDraft& draft, ConfigErrors& errors);

}  // namespace server
