// The handler of zone transfers: AXFR (RFC 5936) and IXFR (RFC 1995), for those whom the access rules allow them.
//
//     AXFR over TCP   the zone, as a stream of messages from a pinned version
//     AXFR over UDP   NOTIMP: it is not defined (RFC 5936 4.2)
//     IXFR            one SOA where the client has this version or a later one (RFC 1995 2); else over UDP one SOA too,
//                     so that the client asks over TCP, and over TCP the whole zone (RFC 1995 4)
//
// A name that is no apex gets NOTAUTH, another class than IN gets REFUSED, and a zone that could not be loaded
// SERVFAIL. Changes that are published meanwhile do not alter a transfer.
#pragma once

#include "server/query/handler.h"
#include "server/query/reply_edns.h"
#include "zone/answer/transfer.h"

namespace server {

class TransferHandler final : public OpcodeHandler {
 public:
  explicit TransferHandler(const ResponderOptions& options) : edns_(options) {}

  RequestOutcome answer(const RequestView& request) override;

  // The row of the table.
  static OpcodeRow row();

 private:
  RequestOutcome send_soa(const RequestView& request, const dns::Zone& zone);

  ReplyEdns edns_;
};

}  // namespace server
