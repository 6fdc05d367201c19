// Memory for arenas: small blocks from the heap, big ones in whole huge pages where the system has them.
//
// A tree of millions of names is read at random: with 4 KiB pages every level costs a TLB miss beside the cache miss.
// Pages of a block become resident when they are first written.
#pragma once

#include <cstddef>

namespace dns {

void* allocate_pages(std::size_t bytes);
// `bytes` as allocated.
void free_pages(void* memory, std::size_t bytes);

}  // namespace dns
