#include "server/failover/memory.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "server/failover/orders.h"

namespace server {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;
constexpr std::array kKinds{OrderKind::kDrain, OrderKind::kDown, OrderKind::kUp, OrderKind::kForce, OrderKind::kFreeze};

Json to_object(const Order& order) {
  Json object{{"kind", word(order.kind)}, {"subject", order.subject}, {"by", order.by}};
  if (!order.member.empty()) object["to"] = order.member;
  if (order.until) object["until"] = to_text(*order.until);
  return object;
}

// The text under `key`; empty where there is none.
std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<Order> parse_order(const Json& object) {
  if (!object.is_object()) return std::nullopt;
  const auto kind = std::ranges::find(kKinds, text_at(object, "kind"), [](OrderKind each) { return word(each); });
  Order order{.kind = {}, .subject = text_at(object, "subject"), .member = text_at(object, "to"), .until = std::nullopt, .by = text_at(object, "by")};
  if (kind == kKinds.end() || order.subject.empty()) return std::nullopt;
  order.kind = *kind;
  if (object.contains("until")) {
    order.until = parse_time(text_at(object, "until"));
    if (!order.until) return std::nullopt;   // an order that was to end must not become one without end
  }
  return order;
}

}  // namespace

std::string to_json(const Memory& memory) {
  Json orders = Json::array();
  for (const Order& order : memory.orders) orders.push_back(to_object(order));
  const Json object{{"version", kVersion}, {"generation", memory.generation}, {"orders", orders},
                    {"evaluator", memory.evaluator}, {"checks", memory.checks}};
  return object.dump(1, ' ', true, Json::error_handler_t::replace) + "\n";
}

Remembered parse_memory(std::string_view text) {
  Remembered remembered;
  const Json object = Json::parse(text, nullptr, false);
  if (!object.is_object() || object.value("version", Json()) != Json(kVersion)) {
    remembered.fault = "it is damaged or of another version";
    return remembered;
  }
  Memory& memory = remembered.memory;
  if (const auto found = object.find("generation"); found != object.end() && found->is_number_unsigned())
    memory.generation = found->get<std::uint64_t>();
  memory.evaluator = text_at(object, "evaluator");
  memory.checks = text_at(object, "checks");
  const Json orders = object.value("orders", Json::array());
  for (const Json& each : orders) {
    if (auto order = parse_order(each)) memory.orders.push_back(std::move(*order));
    else remembered.fault = "an order in it cannot be understood: " + each.dump(-1, ' ', true, Json::error_handler_t::replace);
  }
  return remembered;
}

}  // namespace server
