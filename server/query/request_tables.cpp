#include "server/query/request_tables.h"

#include "server/query/access_filter.h"
#include "server/query/query_handler.h"
#include "server/query/transfer_handler.h"

namespace server {

const RequestTables& standard_tables() {
  static const RequestTables tables{
      .opcodes = {QueryHandler::row(), TransferHandler::row()}, .filters = {AccessFilter::row()}, .clock = unix_time};
  return tables;
}

}  // namespace server
