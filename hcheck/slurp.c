#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "slurp.h"

ssize_t slurp(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = 0;
	size_t len = 0;

	if (fd < 0)
		return -errno;
	while (len < size && (n = read(fd, buf + len, size - len)) > 0)
		len += (size_t)n;
	if (n < 0)
		n = -errno;
	close(fd);
	buf[len < size ? len : size - 1] = '\0';
	return n < 0 ? n : (ssize_t)len;
}
