// The journal of one managed zone: what was published, on the disk, so that no serial is used twice.
//
//     record    append the step (survives the end of the process) -> publish -> sync on the syncer's thread (survives a
//               loss of power)
//     reserve   serials up to a ceiling are synced as "may have been published" long before they are used
//
//     after the end of the process       the journal has the last step: continue exactly
//     after a loss of power              later steps may be lost: continue behind the ceiling
//     after a failed write               the header has a flag (in place, needs no space): continue behind the ceiling
//
// So publishing a decision waits for a write to memory and not for the disk. The price is that the serial jumps by at
// most kReserve after a loss of power (NOTES.md). A journal that has grown, or could not be written, is rewritten
// beside the old one and renamed over it. The last steps are kept as history for incremental transfers. The writer's
// thread. Nothing throws; the text of a failure is in `error`.
#pragma once

#include <deque>

#include "server/journal/syncer.h"

namespace server {

inline constexpr std::uint32_t kReserve = 256;             // serials that may be published before the next sync
inline constexpr std::size_t kRewriteOctets = 1 << 20;     // a journal may grow by this, or by twice its state
inline constexpr std::size_t kHistoryOctets = 256 * 1024;  // of steps that a rewrite keeps
inline constexpr std::size_t kHistorySteps = 1024;

// The file name of a zone's journal: the apex in lower case; octets other than letters, digits, '-' and '_' as %XX.
std::string journal_name(const dns::Name& apex);

class ZoneJournal {
 public:
  struct Context {
    Disk& disk;
    Syncer& syncer;
    std::string boot_id;
  };

  // For a zone that is managed for the first time. The journal is synced when this returns. `state` needs no ceiling.
  static DiskResult<std::unique_ptr<ZoneJournal>> create(const Context& context, JournalState state);
  // Reads and syncs the journal of an earlier process. The caller syncs the directory.
  static DiskResult<std::unique_ptr<ZoneJournal>> recover(const Context& context, const std::string& name);

  const JournalState& state() const { return state_; }
  // Steps after the state may be lost whose serials were published. The next serial must be later than the ceiling.
  // Until the next `record`.
  bool has_lost_steps() const { return has_lost_steps_; }

  // Whether `serial` may be published. Waits for the disk only if the reserve is used up, which happens only if the
  // disk fails or is very slow.
  bool may_publish(dns::Serial serial);
  // Call it just before `step` is published. After a failed write it retries later, and `error` has the text.
  void record(const JournalStep& step);
  // Sets the RRsets in `step` that lead from the present state to `overridden`.
  void set_overridden(JournalStep& step, const OverriddenRrsets& overridden) const;

  // Takes the results of the syncer and retries what failed. Cheap; call it regularly.
  void maintain();
  // Syncs everything and marks the journal as closed cleanly.
  void close();
  // The text of a failure while something cannot be written; else empty.
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
  std::shared_ptr<DiskFile> file_;            // shared with the syncer's jobs
  std::shared_ptr<SyncResults> sync_status_;  // shared with the syncer's jobs
  JournalState state_;
  std::uint64_t length_ = 0, rewritten_length_ = 0;
  dns::Serial synced_ceiling_;  // may be published; state_.ceiling may not be synced yet
  std::deque<Octets> history_;  // the last steps
  std::size_t history_octets_ = 0;
  std::vector<Octets> records_since_rewrite_;  // since the rewrite in progress was requested
  std::uint64_t rewriting_length_ = 0;
  dns::Serial rewriting_ceiling_;
  bool rewriting_ = false;
  bool rewriting_flagged_ = false;
  bool flagged_ = false;        // the header of `file_` says that serials are lost
  bool append_failed_ = false;  // `file_` cannot be appended to: it must be rewritten
  bool has_lost_steps_ = false;
  std::string error_;
};

}  // namespace server
