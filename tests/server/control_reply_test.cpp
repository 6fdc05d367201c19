// Replies that several clients share: one is made at a time, and nobody gets one that is older than the request.
#include <new>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "server/control/reply.h"

namespace {

using server::JsonValue;
using server::Reply;

// What is made, and what each client got: "a:1 b:1".
struct Shared {
  boost::asio::io_context context;
  std::vector<Reply> making;
  int failures = 0;  // so many attempts to make one fail
  std::string got;
  server::SharedReplies replies{context, [this](Reply reply) {
                                  if (failures > 0 && failures-- > 0) throw std::bad_alloc();
                                  making.push_back(std::move(reply));
                                }};

  void ask(const std::string& client) {
    replies.add(Reply([this, client](const server::ReplyLine& line) {
      got += client + ":" + line->substr(0, line->size() - 1) + " ";
    }));
  }
  void make(int number) {
    const Reply reply = std::move(making.back());
    making.pop_back();
    reply(JsonValue(number));
    context.restart();
    context.poll();
  }
};

}  // namespace

TEST_CASE("shared replies: who asks while one is made gets the next one") {
  Shared shared;
  shared.ask("a");
  REQUIRE(shared.making.size() == 1);
  for (const char* const client : {"b", "c", "d"}) shared.ask(client);
  CHECK(shared.making.size() == 1);
  shared.make(1);
  CHECK(shared.got == "a:1 ");
  REQUIRE(shared.making.size() == 1);
  shared.make(2);
  CHECK(shared.got == "a:1 d:2 c:2 b:2 ");
  CHECK(shared.making.empty());
  shared.ask("e");
  shared.make(3);
  CHECK(shared.got.ends_with("e:3 "));
}

TEST_CASE("shared replies: one that cannot be made is an error, and one that is lost does not block the next") {
  Shared shared;
  shared.failures = 1;
  shared.ask("a");
  CHECK(shared.got.find("no memory") != std::string::npos);
  shared.ask("b");
  REQUIRE(shared.making.size() == 1);
  shared.making.clear();  // the work ended by an exception
  shared.ask("c");
  REQUIRE(shared.making.size() == 1);
  shared.make(3);
  CHECK(shared.got.ends_with("c:3 "));
}
