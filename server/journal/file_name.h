// File names for zones. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "zone/name/name.h"

namespace server {

// The apex in lower case, without the last dot, and the suffix; octets other than letters, digits, '-' and '_' are %XX.
// A name that is too long for a file system is cut, and its hash added.
std::string zone_file_name(const dns::Name& apex, std::string_view suffix);
// The apex of a name that `zone_file_name` has made; nothing for other names, and for those that were cut.
std::optional<dns::Name> apex_of_file(std::string_view name, std::string_view suffix);

}  // namespace server
