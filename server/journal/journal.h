// The journal of one managed zone: what was published, on the disk, so that no serial is used twice.
//
//     record    append the step (survives the end of the process) -> publish -> sync on the syncer's thread (survives a
//               loss of power)
//     reserve   serials up to a ceiling are synced as "may have been published" long before they are used
//
//     after the end of the process       the journal has the last step: continue exactly
//     after a loss of power              later steps may be lost: continue behind the ceiling
//     with a torn or damaged end         the same
//     after a failed write               the header has a flag (in place, needs no space): continue behind the ceiling
//
// So publishing a decision waits for a write to memory and not for the disk. The price is that the serial jumps by at
// most kReserve after a loss of power (NOTES.md). A journal that has grown, or could not be written, is rewritten
// beside the old one and renamed over it. The last steps are kept as history for incremental transfers. The writer's
// thread. Nothing throws but std::bad_alloc; the text of a failure is in `error`.
#pragma once

#include <deque>
#include <optional>
#include <string_view>

#include "server/journal/syncer.h"

namespace server {

inline constexpr std::uint32_t kReserve = 256;  // serials that may be published before the next sync
// How much later the serial of a zone becomes whose journal is damaged: more than a journal is likely to have counted,
// and less than a week of serials of the form YYYYMMDDnn.
inline constexpr std::uint32_t kLostSerials = 65'536;
inline constexpr std::size_t kRewriteOctets = 1 << 20;     // a journal may grow by this, or by twice its state
inline constexpr std::size_t kHistoryOctets = 256 * 1024;  // of steps that a rewrite keeps
inline constexpr std::size_t kHistorySteps = 1024;

// The file name of a zone's journal: the apex in lower case; octets other than letters, digits, '-' and '_' as %XX.
std::string journal_name(const dns::Name& apex);
// The apex of a file name that `journal_name` makes. Nothing for other names, and for those that were cut.
std::optional<dns::Name> apex_of_journal(std::string_view name);

class ZoneJournal {
 public:
  struct Context {
    Disk& disk;
    Syncer& syncer;
    std::string boot_id;
  };

  // For a zone that is managed for the first time. `may_publish` is false until the syncer has written it. `state`
  // needs no ceiling.
  static std::unique_ptr<ZoneJournal> create(const Context& context, JournalState state);
  // Takes over the journal of an earlier process, from its octets, and syncs it. The caller syncs the directory. An
  // error means that the octets are no journal. Where the disk does not take what must be written, `error` has that.
  static DiskResult<std::unique_ptr<ZoneJournal>> recover(const Context& context, const std::string& name,
                                                          dns::Bytes octets);

  const JournalState& state() const { return state_; }
  // Steps after the state may be lost whose serials were published. The next serial must be later than the ceiling.
  // Until the next `record`.
  bool has_lost_steps() const { return has_lost_steps_; }

  // `recover` found damage that no end of a process and no loss of power explains.
  bool damaged() const { return damaged_; }

  // Whether `serial` may be published. It never waits: if the reserve is used up, which happens only if the disk fails
  // or is very slow, or the journal is new, it asks the syncer for more, and the caller tries again later.
  bool may_publish(dns::Serial serial);
  // Call it just before `step` is published. After a failed write it retries later, and `error` has the text.
  // `overridden`: after the step.
  void record(const JournalStep& step, const OverriddenRrsets& overridden);
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
  void finish_recovery(const JournalContents& contents, std::size_t cut);
  DiskResult<void> write_recovery(const JournalContents& contents, std::size_t cut);
  Octets serialize() const;
  void write(const JournalStep& step, const OverriddenRrsets& overridden);
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
  bool damaged_ = false;
  std::string error_;
};

}  // namespace server
