#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "only.h"

#define RETRY_MS 50

int only_one(const struct router_cfg *cfg, int64_t patience, int sigfd)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct mono until = mono_add(mono_now(), patience);
	struct pollfd p = { .fd = sigfd, .events = POLLIN };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;
	size_t len;

	if (fd < 0)
		return -errno;
	len = 1 + (size_t)snprintf(sa.sun_path + 1, sizeof sa.sun_path - 1,
			  "vrrp-elect/%s/%s/%u", cfg->ifname,
			  cfg->family == AF_INET ? "inet" : "inet6", cfg->vrid);
	len += offsetof(struct sockaddr_un, sun_path);
	for (;;) {
		if (bind(fd, (const struct sockaddr *)&sa, (socklen_t)len) == 0)
			return fd;
		err = errno;
		if (err != EADDRINUSE || mono_due(until, mono_now()))
			break;
		if (poll(&p, 1, RETRY_MS) > 0) {
			err = EINTR;
			break;
		}
	}
	close(fd);
	return -err;
}
