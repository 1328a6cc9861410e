/*
 * lab-tcp serve NAME PORT ADDR... - says NAME and a newline to whoever
 *	connects, then sends back what it gets.
 * lab-tcp loop ADDR PORT [MS [PATIENCE]] - connects every MS (20), reads the
 *	name and closes; a line each: "START END NAME", or "START END ! WHY",
 *	after PATIENCE ms (5000) at most.
 * lab-tcp hold ADDR PORT [MS]     - one connection, a byte every MS (50) and
 *	back: "START NAME" at first, ". TIME" for each byte that came back,
 *	and "TIME ! WHY" when it broke; exit 1.
 * loop and hold run until TERM.  Times are those of lab.h.
 */
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lab.h"

#define MAX_FD	 1024
#define PATIENCE (5 * NSEC)

static int socket_for(const char *addr, const char *port, bool listen_there)
{
	struct addrinfo hint = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	}, *ai;
	int fd, one = 1, err;

	if (getaddrinfo(addr, port, &hint, &ai)) {
		fprintf(stderr, "lab-tcp: %s %s?\n", addr, port);
		exit(2);
	}
	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (ai->ai_family == AF_INET)
		setsockopt(fd, SOL_IP, IP_FREEBIND, &one, sizeof(one));
	err = listen_there
		      ? bind(fd, ai->ai_addr, ai->ai_addrlen) || listen(fd, 128)
		      : connect(fd, ai->ai_addr, ai->ai_addrlen) &&
				errno != EINPROGRESS;
	if (err && listen_there)
		die(addr);
	freeaddrinfo(ai);
	return fd;
}

/* ---- serve */

static struct pollfd fds[MAX_FD];
static nfds_t nfds;

static void greet(int listener, const char *name)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%s\n", name);
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (nfds == MAX_FD || write(fd, text, (size_t)n) != n) {
		close(fd);
		return;
	}
	fds[nfds++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

/* False when the connection is over. */
static bool send_back(int fd)
{
	char buf[1024];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n < 0)
		return errno == EAGAIN;
	return n > 0 && write(fd, buf, (size_t)n) == n;
}

static int serve(const char *name, const char *port, char **addrs)
{
	nfds_t listeners;

	for (; *addrs && nfds < MAX_FD; addrs++)
		fds[nfds++] =
			(struct pollfd){ .fd = socket_for(*addrs, port, true),
				.events = POLLIN };
	listeners = nfds;
	fprintf(stderr, "ready\n");
	while (!lab_stopped) {
		nfds_t n = nfds;

		if (lab_poll(fds, nfds, INT64_MAX) <= 0)
			continue;
		for (nfds_t i = n; i-- > 0;) {
			if (!fds[i].revents)
				continue;
			if (i < listeners) {
				greet(fds[i].fd, name);
			} else if (!send_back(fds[i].fd)) {
				close(fds[i].fd);
				fds[i] = fds[--nfds];
			}
		}
	}
	return 0;
}

/* ---- the clients */

static const char *wait_for(int fd, short events, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = events };
	socklen_t len = sizeof(int);
	int err = 0, n;

	do
		n = lab_poll(&p, 1, until);
	while (n < 0 && errno == EINTR && !lab_stopped);
	if (n <= 0)
		return lab_stopped ? "stopped" : "timeout";
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return err ? strerror(err) : NULL;
}

/* NULL, or why not. */
static const char *read_name(int fd, char *name, size_t size, int64_t until)
{
	const char *why = wait_for(fd, POLLOUT, until);
	ssize_t n;

	if (!why)
		why = wait_for(fd, POLLIN, until);
	if (why)
		return why;
	n = read(fd, name, size - 1);
	if (n <= 0)
		return n ? strerror(errno) : "end of file";
	name[n] = '\0';
	name[strcspn(name, "\n")] = '\0';
	return NULL;
}

static void until(int64_t moment)
{
	while (!lab_stopped && lab_now(CLOCK_MONOTONIC) < moment)
		lab_poll(NULL, 0, moment);
}

static int loop(
	const char *addr, const char *port, int64_t every, int64_t patience)
{
	fprintf(stderr, "ready\n");
	while (!lab_stopped) {
		int64_t at = lab_now(CLOCK_MONOTONIC),
			start = lab_now(CLOCK_REALTIME), end;
		int fd = socket_for(addr, port, false);
		char name[64];
		const char *why =
			read_name(fd, name, sizeof(name), at + patience);

		end = lab_now(CLOCK_REALTIME);
		close(fd);
		if (!lab_stopped)
			printf(T_FMT " " T_FMT " %s%s\n", T_ARG(start),
				T_ARG(end), why ? "! " : "", why ? why : name);
		fflush(stdout);
		until(at + every);
	}
	return 0;
}

static const char *one_byte(int fd)
{
	int64_t end = lab_now(CLOCK_MONOTONIC) + 4 * PATIENCE;
	const char *why;
	char c = 'x';
	ssize_t n;

	if (write(fd, &c, 1) != 1)
		return strerror(errno);
	why = wait_for(fd, POLLIN, end);
	if (why)
		return why;
	n = read(fd, &c, 1);
	return n == 1 ? NULL : n ? strerror(errno) : "end of file";
}

static int hold(const char *addr, const char *port, int64_t every)
{
	int64_t at = lab_now(CLOCK_MONOTONIC);
	int fd = socket_for(addr, port, false);
	char name[64];
	const char *why = read_name(fd, name, sizeof(name), at + PATIENCE);

	if (!why)
		printf(T_FMT " %s\n", T_ARG(lab_now(CLOCK_REALTIME)), name);
	while (!why && !lab_stopped) {
		fflush(stdout);
		at = lab_now(CLOCK_MONOTONIC);
		why = one_byte(fd);
		if (!why)
			printf(". " T_FMT "\n", T_ARG(lab_now(CLOCK_REALTIME)));
		until(at + every);
	}
	if (lab_stopped)
		return 0;
	printf(T_FMT " ! %s\n", T_ARG(lab_now(CLOCK_REALTIME)), why);
	return 1;
}

int main(int argc, char **argv)
{
	bool serves = argc > 4 && strcmp(argv[1], "serve") == 0;
	int64_t every =
		argc > 4 && !serves ? lab_number(argv[4], 1, 60000) * MSEC : 0;

	int64_t patience = argc > 5 && !serves
				   ? lab_number(argv[5], 1, 60000) * MSEC
				   : PATIENCE;

	signal(SIGPIPE, SIG_IGN);
	lab_catch_stop();
	if (serves)
		return serve(argv[2], argv[3], argv + 4);
	if (argc > 3 && strcmp(argv[1], "loop") == 0)
		return loop(
			argv[2], argv[3], every ? every : 20 * MSEC, patience);
	if (argc > 3 && strcmp(argv[1], "hold") == 0)
		return hold(argv[2], argv[3], every ? every : 50 * MSEC);
	fprintf(stderr, "usage: lab-tcp serve NAME PORT ADDR...\n"
			"       lab-tcp loop ADDR PORT [MS [PATIENCE]]\n"
			"       lab-tcp hold ADDR PORT [MS]\n");
	return 2;
}
