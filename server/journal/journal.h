// The journal of one steered zone: what was published, on the disk, so that no serial is ever given out twice.
//
//     record    append the step (survives our end) -> publish -> sync on the syncer's thread (survives the loss of
//     power) reserve   serials up to a ceiling are synced as "may have been given out" long before they are
//
//     after the end of the process       the last step stands in the journal: continue exactly
//     after a loss of power              later steps may be lost: continue behind the ceiling
//     after a write that failed          the header says so (in place, which needs no room): continue behind the
//     ceiling
//
// So the way from a decision to its answer waits for a write into memory, and not for the disk; the price is a jump of
// at most kReserve serials after a loss of power (NOTES.md). A journal that grew, or could not be written, is rewritten
// beside the old one and renamed over it; the last steps are kept, as history for incremental transfers. The writer's
// thread. Nothing here throws; what goes wrong is kept as words in `error`.
#pragma once

#include <deque>

#include "server/journal/syncer.h"

namespace server {

inline constexpr std::uint32_t kReserve = 256;             // serials that may be given out before the next sync
inline constexpr std::size_t kRewriteOctets = 1 << 20;     // a journal may grow by so much, or by its state twice
inline constexpr std::size_t kHistoryOctets = 256 * 1024;  // of steps that a rewriting keeps
inline constexpr std::size_t kHistorySteps = 1024;

// The file of a zone's journal: its name, folded; octets that are no letters, digits, '-' or '_' as %XX.
std::string journal_name(const dns::Name& apex);

class ZoneJournal {
 public:
  struct Context {
    Disk& disk;
    Syncer& syncer;
    std::string boot_id;
  };

  // A zone that is steered for the first time: on the disk when this returns. Its state has no ceiling yet.
  static DiskResult<std::unique_ptr<ZoneJournal>> create(const Context& context, JournalState state);
  // What an earlier process left, synced. The directory is the caller's to sync.
  static DiskResult<std::unique_ptr<ZoneJournal>> recover(const Context& context, const std::string& name);

  const JournalState& state() const { return state_; }
  // Serials after the state's may have been given out with content that is lost: what is published next must be later
  // than the ceiling. Until the next `record`.
  bool has_lost_steps() const { return has_lost_steps_; }

  // Whether `serial` may be given out. Waits for the disk where the reserve is used up, which a disk that works
  // prevents.
  bool may_publish(dns::Serial serial);
  // Just before `step` is published. Where it cannot be written it will be tried again, and `error` says so.
  void record(const JournalStep& step);
  // What a step must carry so that `overridden` lies over the zone after it.
  void set_overridden(JournalStep& step, const OverriddenRrsets& overridden) const;

  // Takes up what the syncer did and mends what failed. Cheap; now and then.
  void maintain();
  // Synced to the end, and so marked.
  void close();
  // Words for a person while something does not reach the disk; else empty.
  const std::string& error() const { return error_; }

 private:
  ZoneJournal(const Context& context, std::string name, std::shared_ptr<DiskFile> file, JournalState state);
  DiskResult<void> finish_recovery(const JournalContents& contents, std::size_t cut);
  Octets serialize() const;
  bool append(const Octets& record);
  void set_append_failed(const std::string& error);
  void reserve(dns::Serial above);
  void request_rewrite();
  void install_rewritten(std::shared_ptr<DiskFile> file);
  void keep_in_history(Octets record);

  Context context_;
  std::string name_;
  std::shared_ptr<DiskFile> file_;           // shared with the syncer's jobs
  std::shared_ptr<SyncStatus> sync_status_;  // shared with the syncer's jobs
  JournalState state_;
  std::uint64_t length_ = 0, rewritten_length_ = 0;
  dns::Serial synced_ceiling_;  // what may be given out; state_.ceiling is what was asked for
  std::deque<Octets> history_;  // the last steps
  std::size_t history_octets_ = 0;
  std::vector<Octets> records_since_rewrite_;  // since the rewrite in progress was requested
  std::uint64_t rewriting_length_ = 0;
  dns::Serial rewriting_ceiling_;
  bool rewriting_ = false;
  bool rewriting_flagged_ = false;
  bool flagged_ = false;        // the header of `file_` tells the next recovery that serials are lost
  bool append_failed_ = false;  // `file_` cannot be appended to: only a new one will do
  bool has_lost_steps_ = false;
  std::string error_;
};

}  // namespace server
