// A disk in memory. It separates written data from data that would survive a power failure, and fails on request.
//
//     write        changes the current contents of the file
//     sync         makes the current contents survive a power failure
//     crash        the process ends; the files remain
//     hung         appends and syncs wait
//     lose_power   files have their synced contents plus any part of later writes; names are as of sync_directory
#pragma once

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <new>
#include <random>
#include <utility>

#include "server/journal/disk.h"

namespace server {

class MemoryDisk {
 public:
  struct Node {
    std::vector<std::uint8_t> now, synced;
  };
  struct State {
    std::map<std::string, std::shared_ptr<Node>> names, synced_names;
    bool full = false;       // writes fail after half of their data
    bool broken = false;     // syncs fail
    bool exhausted = false;  // appends throw std::bad_alloc
    bool locked = false;
    std::size_t writes_left = SIZE_MAX;  // then the process ends, and nothing more is written
    bool hung = false;                   // appends and syncs wait for `let_go`
    std::mutex mutex;
    std::condition_variable_any going;

    bool dead() { return writes_left == 0; }
    // Returns true if one more step is done.
    bool step() {
      if (writes_left == 0) return false;
      if (writes_left != SIZE_MAX) --writes_left;
      return true;
    }
  };

  MemoryDisk() : state_(std::make_shared<State>()) {}
  State* operator->() { return state_.get(); }
  std::unique_ptr<Disk> disk() { return std::make_unique<Handle>(state_); }

  // The disk does not hang any more.
  void let_go() {
    const std::lock_guard lock(state_->mutex);
    state_->hung = false;
    state_->going.notify_all();
  }
  // The process and its lock end.
  void crash() {
    state_->locked = false;
    state_->writes_left = SIZE_MAX;
  }
  void lose_power(std::mt19937_64& random) {
    crash();
    if (random() % 2 == 0) state_->names = state_->synced_names;
    for (auto& [name, node] : state_->names) tear(*node, random);
    for (auto& [name, node] : state_->names) node->synced = node->now;
    state_->synced_names = state_->names;
  }

 private:
  // Keeps some first part of the data that was not synced; its end may contain garbage.
  static void tear(Node& node, std::mt19937_64& random) {
    std::vector<std::uint8_t> left = node.synced;
    const std::size_t common = std::min(node.synced.size(), node.now.size());
    const bool appended =
        std::equal(node.synced.begin(), node.synced.begin() + static_cast<std::ptrdiff_t>(common), node.now.begin());
    if (appended && node.now.size() > common && random() % 2 == 0) {
      const std::size_t kept = random() % (node.now.size() - common + 1);
      left.assign(node.now.begin(), node.now.begin() + static_cast<std::ptrdiff_t>(common + kept));
      if (random() % 4 == 0) left.resize(node.now.size());
    }
    node.now = std::move(left);
  }

  class File : public DiskFile {
   public:
    File(std::shared_ptr<State> state, std::shared_ptr<Node> node) : state_(std::move(state)), node_(std::move(node)) {}
    DiskResult<void> append(dns::Bytes octets) override {
      std::unique_lock lock(state_->mutex);
      state_->going.wait(lock, [this] { return !state_->hung; });
      if (state_->exhausted) throw std::bad_alloc();
      const bool whole = state_->step() && !state_->full;
      if (!whole && !state_->full) return dead();
      const auto part = octets.first(whole ? octets.size() : octets.size() / 2);
      node_->now.insert(node_->now.end(), part.begin(), part.end());
      return whole ? DiskResult<void>() : dns::Failure<std::string>("No space left on device");
    }
    DiskResult<void> sync() override {
      std::unique_lock lock(state_->mutex);
      state_->going.wait(lock, [this] { return !state_->hung; });
      if (!state_->step()) return dead();
      if (state_->broken) return dns::Failure<std::string>("Input/output error");
      std::vector<std::uint8_t>&now = node_->now, &synced = node_->synced;  // files only grow
      synced.insert(synced.end(), now.begin() + static_cast<std::ptrdiff_t>(synced.size()), now.end());
      return {};
    }

   private:
    std::shared_ptr<State> state_;
    std::shared_ptr<Node> node_;
  };

  class Handle : public Disk {
   public:
    explicit Handle(std::shared_ptr<State> state) : state_(std::move(state)) {}
    DiskResult<void> lock() override {
      if (std::exchange(state_->locked, true)) return dns::Failure<std::string>("another process is using it");
      return {};
    }
    DiskResult<std::vector<std::string>> list() override {
      std::vector<std::string> names;
      for (const auto& [name, node] : state_->names) names.push_back(name);
      return names;
    }
    DiskResult<std::vector<std::uint8_t>> read(const std::string& name) override {
      const auto at = state_->names.find(name);
      if (at == state_->names.end()) return dns::Failure<std::string>("No such file or directory");
      return at->second->now;
    }
    DiskResult<std::shared_ptr<DiskFile>> create(const std::string& name) override {
      const std::lock_guard lock(state_->mutex);
      if (!state_->step()) return dns::Failure<std::string>("the process has ended");
      const auto node = std::make_shared<Node>();
      state_->names[name] = node;
      return std::make_shared<File>(state_, node);
    }
    DiskResult<void> rename(const std::string& from, const std::string& to) override {
      const std::lock_guard lock(state_->mutex);
      if (!state_->step()) return dead();
      state_->names[to] = state_->names.at(from);
      state_->names.erase(from);
      return {};
    }
    DiskResult<void> remove(const std::string& name) override {
      const std::lock_guard lock(state_->mutex);
      if (!state_->step()) return dead();
      if (state_->names.erase(name) == 0) return dns::Failure<std::string>("No such file or directory");
      return {};
    }
    DiskResult<void> sync_directory() override {
      const std::lock_guard lock(state_->mutex);
      if (!state_->step()) return dead();
      if (state_->broken) return dns::Failure<std::string>("Input/output error");
      state_->synced_names = state_->names;
      return {};
    }

   private:
    std::shared_ptr<State> state_;
  };

  static DiskResult<void> dead() { return dns::Failure<std::string>("the process has ended"); }

  std::shared_ptr<State> state_;
};

}  // namespace server
