// Preloaded into a server (LD_PRELOAD): every third read, write, receive and send is interrupted, and the other reads and
// writes of files do only a part of what was asked. Both are what POSIX allows, so nobody may notice. On sockets nothing
// is cut short: epoll(7) lets a program take that as the sign that nothing more is there yet.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

// Smaller calls are done whole, so that a file is read in hundreds of calls and not in millions.
static const size_t whole_bytes = 64;
static atomic_uint calls;

static int interrupted(void) {
  if (atomic_fetch_add(&calls, 1) % 3 != 0) return 0;
  errno = EINTR;
  return 1;
}

static size_t part_of(size_t count) {
  return count <= whole_bytes ? count : whole_bytes + (count - whole_bytes) / 3;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pread64(int fd, void* buffer, size_t count, off64_t offset) {
  return interrupted() ? -1 : REAL(pread64)(fd, buffer, part_of(count), offset);
}
ssize_t pread(int fd, void* buffer, size_t count, off_t offset) {
  return interrupted() ? -1 : REAL(pread)(fd, buffer, part_of(count), offset);
}
ssize_t pwrite64(int fd, const void* buffer, size_t count, off64_t offset) {
  return interrupted() ? -1 : REAL(pwrite64)(fd, buffer, part_of(count), offset);
}
ssize_t pwrite(int fd, const void* buffer, size_t count, off_t offset) {
  return interrupted() ? -1 : REAL(pwrite)(fd, buffer, part_of(count), offset);
}
ssize_t recv(int fd, void* buffer, size_t count, int flags) {
  return interrupted() ? -1 : REAL(recv)(fd, buffer, count, flags);
}
ssize_t send(int fd, const void* buffer, size_t count, int flags) {
  return interrupted() ? -1 : REAL(send)(fd, buffer, count, flags);
}
ssize_t sendmsg(int fd, const struct msghdr* message, int flags) {
  return interrupted() ? -1 : REAL(sendmsg)(fd, message, flags);
}
ssize_t recvmsg(int fd, struct msghdr* message, int flags) {
  return interrupted() ? -1 : REAL(recvmsg)(fd, message, flags);
}
ssize_t readv(int fd, const struct iovec* pieces, int count) {
  return interrupted() ? -1 : REAL(readv)(fd, pieces, count);
}
ssize_t writev(int fd, const struct iovec* pieces, int count) {
  return interrupted() ? -1 : REAL(writev)(fd, pieces, count);
}
