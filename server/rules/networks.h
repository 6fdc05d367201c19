// What may not be said of virtual routers, monitors, links, SLA classes and views, each by itself and among their kind.
// Pure; any thread.
#pragma once

#include "server/rules/draft.h"

namespace server {

void check_virtual_routers(const std::vector<VirtualRouterDraft>& drafts, Faults& faults);
void check_monitors(const std::vector<MonitorDraft>& drafts, Faults& faults);
void check_links(const SteeringDraft& draft, Faults& faults);
void check_sla_classes(const std::vector<SlaDraft>& drafts, Faults& faults);
void check_views(const std::vector<ViewDraft>& drafts, Faults& faults);

}  // namespace server
