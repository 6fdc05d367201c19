#include "server/journal/journal.h"

#include <algorithm>
#include <charconv>
#include <new>
#include <utility>

#include "server/journal/content_hash.h"
#include "zone/name/key.h"
#include "zone/name/text.h"

namespace server {
namespace {

constexpr std::string_view kSuffix = ".journal";
constexpr std::size_t kNameMax = 180;       // octets of a file name; a longer one is cut and gets a hash
constexpr std::size_t kMinRecordSize = 13;  // octets

void append_hex(std::string& out, std::uint64_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 15];
}

bool not_after(dns::Serial a, dns::Serial b) { return a == b || dns::later(b, a); }

}  // namespace

std::string journal_name(const dns::Name& apex) {
  const dns::Key key(apex);
  std::string name;
  for (std::size_t at = 0; at < key.folded_size; at += 1U + key.folded[at]) {
    if (at != 0) name += '.';
    for (std::size_t i = 1; i <= key.folded[at]; ++i) {
      const std::uint8_t octet = key.folded[at + i];
      const bool plain =
          (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') || octet == '-' || octet == '_';
      if (plain) name += static_cast<char>(octet);
      if (!plain) append_hex(name += '%', octet, 2);
    }
  }
  if (name.empty()) name = "%root";
  if (name.size() > kNameMax) {
    const std::uint64_t hash = content_hash(name);
    name.resize(kNameMax);
    append_hex(name += "%%", hash, 16);
  }
  return name + std::string(kSuffix);
}

std::optional<dns::Name> apex_of_journal(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  std::string text(name.substr(0, name.size() - kSuffix.size()));
  std::string escaped;  // as a zone file has it: %2e is \046
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::uint8_t octet = 0;
    const char* const digits = text.data() + at + 1;
    if (text[at] == '%' && at + 2 < text.size() && std::from_chars(digits, digits + 2, octet, 16).ptr == digits + 2) {
      escaped += '\\' + std::to_string(1000 + octet).substr(1);
      at += 2;
    } else {
      escaped += text[at];
    }
  }
  const auto apex = dns::parse_name(text == "%root" ? "." : escaped + ".");
  if (!apex || journal_name(*apex) != name) return std::nullopt;
  return *apex;
}

ZoneJournal::ZoneJournal(const Context& context, std::string name, std::shared_ptr<DiskFile> file, JournalState state)
    : context_(context),
      name_(std::move(name)),
      file_(std::move(file)),
      sync_status_(std::make_shared<SyncResults>()),
      state_(std::move(state)) {}

std::unique_ptr<ZoneJournal> ZoneJournal::create(const Context& context, JournalState state) {
  state.boot_id = context.boot_id;
  state.ceiling = {state.serial.value + kReserve};
  const std::string name = journal_name(state.apex);
  std::unique_ptr<ZoneJournal> journal(new ZoneJournal(context, name, nullptr, std::move(state)));
  journal->synced_ceiling_ = journal->state_.serial;
  journal->append_failed_ = true;  // there is no file yet: it is written like one that could not be appended to
  journal->request_rewrite();
  return journal;
}

DiskResult<std::unique_ptr<ZoneJournal>> ZoneJournal::recover(const Context& context, const std::string& name,
                                                              dns::Bytes octets) {
  JournalContents contents = read_journal(octets);
  if (!contents.state) return dns::Failure<std::string>("not a journal of this version, or damaged");
  if (journal_name(contents.state->apex) != name) return dns::Failure<std::string>("the journal of another zone");
  auto file = context.disk.open(name);
  if (!file) return dns::Failure<std::string>(file.error());
  std::unique_ptr<ZoneJournal> journal(new ZoneJournal(context, name, *file, std::move(*contents.state)));
  JournalState& state = journal->state_;
  const std::size_t cut = octets.size() - contents.length;
  // Each record that was cut may have reserved one more block.
  if (contents.damaged) state.ceiling.value += kReserve * static_cast<std::uint32_t>(cut / kMinRecordSize + 1);
  journal->damaged_ = contents.damaged;
  journal->synced_ceiling_ = state.ceiling;
  journal->length_ = contents.length;  // all of it counts as growth, so a large journal is rewritten soon
  for (const JournalStep& step : contents.steps) journal->keep_in_history(encode_step(step));
  journal->finish_recovery(contents, cut);
  return journal;
}

void ZoneJournal::finish_recovery(const JournalContents& contents, std::size_t cut) {
  const bool same_boot = !context_.boot_id.empty() && state_.boot_id == context_.boot_id;
  has_lost_steps_ = flagged_ = contents.incomplete || cut != 0 || (!same_boot && !contents.clean);
  if (const auto done = write_recovery(contents, cut); !done) set_append_failed(done.error());
  // What was read may be in the kernel's cache only: its reserve cannot be relied on.
  if (const auto done = file_->sync(); !done) {
    set_append_failed(done.error());
    synced_ceiling_ = state_.serial;
  }
}

// Writes what the next recovery must know, even if nothing is published until then.
DiskResult<void> ZoneJournal::write_recovery(const JournalContents& contents, std::size_t cut) {
  const bool same_boot = !context_.boot_id.empty() && state_.boot_id == context_.boot_id;
  const std::uint8_t flag = 1;
  DiskResult<void> done;
  if (has_lost_steps_) done = file_->overwrite(kIncompleteAt, {&flag, 1});  // before the damaged end is cut off
  if (done && cut != 0) done = file_->truncate(contents.length);
  if (!done) return done;
  if (!same_boot || contents.clean) {  // else the clean end would be valid after a loss of power
    state_.boot_id = context_.boot_id;
    (void)append(encode_boot_id(state_.boot_id));  // its failure is in `error_`
  }
  return {};
}

bool ZoneJournal::may_publish(dns::Serial serial) {
  maintain();
  if (not_after(serial, synced_ceiling_)) return true;
  if (not_after(state_.ceiling, serial)) {  // else enough is asked for already
    if (!append_failed_) reserve(serial);
    if (append_failed_) {
      state_.ceiling = {serial.value + kReserve};
      request_rewrite();
    }
  }
  for (int job = 0; job < 2; ++job) {  // first a new file is written, then it is synced under its name
    context_.syncer.settle();
    maintain();
  }
  return not_after(serial, synced_ceiling_);
}

void ZoneJournal::record(const JournalStep& step, const OverriddenRrsets& overridden) {
  try {
    write(step, overridden);
  } catch (const std::bad_alloc&) {
    set_append_failed("no memory");  // all of the state is written again
    throw;
  }
}

void ZoneJournal::write(const JournalStep& step, const OverriddenRrsets& overridden) {
  apply_step(state_, step, overridden);  // the store's object: the next `set_overridden` passes over what it shares
  has_lost_steps_ = false;
  Octets octets = encode_step(step);
  if (rewriting_) records_since_rewrite_.push_back(octets);
  if (!append_failed_ && append(octets)) context_.syncer.sync({file_, sync_status_, std::nullopt});
  keep_in_history(std::move(octets));
  if (!append_failed_ && state_.ceiling.value - state_.serial.value < kReserve / 2) reserve(state_.serial);
  if (append_failed_ || flagged_ ||
      length_ - rewritten_length_ > std::max<std::uint64_t>(kRewriteOctets, 2 * rewritten_length_))
    request_rewrite();
}

void ZoneJournal::set_overridden(JournalStep& step, const OverriddenRrsets& overridden) const {
  const auto add = [&](const OverriddenRrsetPtr& before, const OverriddenRrsetPtr& after) {
    if (after == nullptr) step.restored.emplace_back(before->owner, before->type);
    else if (before == nullptr || !serve_same(*before, *after)) step.overridden.push_back(after);
  };
  OverriddenRrsets::for_each_difference(state_.overridden, overridden, add);
}

void ZoneJournal::maintain() {
  SyncResults::Outcome outcome = sync_status_->take();
  if (outcome.ceiling) synced_ceiling_ = *outcome.ceiling;
  if (outcome.rewrite_failed) {
    rewriting_ = false;
    error_ = outcome.error;
  } else if (!outcome.error.empty()) {
    set_append_failed(outcome.error);
  }
  if (outcome.rewritten != nullptr) install_rewritten(std::move(outcome.rewritten));
  if (append_failed_) request_rewrite();
}

void ZoneJournal::close() {
  context_.syncer.wait_until_idle();
  maintain();
  context_.syncer.wait_until_idle();
  maintain();
  if (append_failed_ || !append(encode_clean())) return;
  context_.syncer.sync({file_, sync_status_, state_.ceiling});
}

// The content of a new file: the last steps as history, then the state.
Octets ZoneJournal::serialize() const {
  Octets octets = encode_header();
  octets[kIncompleteAt] = has_lost_steps_ ? 1 : 0;
  for (const Octets& step : history_) octets.insert(octets.end(), step.begin(), step.end());
  const Octets state = encode_state(state_);
  octets.insert(octets.end(), state.begin(), state.end());
  return octets;
}

bool ZoneJournal::append(const Octets& record) {
  if (const auto done = file_->append(record); !done) {
    (void)file_->truncate(length_);  // if this fails, the next recovery cuts it
    set_append_failed(done.error());
    return false;
  }
  length_ += record.size();
  return true;
}

void ZoneJournal::set_append_failed(const std::string& error) {
  error_ = error;
  if (append_failed_) return;
  append_failed_ = true;
  const std::uint8_t flag = 1;
  (void)file_->overwrite(kIncompleteAt, {&flag, 1});  // in place; nothing can be done if this fails too
}

void ZoneJournal::reserve(dns::Serial above) {
  const dns::Serial ceiling{above.value + kReserve};
  Octets record = encode_reserve(ceiling);
  const bool appended = append(record);
  state_.ceiling = ceiling;
  if (appended) context_.syncer.sync({file_, sync_status_, ceiling});
  if (rewriting_) records_since_rewrite_.push_back(std::move(record));
}

void ZoneJournal::request_rewrite() {
  if (std::exchange(rewriting_, true)) return;
  // Reserve enough for the steps that follow while the new file is written: after a new reserve it would have to be
  // written again.
  if (!dns::later(state_.ceiling, {state_.serial.value + kReserve})) state_.ceiling = {state_.serial.value + kReserve};
  records_since_rewrite_.clear();
  rewriting_ceiling_ = state_.ceiling;
  Octets octets = serialize();
  rewriting_length_ = octets.size();
  rewriting_flagged_ = has_lost_steps_;
  context_.syncer.rewrite({temporary_name(name_), std::move(octets), sync_status_});
}

// The new file has all records up to the request. The later ones are appended, then it replaces the old file.
void ZoneJournal::install_rewritten(std::shared_ptr<DiskFile> file) {
  rewriting_ = false;
  if (rewriting_ceiling_ != state_.ceiling)
    return request_rewrite();  // reserved in the old file and not synced in this one
  Octets added;
  for (const Octets& record : records_since_rewrite_) added.insert(added.end(), record.begin(), record.end());
  DiskResult<void> done = file->append(added);
  if (done) done = context_.disk.rename(temporary_name(name_), name_);
  if (!done) return set_append_failed(done.error());
  file_ = std::move(file);
  sync_status_ = std::make_shared<SyncResults>();  // outcomes for the old file do not matter any more
  length_ = rewriting_length_ + added.size();
  rewritten_length_ = rewriting_length_;
  flagged_ = rewriting_flagged_;
  append_failed_ = false;
  error_.clear();
  context_.syncer.sync({file_, sync_status_, state_.ceiling});
}

void ZoneJournal::keep_in_history(Octets record) {
  history_octets_ += record.size();
  history_.push_back(std::move(record));
  while (history_octets_ > kHistoryOctets || history_.size() > kHistorySteps) {
    history_octets_ -= history_.front().size();
    history_.pop_front();
  }
}

}  // namespace server
