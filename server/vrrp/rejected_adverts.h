// The rejected advertisements of one virtual router: who sent them, and why they do not count.
//
// For people: one line for the log for each sender and reason, repeated hourly; the words of `status`; and the routers
// that are only ever rejected. The entries are limited: those of configured routers displace those of other senders, so
// a flood with many source addresses cannot hide them. The cost of an advertisement is a search in at most kMax
// entries. A value; one thread. The caller passes the time.
#pragma once

#include <string>
#include <vector>

#include "server/vrrp/packet.h"

namespace server {

class RejectedAdverts {
 public:
  static constexpr std::size_t kMax = 16;
  static constexpr std::chrono::hours kRepeatInterval{1};
  static constexpr std::chrono::minutes kShownFor{10};   // in `words`
  static constexpr std::chrono::seconds kAlarmFor{60};   // after the last rejected one
  static constexpr std::uint64_t kRejectedForAlarm = 3;  // without an accepted one

  explicit RejectedAdverts(const VirtualRouterOptions& options);

  // `packet`: as given to validate_advert, or empty. A line for the log, if one is due.
  std::optional<std::string> rejected(const boost::asio::ip::address& source, AdvertReject reject, dns::Bytes packet,
                                      Instant at);
  void accepted(std::size_t router) { routers_[router].rejected = 0; }

  // "36 advertisements of rtr-b rejected: ..."; empty: none lately.
  std::string words(Instant now) const;
  // The reason why every advertisement of this router is rejected; nothing if one was accepted, or none arrives.
  std::optional<std::string> only_rejected(std::size_t router, Instant now) const;

 private:
  struct Entry {
    boost::asio::ip::address source;
    AdvertReject reject{};
    std::optional<std::size_t> router;  // configured; nothing: another sender
    std::string why;
    std::uint64_t count = 0, told = 0;
    Instant last{}, told_at{};
  };
  struct Router {
    std::uint64_t rejected = 0;  // since the last accepted one
    Instant last{};
    std::string why;
  };

  Entry* entry_for(const boost::asio::ip::address& source, AdvertReject reject, Instant at);

  const VirtualRouterOptions* options_;  // of the virtual router; stays at its address
  std::vector<Router> routers_;          // by index of the options
  std::vector<Entry> entries_;
};

// The configured router with this address.
std::optional<std::size_t> router_with(const VirtualRouterOptions& options, const boost::asio::ip::address& source);

}  // namespace server
