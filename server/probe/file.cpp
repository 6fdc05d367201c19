// A file as a probe: "up" or "down" and measures, by whoever watches on our behalf. It says nothing where it cannot be read,
// carries neither word, or was last written longer ago than `timeout`.
//
// It is read on the spot: it belongs on a local disk.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "server/probe/kinds.h"
#include "server/reply/measures.h"
#include "server/runtime/descriptor.h"
#include "zone/base/bytes.h"

namespace server {
namespace {

class FileAttempt : public Attempt {
 public:
  using Attempt::Attempt;

 private:
  void run() override {
    const FileDescriptor file(::open(monitor().file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat facts {};
    if (file.get() < 0 || ::fstat(file.get(), &facts) != 0) return say_nothing(fmt::format("{}: {}", monitor().file, std::strerror(errno)));
    if (!S_ISREG(facts.st_mode)) return say_nothing(fmt::format("{} is not a file", monitor().file));
    const auto written = std::chrono::seconds(facts.st_mtim.tv_sec) + std::chrono::nanoseconds(facts.st_mtim.tv_nsec);
    const Duration age = std::chrono::system_clock::now().time_since_epoch() - written;
    if (age > monitor().timeout) return say_nothing(fmt::format("last written {:.1f} s ago", static_cast<double>(age.count()) / 1e9));
    std::array<std::uint8_t, kMaxMeasureText> buffer;
    const ssize_t size = ::read(file.get(), buffer.data(), buffer.size());
    if (size < 0) return say_nothing(fmt::format("{}: {}", monitor().file, std::strerror(errno)));
    judge(dns::as_text(dns::Bytes(buffer).first(static_cast<std::size_t>(size))));
  }

  void judge(std::string_view text) {
    const auto verdict = parse_verdict(text);
    if (!verdict) return say_nothing("neither `up` nor `down`");
    conclude({.outcome = *verdict, .measures = parse_measures(text), .detail = first_line(text)});
  }

  void close() override {}
};

}  // namespace

std::shared_ptr<Attempt> make_file(boost::asio::io_context& context, const CheckOptions& check, Report report) {
  return std::make_shared<FileAttempt>(context, check, std::move(report));
}

}  // namespace server
