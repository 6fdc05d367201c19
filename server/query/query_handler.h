// The handler of QUERY: the general path of answers, for all questions that the fast path leaves (fastpath/fastpath.h).
#pragma once

#include "server/query/chaos.h"
#include "server/query/handler.h"
#include "server/query/reply_edns.h"
#include "zone/message/writer.h"

namespace server {

class QueryHandler final : public OpcodeHandler {
 public:
  explicit QueryHandler(const ResponderOptions& options);

  RequestOutcome answer(const RequestView& request) override;

  // The row of the table.
  static OpcodeRow row();

 private:
  ChaosResponder chaos_;
  ReplyEdns edns_;
  RequestOutcome render(const RequestView& request);

  // Scratch space of one query.
  std::unique_ptr<dns::Answer> answer_;
  std::unique_ptr<dns::Compression> compression_;
  std::unique_ptr<std::uint8_t[]> largest_;  // kMaxMessage octets: a reply as it would be over TCP
};

}  // namespace server
