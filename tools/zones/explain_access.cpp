#include "tools/zones/explain_access.h"

#include <array>

#include <fmt/format.h>

#include "server/query/transport.h"
#include "zone/name/text.h"

namespace tools {
namespace {

// In the order of dns::Operation.
constexpr std::array<std::string_view, dns::kOperations> kOperationNames{"query", "transfer"};

AccessAnswer answer_for(const dns::ZonePolicy* policy, dns::Operation operation, const server::Transport& transport,
                        dns::ClientInfo client) {
  client.transport = transport.number;
  AccessAnswer answer{.operation = kOperationNames[static_cast<std::size_t>(operation)],
                      .transport = transport.name,
                      .allowed = dns::is_allowed(policy, operation, client),
                      .rule = {}};
  if (policy == nullptr) return answer;
  if (const auto rule = policy->deciding_rule(operation, client)) answer.rule = policy->rules()[*rule].name;
  return answer;
}

}  // namespace

dns::Result<std::vector<AccessAnswer>, std::string> explain_access(const AccessQuestion& question,
                                                                   const dns::ZonePolicies* policies,
                                                                   dns::NameView apex) {
  const auto address = dns::parse_prefix(question.client);
  if (!address || address->length != 8 * address->size || question.client.contains('/'))
    return dns::Failure(fmt::format("--client: `{}` is not an address", question.client));
  dns::ClientInfo client{.address = dns::Bytes(address->address).first(address->size)};
  if (!question.key.empty()) {
    const auto name = dns::parse_name(question.key);
    const auto* const keys = policies == nullptr ? nullptr : policies->keys().get();
    const dns::TsigKey* const key = name && keys != nullptr ? keys->find(*name) : nullptr;
    if (key == nullptr) return dns::Failure(fmt::format("--key: the configuration has no key `{}`", question.key));
    client.key = key->number();
  }
  const dns::ZonePolicy* const policy = policies == nullptr ? nullptr : policies->find(apex);
  std::vector<AccessAnswer> answers;
  for (std::size_t operation = 0; operation < dns::kOperations; ++operation)
    for (const server::Transport* transport : server::kTransports)
      answers.push_back(answer_for(policy, static_cast<dns::Operation>(operation), *transport, client));
  return answers;
}

void print_access(const AccessQuestion& question, dns::NameView apex, const std::vector<AccessAnswer>& answers) {
  fmt::print("\n;; ACCESS of {}{} to {}:\n", question.client,
             question.key.empty() ? "" : fmt::format(", signed with {},", question.key), dns::to_text(apex));
  for (const AccessAnswer& answer : answers)
    fmt::print(";   {} over {}: {}, {}\n", answer.operation, answer.transport, answer.allowed ? "allowed" : "refused",
               answer.rule.empty() ? "no rule matches" : fmt::format("by rule {}", answer.rule));
}

void append_access(Json& json, const std::vector<AccessAnswer>& answers) {
  json.begin_array();
  for (const AccessAnswer& answer : answers) {
    json.begin_object().key("operation").string(answer.operation).key("transport").string(answer.transport);
    json.key("allowed").truth(answer.allowed).key("rule").string(answer.rule).end_object();
  }
  json.end_array();
}

}  // namespace tools
