/* A file that is read more than once and stays open: once root is given up, a
 * file that only root may read can still be read again, if it was written and
 * not replaced. */
#ifndef KEPT_H
#define KEPT_H

#include <stddef.h>

struct kept {
	const char *path; /* NULL: none */
	int fd;		  /* -1: not open */
};

/* All of it as a string, to be freed.  0; -EFBIG when it has more than max
 * bytes before the first NUL; -errno. */
int kept_read(struct kept *k, size_t max, char **text);
void kept_close(struct kept *k);

#endif
