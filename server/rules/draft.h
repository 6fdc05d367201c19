// The steering part of a configuration as it is written: references are still names, and every key knows its place.
//
//     TOML --config/reading--> drafts --resolve--> SteeringOptions, where references are indices
//                                     --networks, answers--> faults
//
// Values; any thread.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/folder/options.h"
#include "server/policy/options.h"
#include "server/rules/codes.h"

namespace server {

// A name that refers to something, and where it stands.
struct Reference {
  std::string text;
  Mark at;

  bool given() const { return !text.empty(); }
};

// Where a section and its keys stand; "ttl.max" is the key `max` of the table `ttl`.
struct Written {
  struct Key {
    std::string_view name;
    Mark at, value;
  };

  Mark at;
  std::vector<Key> keys;   // whose values could be read
  bool faulty = false;     // some could not, so that rules about several keys have nothing to say

  bool has(std::string_view name) const { return std::ranges::find(keys, name, &Key::name) != keys.end(); }
  // Of the key itself, and of its value; the section's own where it is not given.
  Mark mark_key(std::string_view name) const {
    const auto key = std::ranges::find(keys, name, &Key::name);
    return key == keys.end() ? at : key->at;
  }
  Mark mark(std::string_view name) const {
    const auto key = std::ranges::find(keys, name, &Key::name);
    return key == keys.end() ? at : key->value;
  }
};

// Places of a list's elements, in its order.
using Marks = std::vector<Mark>;

struct RouterDraft {
  RouterOptions options;
  Mark at;
};

struct VirtualRouterDraft {
  VirtualRouterOptions options;   // without routers
  Written written;
  std::vector<RouterDraft> routers;
  Reference local_router;
  Marks vips;
};

struct MonitorDraft {
  MonitorOptions options;
  Written written;
  std::size_t type = 0;           // index in monitor_types(): https is a word of its own
};

struct LinkDraft {
  LinkOptions options;            // without probes
  Written written;
  Reference monitor;
  std::vector<boost::asio::ip::address> targets;
  Marks target_marks;
  boost::asio::ip::address source;
  std::string device;
};

struct SlaDraft {
  SlaOptions options;
  Written written;
};

struct ViewDraft {
  dns::View options;
  Written written;
  Marks clients, local;
};

struct MemberDraft {
  MemberOptions options;          // without references
  Written written;
  std::vector<Reference> routers, monitors;
  Reference link;
  Marks addresses;
  std::vector<boost::asio::ip::address> targets;
};

struct AnswerDraft {
  AnswerOptions options;          // without references and members
  Written written;
  Reference view, sla, migrate_from, migrate_to;
  std::vector<MemberDraft> members;
};

struct SteeringDraft {
  SteeringMode mode = SteeringMode::kAct;
  Duration initial_round = SteeringOptions{}.initial_round;
  std::vector<VirtualRouterDraft> virtual_routers;
  std::vector<MonitorDraft> monitors;
  std::vector<LinkDraft> links;
  std::vector<SlaDraft> sla_classes;
  std::vector<ViewDraft> views;
  std::vector<AnswerDraft> answers;
};

// A zone named by itself: `[[zone]]`.
struct ZoneDraft {
  NamedZone zone;
  Written written;
};

}  // namespace server
