// The failover part of a configuration as written: references are still names, and each key has its position.
//
//     TOML --ConfigReader--> drafts --resolve--> SteeringOptions, where references are indices
//                                   --network_rules, record_rules--> errors
//
// Values; any thread.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/config/codes.h"
#include "server/keys/key_ring.h"
#include "server/listen/endpoint.h"
#include "server/steering/options.h"
#include "server/zonefiles/options.h"
#include "zone/snapshot/policy.h"

namespace server {

// A name that refers to another object, and its position.
struct Reference {
  std::string text;
  SourceSpan at;

  bool given() const { return !text.empty(); }
};

// The positions of a section and its keys; "ttl.max" is the key `max` of the table `ttl`.
struct SectionSource {
  struct Key {
    std::string_view name;
    SourceSpan at, value;
  };

  SourceSpan at;
  std::vector<Key> keys;    // keys with a valid value
  bool has_errors = false;  // some values are invalid: rules about several keys are skipped

  bool has(std::string_view name) const { return std::ranges::find(keys, name, &Key::name) != keys.end(); }
  // The position of the key or of its value; of the section if the key is not given.
  SourceSpan key_span(std::string_view name) const {
    const auto key = std::ranges::find(keys, name, &Key::name);
    return key == keys.end() ? at : key->at;
  }
  SourceSpan value_span(std::string_view name) const {
    const auto key = std::ranges::find(keys, name, &Key::name);
    return key == keys.end() ? at : key->value;
  }
};

// The positions of a list's elements, in order.
using SourceSpans = std::vector<SourceSpan>;

struct RouterDraft {
  RouterOptions options;
  SourceSpan at;
};

struct VirtualRouterDraft {
  VirtualRouterOptions options;  // without routers
  SectionSource section;
  std::vector<RouterDraft> routers;
  Reference local_router;
  SourceSpans vips;
};

struct MonitorDraft {
  MonitorOptions options;
  SectionSource section;
  std::size_t type = 0;  // index in monitor_types(), which has https as a type of its own
};

struct LinkDraft {
  LinkOptions options;  // without probes
  SectionSource section;
  Reference monitor;
  std::vector<boost::asio::ip::address> targets;
  SourceSpans target_spans;
  boost::asio::ip::address source;
  std::string device;
};

struct SlaDraft {
  SlaOptions options;
  SectionSource section;
};

struct ViewDraft {
  dns::View options;
  SectionSource section;
  SourceSpans clients, local;
};

struct MemberDraft {
  MemberOptions options;  // without references
  SectionSource section;
  std::vector<Reference> routers, monitors;
  Reference link;
  SourceSpans addresses;
  std::vector<boost::asio::ip::address> targets;
};

struct RecordDraft {
  RecordOptions options;  // without references and members
  SectionSource section;
  Reference view, sla, migrate_from, migrate_to;
  std::vector<MemberDraft> members;
};

struct SteeringDraft {
  SteeringMode mode = SteeringMode::kActive;
  Duration initial_round = SteeringOptions{}.initial_round;
  unsigned programs = kDefaultPrograms;
  std::vector<VirtualRouterDraft> virtual_routers;
  std::vector<MonitorDraft> monitors;
  std::vector<LinkDraft> links;
  std::vector<SlaDraft> sla_classes;
  std::vector<ViewDraft> views;
  std::vector<RecordDraft> records;
};

// A zone given by name: `[[zone]]`.
struct ZoneDraft {
  NamedZone zone;  // without a path: a folder or the command line has the file
  SectionSource section;
  Reference policy_template;
  std::vector<Reference> acl;
};

// What zones have in common: `[template.NAME]`.
struct TemplateDraft {
  struct Options {
    std::string name;
  } options;
  SectionSource section;
  std::vector<Reference> acl;
};

// An access rule: `[acl.NAME]`.
struct AclDraft {
  struct Options {
    std::string name;
    dns::AccessRule rule;
  } options;
  SectionSource section;
  std::vector<Reference> keys, remotes;
};

// A TSIG key: `[key.NAME]`.
struct KeyDraft {
  struct Options {
    std::string name;
  } options;
  SectionSource section;
  dns::Name name;
  std::size_t algorithm = 0;  // index in kTsigAlgorithms
  std::string secret, secret_file;
  bool allow_weak = false;
};

// Another server: `[remote.NAME]`.
struct RemoteDraft {
  struct Options {
    std::string name;
  } options;
  SectionSource section;
  std::vector<ListenAddress> addresses;
  Reference key;
  std::uint8_t transports = 0;  // as in dns::AccessRule
};

// Zones and what they may refer to.
struct ZonesDraft {
  std::vector<ZoneDraft> zones;
  std::vector<TemplateDraft> templates;
  std::vector<AclDraft> acls;
  std::vector<KeyDraft> keys;
  std::vector<RemoteDraft> remotes;
};

}  // namespace server
