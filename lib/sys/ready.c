#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ready.h"

static int notify_fd = -1;

/* A path, or with a leading @ a name in the abstract space: sd_notify(3). */
static int connect_to(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	int fd;

	if (n == 0 || n >= sizeof sa.sun_path)
		return -1;
	memcpy(sa.sun_path, path, n);
	if (path[0] == '@')
		sa.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	n += offsetof(struct sockaddr_un, sun_path);
	if (fd < 0 ||
		connect(fd, (const struct sockaddr *)&sa, (socklen_t)n) == 0)
		return fd;
	close(fd);
	return -1;
}

void ready_prepare(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	if (path && notify_fd < 0)
		notify_fd = connect_to(path);
}

void ready(int fd)
{
	static const char msg[] = "READY=1";

	if (fd >= 0) {
		(void)!write(fd, "\n", 1);
		close(fd);
	}
	ready_prepare();
	if (notify_fd < 0)
		return;
	(void)!write(notify_fd, msg, sizeof msg - 1); /* SIGPIPE is ignored */
	close(notify_fd);
	notify_fd = -1;
}
