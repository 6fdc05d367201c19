// From drafts to options: names become indices, and what they name not is told with the nearest name that is there.
// Pure; any thread.
#pragma once

#include "server/rules/draft.h"

namespace server {

// Every section in its place, whatever its faults, so that indices in the result are those in the draft. What is resolved is not
// to be used where faults were told.
SteeringOptions resolve(const SteeringDraft& draft, Faults& faults);

}  // namespace server
