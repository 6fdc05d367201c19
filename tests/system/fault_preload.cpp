// A library for LD_PRELOAD that lets calls of the server fail or hang, as the file $WAYMARK_FAULTS says, which the test
// maps as well:
//
//     kind 32 | reserved 32 | nth 64 | count 64 | seen 64 x kKinds | hang 32 | hung 32
//
// Of the calls of `kind`, the nth one from now and the count - 1 that follow it fail; kind 0: none. While `hang` is 1,
// syncs wait, as with a disk that does not answer: writes only reach the memory of the kernel. While it is 2, opening a
// configuration waits.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

enum Kind : std::uint32_t { kNone, kAllocation, kThread, kOpen, kWrite, kSync, kSocket, kKinds };

struct Control {
  std::atomic<std::uint32_t> kind;
  std::uint32_t reserved;
  std::atomic<std::int64_t> nth, count;
  std::atomic<std::uint64_t> seen[kKinds];
  std::atomic<std::uint32_t> hang, hung;
};

std::atomic<Control*> mapped = nullptr;
std::atomic<Control*> control = nullptr;  // null until the program opens its first file, which is its configuration

__attribute__((constructor)) void map_control() {
  const char* path = std::getenv("WAYMARK_FAULTS");
  const int file = path == nullptr ? -1 : static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC));
  if (file < 0) return;
  void* memory = ::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory != MAP_FAILED) mapped = static_cast<Control*>(memory);
  ::close(file);
}

bool fails(Kind kind) {
  Control* const now = control.load(std::memory_order_acquire);
  if (now == nullptr) return false;
  now->seen[kind].fetch_add(1);
  if (now->kind != kind) return false;
  const std::int64_t left = now->nth.fetch_sub(1) - 1;
  return left <= 0 && -left < now->count;
}

bool is_file(int descriptor) {
  struct stat status;
  return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

enum Hang : std::uint32_t { kSyncs = 1, kConfigurations = 2 };

void wait_while_hung(Hang what) {
  Control* const now = control.load(std::memory_order_acquire);
  if (now == nullptr || now->hang != what) return;
  now->hung.fetch_add(1);
  const timespec pause{0, 10'000'000};
  while (now->hang == what) ::nanosleep(&pause, nullptr);
}

void begin() {
  if (control.load(std::memory_order_acquire) == nullptr) control = mapped.load();
}

template <class Function>
Function* next(Function*, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

template <class T>
T failed(int error, T value) {
  errno = error;
  return value;
}

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) { return fails(kAllocation) ? failed<void*>(ENOMEM, nullptr) : __libc_malloc(size); }
void* calloc(std::size_t count, std::size_t size) {
  return fails(kAllocation) ? failed<void*>(ENOMEM, nullptr) : __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
  return fails(kAllocation) ? failed<void*>(ENOMEM, nullptr) : __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return fails(kAllocation) ? failed<void*>(ENOMEM, nullptr) : __libc_memalign(alignment, size);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*), void* argument) {
  static const auto real = next(&::pthread_create, "pthread_create");
  return fails(kThread) ? EAGAIN : real(thread, attributes, body, argument);
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int mode = (flags & O_CREAT) != 0 ? va_arg(rest, int) : 0;
  va_end(rest);
  begin();
  if (std::string_view(path).ends_with(".toml")) wait_while_hung(kConfigurations);
  return fails(kOpen) ? failed(EMFILE, -1) : static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}
int openat(int directory, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int mode = (flags & O_CREAT) != 0 ? va_arg(rest, int) : 0;
  va_end(rest);
  begin();
  return fails(kOpen) ? failed(EMFILE, -1) : static_cast<int>(::syscall(SYS_openat, directory, path, flags, mode));
}

ssize_t write(int descriptor, const void* octets, std::size_t size) {
  if (is_file(descriptor) && fails(kWrite)) return failed<ssize_t>(ENOSPC, -1);
  return ::syscall(SYS_write, descriptor, octets, size);
}
ssize_t pwrite(int descriptor, const void* octets, std::size_t size, off_t offset) {
  if (fails(kWrite)) return failed<ssize_t>(ENOSPC, -1);
  return ::syscall(SYS_pwrite64, descriptor, octets, size, offset);
}
int fsync(int descriptor) {
  wait_while_hung(kSyncs);
  return fails(kSync) ? failed(EIO, -1) : static_cast<int>(::syscall(SYS_fsync, descriptor));
}
int fdatasync(int descriptor) {
  wait_while_hung(kSyncs);
  return fails(kSync) ? failed(EIO, -1) : static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

int socket(int family, int type, int protocol) {
  return fails(kSocket) ? failed(EMFILE, -1) : static_cast<int>(::syscall(SYS_socket, family, type, protocol));
}
int accept4(int listener, sockaddr* address, socklen_t* size, int flags) {
  return fails(kSocket) ? failed(EMFILE, -1) : static_cast<int>(::syscall(SYS_accept4, listener, address, size, flags));
}
int accept(int listener, sockaddr* address, socklen_t* size) { return ::accept4(listener, address, size, 0); }
int epoll_create1(int flags) {
  return fails(kSocket) ? failed(EMFILE, -1) : static_cast<int>(::syscall(SYS_epoll_create1, flags));
}

}  // extern "C"
