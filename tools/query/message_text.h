// Formats a message: as dig prints it, as the RDATA of its answers alone, and as JSON (RFC 8427).
#pragma once

#include <string>

#include "tools/cli/json.h"
#include "zone/message/parsed.h"

namespace tools {

// Header, EDNS, question, and the three sections.
std::string dig_text(const dns::ParsedMessage& message);

// One record as a line in dig's columns: owner, TTL, class, type, RDATA.
std::string dig_text(const dns::ParsedRecord& record);

// The RDATA of the answer section, one record per line.
std::string short_text(const dns::ParsedMessage& message);

// Appends one object with the member names of RFC 8427 section 2.
void append_json(Json& json, const dns::ParsedMessage& message);

}  // namespace tools
