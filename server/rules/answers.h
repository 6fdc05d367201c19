// What may not be said of answers and their members; which sections no answer needs. Pure; any thread.
#pragma once

#include <chrono>
#include <optional>

#include "server/rules/draft.h"

namespace server {

// `resolved` is what the draft resolves to.
void check_answers(const SteeringDraft& draft, const SteeringOptions& resolved, Faults& faults);

// Sections that nothing refers to, and links in use that are deprecated. Without a day no link is past its date.
void check_use(const SteeringDraft& draft, std::optional<std::chrono::year_month_day> today, Faults& faults);

}  // namespace server
