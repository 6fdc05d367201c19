// What steers records: links, SLA classes, views, and the managed names with their members. `[steering] [link.*]
// [sla.*] [view.*] [[record]]`
//
// Names are resolved by the reader of the configuration: what refers to another part holds its index, so that nothing
// here can name what is not there. All lists keep the operator's order, which decides among equals.
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

// A path to the outside or between sites. Classes are labels with an order of trust and quality that the operator may
// override.
enum class LinkClass : std::uint8_t { kMpls, kIpVpn, kSdWan, kInternetVpn, kInternet, kLte, kAtm };

struct LinkOptions {
  std::string name;
  LinkClass link_class = LinkClass::kInternet;
  std::uint32_t cost = 0;     // lower is preferred
  std::uint32_t quality = 0;  // rank, lower is better; 0: as its class ranks
  bool last_resort = false;   // used only where every other member is down, not merely degraded
  std::optional<std::chrono::year_month_day> deprecated;  // `check` warns while in use, and is an error after it
  std::vector<CheckOptions>
      probes;  // one a target; source, device and DSCP are in them. Empty: up as long as nobody says otherwise
  unsigned reliability = 1;  // targets that must answer for the link to be up

  friend bool operator==(const LinkOptions&, const LinkOptions&) = default;
};

// A bound that is entered at `bad` and left at `good`.
struct Bounds {
  double bad = 0, good = 0;  // seconds; for loss 0 to 1

  friend bool operator==(const Bounds&, const Bounds&) = default;
};

struct SlaOptions {
  std::string name;
  std::optional<Bounds> latency, jitter, loss;
  unsigned bad_windows = 3, good_windows = 5;  // decision ticks in a row that enter and leave the violation

  friend bool operator==(const SlaOptions&, const SlaOptions&) = default;
};

enum class Policy : std::uint8_t {
  kFailover,       // the first usable member
  kWeighted,       // by weight, sticky by client
  kAll,            // every usable member
  kLowestCostSla,  // the cheapest link that meets the SLA
  kBestQuality,    // the best measured (SLA met first, then latency, jitter, loss together)
  kStatic,         // the members as written, or NODATA where there are none: for views
};

enum class Prefer : std::uint8_t { kOrder, kQuality, kCost };  // in which order kFailover tries members
enum class Pick : std::uint8_t { kOne, kAll };                 // kWeighted: one address to a client, or all that are up
enum class AllDown : std::uint8_t { kLastGood, kAll, kNodata, kDefault };  // kLastGood: for `all_down_hold`, then all
enum class IfNone : std::uint8_t { kBestEffort, kLastResort, kNodata };    // no member meets the SLA
enum class TransferAs : std::uint8_t { kAll, kBest };  // what a plain client of another server sees of a weighted set
enum class RouterNeed : std::uint8_t {
  kActive,     // the member's router is the active one
  kHasActive,  // the virtual router has an active router, whichever
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
  std::vector<CheckOptions> checks;                 // of the service behind it; all must be up
  std::uint32_t weight = 1;

  friend bool operator==(const MemberOptions&, const MemberOptions&) = default;
};

struct Migration {
  std::size_t from = 0, to = 0;  // members
  unsigned percent = 0;          // of clients that are sent to `to`: 0 to 100

  friend bool operator==(const Migration&, const Migration&) = default;
};

// One managed set: a name, a family, and possibly a view. A name may have several records, one a view, and one without.
struct RecordOptions {
  dns::Name owner;
  dns::Type type{};                 // A or AAAA
  std::optional<std::size_t> view;  // index in SteeringOptions::views; none: for clients of no other record's view
  Policy policy = Policy::kFailover;
  Prefer prefer = Prefer::kOrder;
  Pick pick = Pick::kOne;
  bool sticky = true;
  TransferAs transfer_as = TransferAs::kAll;
  std::vector<LinkClass> allowed_classes;  // `min-class`; empty: all. Others are never answered, whatever is down
  std::optional<std::size_t> sla;          // index in SteeringOptions::sla_classes
  IfNone if_none = IfNone::kBestEffort;
  AllDown all_down = AllDown::kLastGood;
  Duration all_down_hold = std::chrono::minutes{10};
  unsigned min_up = 1;                      // fewer usable members than this: as all down
  std::uint32_t ttl_max = 30, ttl_min = 5;  // seconds
  Duration hold_down{};                     // a chosen member stays chosen for at least so long, unless it is down
  Duration failback_delay = std::chrono::seconds{60};  // a better member must have been usable for so long; so must one
                                                       // whose router took over again. 0: back at once
  unsigned damp_transitions = 6;  // changes within `damp_within` that freeze the record for `damp_hold`
  Duration damp_within = std::chrono::minutes{10};
  Duration damp_hold = std::chrono::minutes{5};
  std::optional<Migration> migrate;
  std::vector<MemberOptions> members;  // empty only for kStatic: NODATA

  friend bool operator==(const RecordOptions&, const RecordOptions&) = default;
};

enum class SteeringMode : std::uint8_t {
  kAct,
  kObserve,  // decides and logs; the zone files' own sets are served
};

struct SteeringOptions {
  SteeringMode mode = SteeringMode::kAct;
  Duration initial_round =
      std::chrono::seconds{3};  // at most so long is waited for first results before the first answer
  std::vector<VirtualRouterOptions> virtual_routers;
  std::vector<LinkOptions> links;
  std::vector<SlaOptions> sla_classes;
  std::vector<dns::View> views;
  std::vector<RecordOptions> records;

  bool empty() const { return records.empty(); }
  friend bool operator==(const SteeringOptions&, const SteeringOptions&) = default;
};

// "www.example.com/A", "www.example.com/A@closed": how people and files name a record.
std::string record_name(const SteeringOptions& options, std::size_t record);

}  // namespace server
