/*
 * lab-echo [-b] ID PORT ADDR... - the service behind the address.
 *
 * Answers each UDP datagram of 17 bytes or more on every ADDR with the same
 * bytes, byte 16 replaced by ID, so that the client sees which node answered.
 * An ADDR need not exist yet (IP_FREEBIND), and the answer comes from it.
 * -b: go to the background once all are bound.  Runs until killed; the lab
 * tells it from the daemons under test by its process name.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lab.h"

#define MAX_ADDR 64

static int listen_on(const char *addr, const char *port)
{
	struct addrinfo hint = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_DGRAM,
	}, *ai;
	int fd, one = 1;

	if (getaddrinfo(addr, port, &hint, &ai)) {
		fprintf(stderr, "lab-echo: %s %s?\n", addr, port);
		exit(2);
	}
	fd = socket(ai->ai_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (ai->ai_family == AF_INET)
		setsockopt(fd, SOL_IP, IP_FREEBIND, &one, sizeof(one));
	else
		setsockopt(fd, SOL_IPV6, IPV6_FREEBIND, &one, sizeof(one));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen))
		die(addr);
	freeaddrinfo(ai);
	return fd;
}

static void answer(int fd, char id)
{
	struct sockaddr_storage from;
	char buf[2048];

	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, buf, sizeof(buf), 0,
			(struct sockaddr *)&from, &len);

		if (n < 0)
			return;
		if (n < 17)
			continue;
		buf[16] = id;
		(void)sendto(
			fd, buf, (size_t)n, 0, (struct sockaddr *)&from, len);
	}
}

static void serve(struct pollfd *p, nfds_t n, char id)
{
	for (;;) {
		if (poll(p, n, -1) < 0 && errno != EINTR)
			die("poll");
		for (nfds_t i = 0; i < n; i++)
			if (p[i].revents)
				answer(p[i].fd, id);
	}
}

int main(int argc, char **argv)
{
	bool background = argc > 1 && !strcmp(argv[1], "-b");
	char **arg = argv + background;
	int n = argc - background - 3;
	struct pollfd p[MAX_ADDR];

	if (n < 1 || n > MAX_ADDR) {
		fprintf(stderr, "usage: lab-echo [-b] ID PORT ADDR...\n");
		return 2;
	}
	prctl(PR_SET_NAME, "lab-echo");
	close_range(3, ~0U, 0);
	for (int i = 0; i < n; i++) {
		p[i].fd = listen_on(arg[3 + i], arg[2]);
		p[i].events = POLLIN;
	}
	if (background && daemon(0, 0))
		die("daemon");
	serve(p, (nfds_t)n, arg[1][0]);
}
