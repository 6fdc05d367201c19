// Memory images of zones on the disk: a start serves them without reading the zone file (zone/image/image.h).
//
//     DIR/example.com.image       one for each large zone, mapped as it is; written in the background, then renamed
//     DIR/example.com.image.new   an image that is being written, or was when its process ended
//
// An image stands for its zone file as long as the system reports the same path, device, inode, size and both times (to
// the nanosecond) as when the image was written. Only zones of one file without diagnostics have images. No option
// changes what such a file contains, and another version of the program writes images of its own.
//
// Security: the directory and the file must belong to our user or to root, and nobody else may write to them. Then all
// loading threads verify every octet against its checksum before the zone is served. The mapping is private: changes by
// the writer stay in memory, and unchanged pages are those of the page cache.
//
// Any thread. If an image cannot be used, the start reads the zone file, and the reason is logged.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "server/zonefiles/discover.h"
#include "server/zonefiles/reader.h"
#include "zone/base/parallel.h"
#include "zone/snapshot/zone.h"

namespace server {

// A zone without overlay that should have an image.
struct ImageRequest {
  dns::Name apex;
  ReadFile file;
  std::shared_ptr<const dns::Zone> zone;  // shared: it may be served. The store's thread destroys it
};

class Images {
 public:
  // Empty: no images. The directory is made when the first image is written.
  explicit Images(std::string directory) : directory_(std::move(directory)) {}

  struct LoadedImage {
    std::shared_ptr<const dns::Zone> zone;
    ReadFile file;
  };
  // The image of a zone. The error says why it cannot be used; it is empty if there is no image.
  dns::Result<LoadedImage, std::string> load(const ZoneFile& file, Files& files,
                                             const dns::ParallelExecutor& parallel) const;

  // Writes the image and replaces an older one. Gives up when `stopping` is set. The error is empty if it gave up, or
  // if the zone file has changed meanwhile: then its next version will have an image.
  dns::Result<void, std::string> write(const ImageRequest& request, Files& files,
                                       const std::atomic<bool>& stopping) const;

  std::string path_of(const dns::Name& apex) const;

 private:
  std::string directory_;
};

}  // namespace server
