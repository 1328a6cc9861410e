/* A small file as a string. */
#ifndef SLURP_H
#define SLURP_H

#include <sys/types.h>

/* At most size - 1 bytes, NUL-terminated; never blocks on a FIFO.  Returns
 * how many; `size` when there is more; or -errno. */
ssize_t slurp(const char *path, char *buf, size_t size);

#endif
