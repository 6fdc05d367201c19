// Images of zones on the disk: what a start answers from without reading a zone file (zone/image/image.h).
//
//     DIR/example.com.image       one for each zone whose file is worth it, mapped as it lies; written beside serving,
//     renamed into place DIR/example.com.image.new   one that is being written, or was when its process ended
//
// An image stands for its zone file as long as the system says of that file what it said when the image was written:
// path, device, inode, size, and both times to the nanosecond. Only zones of one file, about which there was nothing to
// say, have images; no option alters what such a file gives, and a program of another version makes images of its own.
//
// Nothing is believed that somebody else could have written: the directory and the file belong to us or to root, and
// nobody else may write to them. Then every octet is held against its checksum, by all threads that load, before
// anybody is answered. The mapping is private: the writer's changes stay in memory, and pages that nobody changed are
// the system's cache.
//
// Any thread. Whatever is wrong costs a start the time of reading the zone file, and is said.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "server/zonefiles/discover.h"
#include "server/zonefiles/reader.h"
#include "zone/base/parallel.h"
#include "zone/snapshot/zone.h"

namespace server {

// A zone as its file gave it, which is to have an image.
struct ImageRequest {
  dns::Name apex;
  ReadFile file;
  std::shared_ptr<const dns::Zone> zone;  // shared: a version that may be served. Dropped by the writer of zones
};

class Images {
 public:
  // Empty: there are none. The directory is made when the first image is written.
  explicit Images(std::string directory) : directory_(std::move(directory)) {}

  struct LoadedImage {
    std::shared_ptr<const dns::Zone> zone;
    ReadFile file;
  };
  // The image of a zone; the error says why it cannot be used, and is empty where there is none.
  dns::Result<LoadedImage, std::string> load(const ZoneFile& file, Files& files,
                                             const dns::ParallelExecutor& parallel) const;

  // Writes the image and lets it take the place of an older one. Looks at `stopping` now and then, and gives up. The
  // error is empty where it did, or where the zone file has changed meanwhile: then its next version will have an
  // image.
  dns::Result<void, std::string> write(const ImageRequest& request, Files& files,
                                       const std::atomic<bool>& stopping) const;

  std::string path_of(const dns::Name& apex) const;

 private:
  std::string directory_;
};

}  // namespace server
