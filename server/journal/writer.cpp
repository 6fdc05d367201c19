#include "server/journal/writer.h"

#include <algorithm>
#include <new>
#include <utility>

#include "server/runtime/thread.h"

namespace server {
namespace {

constexpr std::uint64_t kMinGrowth = 4UL << 20;  // octets of changes before the next checkpoint
constexpr std::size_t kMaxSegments = 16;         // many starts leave many small ones
constexpr std::size_t kPiece = 512UL << 10;      // octets of a checkpoint that are in memory at once

// Writes a checkpoint record by record, so that only a piece of it is in memory.
class CheckpointWriter {
 public:
  CheckpointWriter(DiskFile& file, const SegmentHeader& header) : file_(file), checksum_(header.previous) {
    octets_.reserve(kPiece / 4 * 5);
    const Octets front = encode_header(header);
    octets_.assign(front.begin(), front.end());
  }
  void add(const JournalRecord& record) {
    checksum_ = append_record(octets_, checksum_, record);
    if (octets_.size() >= kPiece) flush();
  }
  // The octets of the whole file.
  DiskResult<std::uint64_t> finish() {
    flush();
    if (result_) result_ = file_.sync();
    if (!result_) return dns::Failure<std::string>(result_.error());
    return size_;
  }

 private:
  void flush() {
    if (result_) result_ = file_.append(octets_);
    size_ += octets_.size();
    octets_.clear();
  }

  DiskFile& file_;
  std::uint64_t checksum_, size_ = 0;
  Octets octets_;
  DiskResult<void> result_;
};

}  // namespace

JournalWriter::JournalWriter(Disk& disk, Recovery recovery)
    : disk_(disk),
      contents_(std::move(recovery.contents)),
      checksum_(recovery.last_checksum),
      number_(recovery.next_number),
      replaced_(std::move(recovery.segments)),
      damaged_(std::move(recovery.damaged)),
      growth_limit_(kMinGrowth),
      complete_(!recovery.needs_checkpoint && replaced_.size() <= kMaxSegments),
      clean_(recovery.clean) {
  std::ranges::move(recovery.taken_over, std::back_inserter(replaced_));
  std::erase_if(contents_.zones, [](const auto& zone) { return zone.second.serial_unknown; });
}

DiskResult<void> JournalWriter::start(std::function<void()> on_progress) {
  on_progress_ = std::move(on_progress);
  auto thread = start_thread({"journal", std::nullopt, 0}, [this] { run(); });
  if (!thread) return dns::Failure(thread.error());
  thread_ = std::move(*thread);
  return {};
}

void JournalWriter::post(JournalRecord record, JournalPosition position) {
  requests_.post([&](Requests& requests) { requests.records.push_back({std::move(record), position}); });
}

void JournalWriter::tend() {
  requests_.post([](Requests& requests) { requests.tend = true; });
}

void JournalWriter::close() {
  requests_.post([](Requests& requests) { requests.close = true; });
}

JournalWriter::Progress JournalWriter::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

void JournalWriter::settle() {
  if (thread_.joinable()) return;
  while (std::optional<Requests> requests = requests_.take_for({})) (void)do_round(std::move(*requests));
}

void JournalWriter::wait_until_idle() {
  settle();
  if (thread_.joinable()) requests_.wait_until_idle();
}

bool JournalWriter::wait_until_idle(std::chrono::milliseconds timeout) {
  settle();
  return !thread_.joinable() || requests_.wait_until_idle(timeout);
}

void JournalWriter::run() {
  while (std::optional<Requests> requests = requests_.take()) {
    if (do_round(std::move(*requests))) on_progress_();
  }
}

bool JournalWriter::do_round(Requests requests) {
  const bool reserves = std::ranges::any_of(requests.records, [](const Request& request) {
    return std::holds_alternative<ReservationsRecord>(request.record) ||
           std::holds_alternative<OpenRecord>(request.record);
  });
  const bool in_place = !requests.tend || disk_.is_in_place();
  DiskResult<void> result;
  try {
    waiting_.splice(waiting_.end(), requests.records);
    result = write(requests);
  } catch (const std::bad_alloc&) {
    complete_ = false;
    result = dns::Failure<std::string>("no memory");  // a text this short needs none
  }
  const std::lock_guard lock(mutex_);
  const JournalPosition before = progress_.written;
  if (complete_ && waiting_.empty()) progress_.written = done_;
  if (requests.tend) progress_.in_place = in_place;
  if (!result) progress_.error = std::move(result.error());
  else if (complete_) progress_.error.clear();
  // After a failure, what was reserved earlier is written now.
  return reserves || (requests.tend && progress_.written != before);
}

DiskResult<void> JournalWriter::write(const Requests& requests) {
  const bool was_complete = complete_;
  DiskResult<void> result = append_waiting();
  const bool now = was_complete || requests.tend || requests.close;
  if ((!complete_ && now) || grown_ > growth_limit_) result = write_checkpoint();
  if (requests.close && complete_ && !clean_) {
    Octets octets = begin();
    checksum_ = append_record(octets, checksum_, CleanRecord{});
    result = append(octets);
    clean_ = result.has_value();
  }
  return result;
}

// All that waits becomes one append and one sync. What is in `contents_` and not in the segments, because something
// has failed, is in the next checkpoint.
DiskResult<void> JournalWriter::append_waiting() {
  if (waiting_.empty()) return {};
  const bool was_complete = std::exchange(complete_, false);
  Octets octets;
  if (was_complete) octets = begin();
  for (; !waiting_.empty(); waiting_.pop_front()) {
    if (was_complete) checksum_ = append_record(octets, checksum_, waiting_.front().record);
    apply_record(contents_, waiting_.front().record);
    done_ = waiting_.front().position;
  }
  if (!was_complete) return {};
  DiskResult<void> result = append(octets);
  complete_ = result.has_value();
  return result;
}

// What the next append begins with: nothing, or the header and first record of a new segment.
Octets JournalWriter::begin() {
  Octets octets;
  if (file_ != nullptr) return octets;
  octets = encode_header({number_, checksum_, SegmentKind::kChanges});
  checksum_ = append_record(octets, checksum_, OpenRecord{});
  return octets;
}

DiskResult<void> JournalWriter::append(const Octets& octets) {
  clean_ = false;
  const bool is_new = file_ == nullptr;
  if (is_new) {
    const std::string name = segment_name({number_++, 0, SegmentKind::kChanges});
    auto created = disk_.create(name);
    if (!created) return dns::Failure<std::string>(created.error());
    replaced_.push_back(name);
    file_ = std::move(*created);
  }
  DiskResult<void> result = file_->append(octets);
  if (result) result = file_->sync();
  if (result && is_new) result = disk_.sync_directory();
  if (result) grown_ += octets.size();
  else file_ = nullptr;  // what it has is not known
  return result;
}

DiskResult<void> JournalWriter::write_checkpoint() {
  growth_limit_ += kMinGrowth;  // if it fails: not at each round
  const SegmentHeader header{number_++, checksum_, SegmentKind::kCheckpoint};
  const std::string name = segment_name(header), temporary = temporary_name(name);
  DiskResult<std::uint64_t> size = write_contents(temporary, header);
  DiskResult<void> result = size ? disk_.rename(temporary, name) : dns::Failure<std::string>(size.error());
  if (!result) {
    (void)disk_.remove(temporary);  // the next start tries again
    return result;
  }
  replaced_.push_back(name);
  if (result = disk_.sync_directory(); !result) return result;
  complete_ = true;
  clean_ = false;
  file_ = nullptr;
  grown_ = 0;
  growth_limit_ = std::max(kMinGrowth, 2 * *size);
  replaced_.pop_back();
  remove_replaced();
  replaced_.push_back(name);
  return {};
}

// Returns the octets of the file.
DiskResult<std::uint64_t> JournalWriter::write_contents(const std::string& name, const SegmentHeader& header) {
  const auto file = disk_.create(name);
  if (!file) return dns::Failure<std::string>(file.error());
  CheckpointWriter writer(**file, header);
  if (!contents_.views.empty()) writer.add(ViewsRecord{contents_.views});
  IndexRecord index;
  for (const auto& [apex, zone] : contents_.zones) {
    const auto steps = zone.history.steps();
    writer.add(ZoneRecord{zone.state, {steps.begin(), steps.end()}});
    index.zones.push_back({apex, zone.state.managed, zone.state.managed ? zone.state.ceiling : zone.state.serial});
  }
  writer.add(std::move(index));
  return writer.finish();
}

// A file that cannot be removed stays: the next start passes over it.
void JournalWriter::remove_replaced() {
  for (const std::string& name : replaced_) {
    if (std::ranges::find(damaged_, name) != damaged_.end()) (void)disk_.rename(name, damaged_name(name));
    else (void)disk_.remove(name);
  }
  replaced_.clear();
  damaged_.clear();
}

}  // namespace server
