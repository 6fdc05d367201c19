#include <doctest/doctest.h>

#include "server/probe/http_reply.h"

namespace {

using namespace server;

// The result of the response in pieces of `step` octets: "ok: DETAIL" or "failed: DETAIL".
std::string result_of(const std::string& response, std::size_t step, const std::string& match = "") {
  HttpReply reply({.status = {}, .match = match});
  std::optional<ProbeResult> result;
  for (std::size_t at = 0; at < response.size() && !result; at += step)
    result = reply.put(dns::as_bytes(std::string_view(response).substr(at, step)));
  if (!result) result = reply.end();
  return (result->outcome == Outcome::kOk ? "ok: " : "failed: ") + result->detail;
}

}  // namespace

TEST_CASE("http reply: accepts the responses that curl accepts") {
  struct Row {
    const char *what, *response, *result;
  };
  const Row rows[] = {
      {"no reason phrase and no space", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nup", "ok: 200 OK"},
      {"no reason phrase, a space", "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nup", "ok: 200 OK"},
      {"no reason phrase, no fields", "HTTP/1.1 200\r\n\r\nup", "ok: 200 OK"},
      {"LF alone", "HTTP/1.1 200 OK\nContent-Length: 2\n\nup", "ok: 200 OK"},
      {"LF and CRLF", "HTTP/1.1 200 OK\nContent-Length: 2\r\n\nup", "ok: 200 OK"},
      {"a space before the colon", "HTTP/1.1 200 OK\r\nServer : x\r\nContent-Length\t: 2\r\n\r\nup", "ok: 200 OK"},
      {"both lengths",
       "HTTP/1.1 200 OK\r\ncontent-length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nup\r\n0\r\n\r\n", "ok: 200 OK"},
      {"a folded field", "HTTP/1.1 200 OK\r\nServer: x\r\n y\r\nContent-Length: 2\r\n\r\nup", "ok: 200 OK"},
      {"an empty field", "HTTP/1.1 200 OK\r\nServer:\r\nContent-Length: 2\r\n\r\nup", "ok: 200 OK"},
      {"an interim response with LF alone", "HTTP/1.1 100\n\nHTTP/1.1 200 OK\n\nup", "ok: 200 OK"},
      {"an error without a reason phrase", "HTTP/1.1 503\r\n\r\n", "failed: 503 Service Unavailable"},
  };
  for (const Row& row : rows)
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{100'000}})
      CHECK_MESSAGE(result_of(row.response, step, "up") == row.result, row.what, " in pieces of ", step);
}

TEST_CASE("http reply: rejects a response that is not HTTP/1") {
  for (const char* const response :
       {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "\r\n\r\n", "http/1.1 200 OK\r\n\r\n", "HTTP/1.1\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nServer\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"})
    for (const std::size_t step : {std::size_t{1}, std::size_t{100}}) {
      CAPTURE(response);
      CHECK(result_of(response, step).starts_with("failed: malformed response"));
    }
}

TEST_CASE("http reply: reads a header of 32 KiB and rejects a longer one") {
  const std::string line = "HTTP/1.1 200 OK\r\n", end = "\r\n\r\n";
  const auto response = [&](std::size_t size) {
    std::string header = line;
    while (header.size() < size - end.size()) header += "A: " + std::string(900, 'x') + "\r\n";
    header.resize(size - end.size());
    return header + end;
  };
  for (const std::size_t step : {std::size_t{1}, std::size_t{8192}}) {
    CHECK(result_of(response(kMaxHttpHeader), step) == "ok: 200 OK");
    CHECK(result_of(response(kMaxHttpHeader + 1), step) ==
          "failed: malformed response: the header has more than 32768 octets");
    CHECK(result_of(line + std::string(100'000, 'x'), step).starts_with("failed: malformed response"));
  }
}
