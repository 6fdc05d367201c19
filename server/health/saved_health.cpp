#include "server/health/saved_health.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace server {

std::string check_key(const CheckOptions& check) {
  std::string key = fmt::format("{} {}", check.monitor.name, check.target.to_string());
  if (!check.source.is_unspecified()) key += fmt::format(" from {}", check.source.to_string());
  if (!check.device.empty()) key += fmt::format(" device {}", check.device);
  if (check.monitor.dscp != 0) key += fmt::format(" dscp {}", check.monitor.dscp);
  return key;
}

std::string to_line(std::string_view key, const SavedHealth& saved, Instant now,
                    std::chrono::system_clock::time_point wall) {
  const auto since = std::chrono::duration_cast<std::chrono::seconds>(
      (wall - std::chrono::duration_cast<std::chrono::system_clock::duration>(now - saved.since)).time_since_epoch());
  return fmt::format("{} {} {}\n", saved.health == Health::kUp ? "up" : "down", since.count(), key);
}

std::optional<std::pair<std::string, SavedHealth>> parse_saved_health(std::string_view line, Instant now,
                                                                      std::chrono::system_clock::time_point wall) {
  const std::size_t first = line.find(' '), second = line.find(' ', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  const std::string_view word = line.substr(0, first);
  const Health health = word == "up" ? Health::kUp : word == "down" ? Health::kDown : Health::kUnknown;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(line.data() + first + 1, line.data() + second, seconds);
  if (health == Health::kUnknown || error != std::errc{} || end != line.data() + second || seconds < 0)
    return std::nullopt;
  const auto today = std::chrono::duration_cast<std::chrono::seconds>(wall.time_since_epoch());
  const auto age =
      std::max(std::chrono::seconds(0), today - std::chrono::seconds(std::min(seconds, std::int64_t{today.count()})));
  return std::pair(std::string(line.substr(second + 1)), SavedHealth{health, now - age});
}

}  // namespace server
