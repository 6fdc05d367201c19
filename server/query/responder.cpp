#include "server/query/responder.h"

#include <algorithm>

namespace server {
namespace {

constexpr std::size_t kBatch = dns::kMaxLookupBatch;  // requests that are looked up together; a larger batch is split

enum OptionCode : std::uint16_t { kNsid = 3, kExtendedError = 15 };  // RFC 5001, RFC 8914
constexpr std::size_t kRecordFixed = 8;      // octets of type, class and TTL; the length is part of the packed RDATA
constexpr std::uint16_t kUnusableData = 24;  // the INFO-CODE Invalid Data (RFC 8914 4.25)

// The largest size of the reply, in octets.
std::size_t max_reply_size(const Inbound& inbound, const dns::Edns& edns, std::size_t udp_size_max, std::size_t room) {
  if (inbound.transport == Transport::kTcp) return std::min(room, dns::kMaxMessage);
  const std::size_t asked = edns.present ? edns.payload : dns::kClassicUdpSize;
  return std::min({room, udp_size_max, asked});
}

dns::Bytes address_of(const Endpoint& endpoint) { return {endpoint.address.data(), endpoint.address_size}; }

// What a client choice may depend on. EDNS options of the question are not included, so a client subnet option (RFC
// 7871) cannot select the view of another client.
dns::ClientInfo asker_of(const Inbound& inbound, std::uint16_t id, const dns::ViewTable* views) {
  return {.address = address_of(inbound.client),
          .local = address_of(inbound.local),
          .salt = std::uint32_t{inbound.client.port} << 16 | id,
          .views = views};
}

std::size_t put_option(dns::MutableBytes out, std::size_t at, OptionCode code, dns::Bytes value) {
  dns::store16(out.data() + at, code);
  dns::store16(out.data() + at + 2, static_cast<std::uint16_t>(value.size()));
  std::memcpy(out.data() + at + 4, value.data(), value.size());
  return at + 4 + value.size();
}

dns::Rcode rcode_of(const std::uint8_t* message) { return static_cast<dns::Rcode>(dns::load16(message + 2) & 0xfU); }

// True if the required records, with their names in full, are larger than any message.
bool may_exceed_messages(const dns::Answer& answer) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < answer.count; ++i) {
    const dns::AnswerRrset& one = answer.sets[i];
    if (one.need != dns::AnswerRrset::Need::kRequired) continue;
    size += one.set.count * (one.owner.size() + kRecordFixed) + one.set.packed_size();
  }
  return answer.incomplete || size > dns::kMaxMessage;
}

}  // namespace

struct Responder::QueryState {
  dns::ParsedQuery parsed;
  Disposition disposition;
  dns::FastPlan plan;
  dns::Key key;
};

Responder::Responder(const ResponderOptions& options, Counters& counters)
    : udp_size_max_(options.udp_size_max),
      nsid_(options.nsid),
      chaos_(options.version, options.identity),
      counters_(counters),
      states_(std::make_unique<QueryState[]>(kBatch)),
      starts_(std::make_unique<dns::BatchLookup[]>(kBatch)),
      answer_(std::make_unique<dns::Answer>()),
      compression_(std::make_unique<dns::Compression>()),
      largest_(std::make_unique_for_overwrite<std::uint8_t[]>(dns::kMaxMessage)) {
  dns::require(nsid_.size() <= kMaxNsid, "NSID is short enough");
  dns::require(udp_size_max_ >= dns::kClassicUdpSize, "UDP messages of 512 octets are allowed");
  for (std::size_t i = 0; i < prebuilt_opts_.size(); ++i) {
    dns::Query query;
    query.edns.present = true;
    query.edns.dnssec_ok = (i & 1) != 0;
    query.edns.nsid = (i & 2) != 0;
    const dns::ResponseEdns edns = response_edns(query, 0);
    dns::write_opt(edns, dns::Rcode::NOERROR, prebuilt_opts_[i].octets.data());
    prebuilt_opts_[i].size = dns::kOptSize + edns.options.size();
  }
}

Responder::~Responder() = default;

std::size_t Responder::respond(const Inbound& inbound, const dns::Snapshot& snapshot, dns::MutableBytes out) {
  Slot slot{inbound, out, 0};
  respond_batch({&slot, 1}, snapshot);
  return slot.size;
}

void Responder::respond(std::span<Slot> batch, const dns::Snapshot& snapshot) {
  for (; batch.size() > kBatch; batch = batch.subspan(kBatch)) respond_batch(batch.first(kBatch), snapshot);
  respond_batch(batch, snapshot);
}

void Responder::respond_batch(std::span<Slot> batch, const dns::Snapshot& snapshot) {
  QueryState* const states = states_.get();
  dns::BatchLookup* const starts = starts_.get();
  for (std::size_t i = 0; i < batch.size(); ++i) parse(batch[i].inbound, states[i], starts[i]);
  dns::look_up_batch(snapshot, {starts, batch.size()});
  for (std::size_t i = 0; i < batch.size(); ++i)
    if (starts[i].key != nullptr)
      states[i].plan = dns::plan_fast({states[i].parsed.query, states[i].key, starts[i].result});
  const dns::ViewTable* const views = snapshot.views().get();
  std::size_t fast = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Slot& slot = batch[i];
    slot.size = starts[i].key == nullptr ? 0 : reply_fast(slot, states[i], starts[i].result, views);
    if (slot.size != 0) {
      ++fast;
      continue;
    }
    const Reply sent = reply(slot, states[i], starts[i].result, snapshot);
    slot.size = sent.size;
    count(slot, sent.rcode);
  }
  count_fast(batch, fast);
}

// Writes the whole reply; its query is counted later with the batch. 0 if the general path must answer.
std::size_t Responder::reply_fast(const Slot& slot, const QueryState& state, const dns::ZoneLookup& lookup,
                                  const dns::ViewTable* views) {
  const dns::Query& query = state.parsed.query;
  const std::size_t size = max_reply_size(slot.inbound, query.edns, udp_size_max_, slot.out.size());
  const dns::FastQuery asked{query, state.key, lookup};
  const std::size_t whole =
      dns::write_fast(asked, state.plan, slot.inbound.bytes, asker_of(slot.inbound, query.id, views),
                      prebuilt_opt(query), slot.out.first(size));
  if (whole != 0) counters_.rcodes[static_cast<std::size_t>(state.plan.rcode)].add();
  return whole;
}

// The steps before the lookup.
void Responder::parse(const Inbound& inbound, QueryState& state, dns::BatchLookup& entry) {
  dns::parse_query(inbound.bytes, state.parsed);
  state.disposition = classify(state.parsed);
  entry.key = nullptr;
  if (state.disposition.kind != Disposition::Kind::kAnswer) return;
  entry.key = &state.key;
  entry.name = state.parsed.query.question.name;
  entry.type = state.parsed.query.question.type;
}

Responder::Reply Responder::reply(const Slot& slot, const QueryState& state, const dns::ZoneLookup& lookup,
                                  const dns::Snapshot& snapshot) {
  const dns::Query& query = state.parsed.query;
  const std::size_t size = max_reply_size(slot.inbound, query.edns, udp_size_max_, slot.out.size());
  const dns::MutableBytes out = slot.out.first(size);
  switch (state.disposition.kind) {
    case Disposition::Kind::kDrop: return {};
    case Disposition::Kind::kError:
      return {dns::render_error(query, slot.inbound.bytes, state.disposition.rcode,
                                response_edns(query, state.disposition.extended_error), out),
              state.disposition.rcode};
    case Disposition::Kind::kChaos: chaos_.answer(query.question, *answer_); break;
    case Disposition::Kind::kAnswer: {
      const dns::ClientInfo asker = asker_of(slot.inbound, query.id, snapshot.views().get());
      dns::solve(snapshot, query.question, lookup, {.dnssec_ok = query.edns.dnssec_ok, .client = &asker}, *answer_);
      // An answer for all classes cannot be authoritative (RFC 1035 6.2).
      if (query.question.klass == dns::Class::ANY) answer_->authoritative = false;
      break;
    }
  }
  return render(slot, query, out);
}

// If not even TCP can carry the answer, TC would only cost the client a connection: over UDP it gets the same error.
Responder::Reply Responder::render(const Slot& slot, const dns::Query& query, dns::MutableBytes out) {
  const dns::ResponseEdns edns = response_edns(query, answer_->extended_error);
  const std::size_t size = dns::render(query, *answer_, edns, *compression_, out);
  dns::Rcode rcode = rcode_of(out.data());
  if ((dns::load16(out.data() + 2) & dns::Flag::kTc) != 0 && may_exceed_messages(*answer_)) {
    dns::render(query, *answer_, edns, *compression_, {largest_.get(), dns::kMaxMessage});
    rcode = rcode_of(largest_.get());
  }
  if (rcode != dns::Rcode::SERVFAIL || answer_->rcode == dns::Rcode::SERVFAIL) return {size, rcode};
  return {dns::render_error(query, slot.inbound.bytes, rcode, response_edns(query, kUnusableData + 1), out), rcode};
}

// The OPT record of the reply; present if the query has one.
dns::ResponseEdns Responder::response_edns(const dns::Query& query, std::uint16_t extended_error) {
  if (!query.edns.present) return {};
  std::size_t size = 0;
  if (query.edns.nsid && !nsid_.empty()) size = put_option(edns_options_, size, kNsid, dns::as_bytes(nsid_));
  if (extended_error != 0) {
    std::array<std::uint8_t, 2> code;
    dns::store16(code.data(), static_cast<std::uint16_t>(extended_error - 1));
    size = put_option(edns_options_, size, kExtendedError, code);
  }
  return {.present = true,
          .dnssec_ok = query.edns.dnssec_ok,
          .payload = udp_size_max_,
          .options = dns::Bytes(edns_options_).first(size)};
}

dns::Bytes Responder::prebuilt_opt(const dns::Query& query) const {
  if (!query.edns.present) return {};
  const PrebuiltOpt& opt = prebuilt_opts_[(query.edns.dnssec_ok ? 1U : 0U) | (query.edns.nsid ? 2U : 0U)];
  return dns::Bytes(opt.octets).first(opt.size);
}

// Replies of the fast path are never truncated.
void Responder::count_fast(std::span<const Slot> batch, std::size_t count) {
  if (count == 0) return;
  (batch.front().inbound.transport == Transport::kTcp ? counters_.queries_tcp : counters_.queries_udp).add(count);
  counters_.answers.add(count);
}

void Responder::count(const Slot& slot, dns::Rcode rcode) {
  (slot.inbound.transport == Transport::kTcp ? counters_.queries_tcp : counters_.queries_udp).add();
  if (slot.size == 0) return counters_.dropped.add();
  counters_.answers.add();
  if ((dns::load16(slot.out.data() + 2) & dns::Flag::kTc) != 0) counters_.truncated.add();
  counters_.rcodes[std::min(static_cast<std::size_t>(rcode), counters_.rcodes.size() - 1)].add();
}

}  // namespace server
