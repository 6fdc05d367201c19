// Parallel work. This library starts no threads; callers pass an executor that uses theirs.
//
//     parallel(parts, work)   runs work(0) ... work(parts - 1), in any order, on any threads; returns when all are done
//
// An exception of `work` (no memory is left) is thrown to the caller, once no part runs any more. A default
// ParallelExecutor runs the parts one after the other.
#pragma once

#include <cstddef>
#include <functional>

namespace dns {

struct ParallelExecutor {
  using Work = std::function<void(std::size_t part)>;
  std::function<void(std::size_t parts, const Work& work)> run;
  std::size_t threads = 1;                             // number of parts that run at once; 1: `run` is not called
  std::size_t min_part_octets = std::size_t{1} << 20;  // smallest useful part, in octets of input

  void operator()(std::size_t parts, const Work& work) const {
    if (threads > 1 && parts > 1) return run(parts, work);
    for (std::size_t part = 0; part < parts; ++part) work(part);
  }
};

}  // namespace dns
