#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ready.h"

/* A path, or with a leading @ a name in the abstract space: sd_notify(3). */
static void notify_systemd(const char *path)
{
	static const char msg[] = "READY=1";
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	int fd;

	if (n == 0 || n >= sizeof sa.sun_path)
		return;
	memcpy(sa.sun_path, path, n);
	if (path[0] == '@')
		sa.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	n += offsetof(struct sockaddr_un, sun_path);
	(void)!sendto(fd, msg, sizeof msg - 1, MSG_DONTWAIT | MSG_NOSIGNAL,
		(const struct sockaddr *)&sa, (socklen_t)n);
	close(fd);
}

void ready(int fd)
{
	const char *path = getenv("NOTIFY_SOCKET");

	if (fd >= 0) {
		(void)!write(fd, "\n", 1);
		close(fd);
	}
	if (path)
		notify_systemd(path);
}
