#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kept.h"

#define CHUNK 4096

/* What is open still has a name; else it was replaced or removed. */
static bool is_current(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && st.st_nlink > 0;
}

static int open_kept(struct kept *k)
{
	int fd;

	if (is_current(k->fd))
		return 0;
	fd = open(k->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	kept_close(k);
	k->fd = fd;
	return 0;
}

/* The size says nothing of a file in /proc. */
static int read_all(int fd, size_t max, char **text)
{
	size_t len = 0, room = 0;
	ssize_t n;

	do {
		if (room - len < CHUNK) {
			char *more = realloc(*text, room += 2 * CHUNK);

			if (!more)
				return -ENOMEM;
			*text = more;
		}
		n = pread(fd, *text + len, CHUNK - 1, (off_t)len);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0 && len <= max);
	(*text)[len] = '\0';
	if (n < 0)
		return -errno;
	return strlen(*text) > max ? -EFBIG : 0;
}

int kept_read(struct kept *k, size_t max, char **text)
{
	int err = open_kept(k);

	*text = NULL;
	if (!err)
		err = read_all(k->fd, max, text);
	if (!err)
		return 0;
	free(*text);
	*text = NULL;
	return err;
}

void kept_close(struct kept *k)
{
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
}
