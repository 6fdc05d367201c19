#include "server/failover/saved_state.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "server/failover/override_table.h"

namespace server {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 2;  // of the file; version 1 used other keys
constexpr std::array kKinds{OverrideKind::kDrain, OverrideKind::kDown, OverrideKind::kUp, OverrideKind::kForce,
                            OverrideKind::kFreeze};

Json to_object(const AdminOverride& entry) {
  Json object{{"kind", word(entry.kind)}, {"subject", entry.subject}, {"by", entry.by}};
  if (!entry.member.empty()) object["to"] = entry.member;
  if (entry.until) object["until"] = to_text(*entry.until);
  return object;
}

std::string json_text(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

// The text under `key`; empty if there is none.
std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<AdminOverride> parse_override(const Json& object) {
  if (!object.is_object()) return std::nullopt;
  const auto kind = std::ranges::find(kKinds, text_at(object, "kind"), [](OverrideKind each) { return word(each); });
  AdminOverride entry{.kind = {},
                      .subject = text_at(object, "subject"),
                      .member = text_at(object, "to"),
                      .until = std::nullopt,
                      .by = text_at(object, "by")};
  if (kind == kKinds.end() || entry.subject.empty()) return std::nullopt;
  entry.kind = *kind;
  if (object.contains("until")) {
    entry.until = parse_time(text_at(object, "until"));
    if (!entry.until) return std::nullopt;  // a temporary override must not become permanent
  }
  return entry;
}

}  // namespace

std::string to_json(const SavedState& state) {
  Json overrides = Json::array();
  for (const AdminOverride& entry : state.overrides) overrides.push_back(to_object(entry));
  const Json object{{"version", kVersion},
                    {"generation", state.generation},
                    {"overrides", overrides},
                    {"evaluator", state.evaluator},
                    {"checks", state.checks}};
  return object.dump(1, ' ', true, Json::error_handler_t::replace) + "\n";
}

LoadedState parse_saved_state(std::string_view text) {
  LoadedState loaded;
  const Json object = Json::parse(text, nullptr, false);
  if (!object.is_object()) {
    loaded.error = "the saved failover state is damaged; starting without it; set the overrides again";
    return loaded;
  }
  if (const Json version = object.value("version", Json()); version != Json(kVersion)) {
    loaded.error = fmt::format(
        "the saved failover state has version {}, this server reads version {}; starting without it; set the overrides "
        "again",
        json_text(version), kVersion);
    return loaded;
  }
  SavedState& state = loaded.state;
  if (const auto found = object.find("generation"); found != object.end() && found->is_number_unsigned())
    state.generation = found->get<std::uint64_t>();
  state.evaluator = text_at(object, "evaluator");
  state.checks = text_at(object, "checks");
  const Json overrides = object.value("overrides", Json::array());
  for (const Json& each : overrides) {
    if (auto entry = parse_override(each)) state.overrides.push_back(std::move(*entry));
    else loaded.error = "ignoring an override that cannot be read: " + json_text(each);
  }
  return loaded;
}

}  // namespace server
