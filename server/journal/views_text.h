// The table of views as text: the first line is "waymark views 1", then follow "view NAME", "client PREFIX" and "local
// PREFIX"; the last line is "mark" with the hash of all before. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "zone/snapshot/views.h"

namespace server {

std::string views_text(const dns::ViewTable& table);
// Null for text that is no whole table. Shared with snapshots.
std::shared_ptr<const dns::ViewTable> parse_views(std::string_view text);

std::uint64_t views_hash(const dns::ViewTable* views);  // 0 for none

}  // namespace server
