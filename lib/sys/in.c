#include <errno.h>
#include <unistd.h>

#include "in.h"

void in_open(struct in *in, int fd)
{
	in->fd = fd;
	in->eof = false;
	in->data = NULL;
	in->left = 0;
	in->feed.len = 0;
	in->feed.skipping = false;
	in->feed.dropped = 0;
}

bool in_fill(struct in *in)
{
	ssize_t n = read(in->fd, in->chunk, sizeof in->chunk);

	if (n > 0) {
		in->data = in->chunk;
		in->left = (size_t)n;
		return true;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	in->eof = true;
	in->fd = -1;
	return false;
}

char *in_line(struct in *in)
{
	return line_next(&in->feed, &in->data, &in->left);
}
