// What the two halves of the store share: store_load.cpp takes up what was loaded, store.cpp publishes it. One thread.
#pragma once

#include <deque>

#include "server/store/store.h"

namespace server {

// One load or overlay in progress.
struct Store::Update {
  struct ReportedZone {
    ZoneReport report;
    const Entry* entry;  // null: removed
  };
  LoadObserver& observer;
  Zones::iterator insert_hint{};  // of a load: behind the entry that was added last, because zones come in order
  LoadSummary summary{};
  std::deque<ReportedZone> reports{};
  std::vector<std::shared_ptr<const dns::Zone>> added{};
  std::vector<dns::Name> removed{};
};

// A zone without records, in place of one that could not be loaded.
std::shared_ptr<const dns::Zone> placeholder(dns::NameView apex);

// Of all files of a zone; never 0.
std::uint64_t file_hash(const std::vector<ReadFile>& files);

}  // namespace server
