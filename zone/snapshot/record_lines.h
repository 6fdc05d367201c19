// A change as lines of text: the records that it removes and adds, in the form of a zone file.
//
// A record that only changes the case of its names is no change (RFC 4343 3). For tools; pure.
#pragma once

#include <string>
#include <vector>

#include "zone/snapshot/change.h"

namespace dns {

struct RecordLine {
  char sign;           // '-' removed, '+' added
  std::string record;  // "www.example.com. 300 IN A 192.0.2.1", with tabs
};

// In the order of the change. Client choices are left out.
std::vector<RecordLine> record_lines(const Change& change);

}  // namespace dns
