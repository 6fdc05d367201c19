// Makes zones from text for tests; the text is in the format that the server reads.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "zone/snapshot/snapshot.h"

namespace dns::test {

// The zone `apex` from master file text. A fault ends the test program with its diagnostic.
std::shared_ptr<const Zone> zone_of(std::string_view apex, std::string_view text);

Name name_of(std::string_view text);

}  // namespace dns::test
