// A message as people read it (as dig prints it, so that eyes and scripts need not learn another form), as the data of
// its answers alone, and as JSON (RFC 8427).
#pragma once

#include <string>

#include "tools/cli/json.h"
#include "zone/message/parsed.h"

namespace tools {

// Header, EDNS, question and sections.
std::string dig_text(const dns::ParsedMessage& message);

// One record as a line in dig's columns: owner, TTL, class, type, RDATA.
std::string dig_text(const dns::ParsedRecord& record);

// The answer section's RDATA, one a line.
std::string short_text(const dns::ParsedMessage& message);

// One object with RFC 8427's member names.
void append_json(Json& json, const dns::ParsedMessage& message);

}  // namespace tools
