// The failover configuration: links, SLA classes, views, and the managed records with their members. `[steering]
// [link.*] [sla.*] [view.*] [[record]]`
//
// The configuration reader resolves names to indices, so a reference always points to an existing object. All lists
// keep the order of the file; it decides between equal candidates.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "server/probe/options.h"
#include "server/vrrp/options.h"
#include "zone/snapshot/views.h"

namespace server {

// A path to the outside or between sites. Classes are labels with a default order of trust and quality that the
// operator can override.
enum class LinkClass : std::uint8_t { kMpls, kIpVpn, kSdWan, kInternetVpn, kInternet, kLte, kAtm };

struct LinkOptions {
  std::string name;
  LinkClass link_class = LinkClass::kInternet;
  std::uint32_t cost = 0;     // lower is preferred
  std::uint32_t quality = 0;  // rank, lower is better; 0: the rank of its class
  bool last_resort = false;   // used only if every other member is down (not if they are degraded)
  // The check warns while the link is in use, and reports an error after this date.
  std::optional<std::chrono::year_month_day> deprecated;
  // One per target, with source, device and DSCP. Empty: up unless an override says otherwise.
  std::vector<CheckOptions> probes;
  unsigned reliability = 1;  // targets that must answer for the link to be up

  friend bool operator==(const LinkOptions&, const LinkOptions&) = default;
};

// A value at `bad` or over it violates the bound. A value at `good` or below it meets the bound again.
struct Bounds {
  double bad = 0, good = 0;  // seconds; for loss 0 to 1

  friend bool operator==(const Bounds&, const Bounds&) = default;
};

struct SlaOptions {
  std::string name;
  std::optional<Bounds> latency, jitter, loss;
  unsigned bad_windows = 3, good_windows = 5;  // decision ticks in a row that begin and end a violation

  friend bool operator==(const SlaOptions&, const SlaOptions&) = default;
};

enum class Policy : std::uint8_t {
  kFailover,       // the first usable member
  kWeighted,       // by weight; a client keeps its member
  kAll,            // every usable member
  kLowestCostSla,  // the cheapest link that meets the SLA
  kBestQuality,    // the best measured member (SLA met first, then latency, jitter and loss together)
  kStatic,         // the members as written, or NODATA if there are none: for views
};

enum class Prefer : std::uint8_t { kOrder, kQuality, kCost };  // the order in which kFailover tries members
enum class Pick : std::uint8_t { kOne, kAll };                 // kWeighted: one address per client, or all usable ones
enum class AllDown : std::uint8_t { kLastGood, kAll, kNodata, kDefault };  // kLastGood: for `all_down_hold`, then all
enum class IfNone : std::uint8_t { kBestEffort, kLastResort, kNodata };    // if no member meets the SLA
enum class TransferAs : std::uint8_t { kAll, kBest };  // what a transfer by another server shows of a weighted set
enum class RouterNeed : std::uint8_t {
  kActive,     // the member's router is the active one
  kHasActive,  // the virtual router has an active router, no matter which
};

struct RouterRequirement {
  std::size_t virtual_router = 0;  // index in SteeringOptions::virtual_routers
  RouterNeed need = RouterNeed::kActive;
  std::size_t router = 0;  // kActive: index in its `routers`

  friend bool operator==(const RouterRequirement&, const RouterRequirement&) = default;
};

struct MemberOptions {
  std::string name;
  std::vector<boost::asio::ip::address> addresses;  // of the record's family; at least one
  std::vector<RouterRequirement> routers;           // all must hold
  std::optional<std::size_t> link;                  // index in SteeringOptions::links
  std::vector<CheckOptions> checks;                 // of the service itself; all must be up
  std::uint32_t weight = 1;

  friend bool operator==(const MemberOptions&, const MemberOptions&) = default;
};

struct Migration {
  std::size_t from = 0, to = 0;  // members
  unsigned percent = 0;          // of clients that are moved to `to`: 0 to 100

  friend bool operator==(const Migration&, const Migration&) = default;
};

// One managed RRset: a name, a type, and optionally a view. A name may have several records: one per view and one
// without a view.
struct RecordOptions {
  dns::Name owner;
  dns::Type type{};  // A or AAAA
  // Index in SteeringOptions::views; none: for clients that are in no view of this name.
  std::optional<std::size_t> view;
  Policy policy = Policy::kFailover;
  Prefer prefer = Prefer::kOrder;
  Pick pick = Pick::kOne;
  bool sticky = true;
  TransferAs transfer_as = TransferAs::kAll;
  // `min-class`; empty: all. Members of other classes are never served, whatever is down.
  std::vector<LinkClass> allowed_classes;
  std::optional<std::size_t> sla;  // index in SteeringOptions::sla_classes
  IfNone if_none = IfNone::kBestEffort;
  AllDown all_down = AllDown::kLastGood;
  Duration all_down_hold = std::chrono::minutes{10};
  unsigned min_up = 1;                      // with fewer usable members the record counts as all down
  std::uint32_t ttl_max = 30, ttl_min = 5;  // seconds
  Duration hold_down{};                     // a chosen member stays chosen for at least this time, unless it goes down
  Duration failback_delay = std::chrono::seconds{60};  // how long a better member must be usable before it is chosen,
                                                       // also if its router took over again. 0: at once
  unsigned damp_transitions = 6;  // more changes than this within `damp_within` freeze the record for `damp_hold`
  Duration damp_within = std::chrono::minutes{10};
  Duration damp_hold = std::chrono::minutes{5};
  std::optional<Migration> migrate;
  std::vector<MemberOptions> members;  // empty only for kStatic: NODATA

  friend bool operator==(const RecordOptions&, const RecordOptions&) = default;
};

enum class SteeringMode : std::uint8_t {
  kActive,
  kObserve,  // decides and logs; the zone files' records are served
};

struct SteeringOptions {
  SteeringMode mode = SteeringMode::kActive;
  Duration initial_round = std::chrono::seconds{3};  // the longest wait for the first results before the first decision
  unsigned programs = kDefaultPrograms;              // of exec monitors that run at a time
  std::vector<VirtualRouterOptions> virtual_routers;
  std::vector<LinkOptions> links;
  std::vector<SlaOptions> sla_classes;
  std::vector<dns::View> views;
  std::vector<RecordOptions> records;

  bool empty() const { return records.empty(); }
  friend bool operator==(const SteeringOptions&, const SteeringOptions&) = default;
};

// "www.example.com/A", "www.example.com/A@closed": a record's name for people and files.
std::string record_name(const SteeringOptions& options, std::size_t record);

}  // namespace server
