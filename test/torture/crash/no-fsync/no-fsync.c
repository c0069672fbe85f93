/* Stands before the C library of a server: what is to be written through stays in memory, and success is reported. */
#include <unistd.h>

__attribute__((visibility("default"))) int fsync(int file) {
  (void)file;
  return 0;
}

__attribute__((visibility("default"))) int fdatasync(int file) {
  (void)file;
  return 0;
}
