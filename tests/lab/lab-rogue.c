/*
 * lab-rogue NAME=SCRIPT...: servers that misbehave.  Each listens on a free
 * port of 127.0.0.1 of its own; "NAME PORT" is printed for each, then "ready".
 * On every connection the script runs, steps with | between them:
 *	read		wait for some bytes
 *	send:TEXT	\r \n \\ \p (for |) and \xHH
 *	fill:N		N bytes of x
 *	drip:MS:TEXT	a byte every MS milliseconds
 *	loop:TEXT	for ever, as fast as it is taken
 *	wait:MS
 *	close reset hold
 * A NAME that begins with u is UDP: the script is but one reply, TEXT, in which
 * \2 stands for the first two bytes of what came; "hold" answers nothing.
 * At its end it prints how many connections came to each.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"

#define SERVERS	 64
#define CLIENTS	 4096
#define TEXT_MAX 8192

static struct server {
	const char *name, *script;
	int fd;
	bool udp;
	unsigned long long n;
} servers[SERVERS];

static int nservers;

static struct client {
	int fd; /* -1: free */
	const char *step;
	size_t sent; /* of this step */
	int64_t at;  /* not before */
} clients[CLIENTS];

static int high;

/* ---- Text. */

static int hex2(const char *s)
{
	char two[3] = { s[0], s[1], '\0' };

	return (int)strtol(two, NULL, 16);
}

/* The bytes of a step's text, which ends at | or the end. */
static size_t text(const char *s, char *out, const char *first_two)
{
	size_t n = 0;

	for (; *s && *s != '|' && n < TEXT_MAX; s++) {
		if (*s != '\\') {
			out[n++] = *s;
			continue;
		}
		s++;
		if (*s == '2' && first_two) {
			out[n++] = first_two[0];
			out[n++] = first_two[1];
		} else if (*s == 'x') {
			out[n++] = (char)hex2(s + 1);
			s += 2;
		} else {
			out[n++] = *s == 'r'   ? '\r'
				   : *s == 'n' ? '\n'
				   : *s == 'p' ? '|'
					       : *s;
		}
	}
	return n;
}

static bool is_step(const struct client *c, const char *word)
{
	return strncmp(c->step, word, strlen(word)) == 0;
}

/* ---- Clients. */

static void next_step(struct client *c)
{
	c->step += strcspn(c->step, "|");
	if (*c->step)
		c->step++;
	c->sent = 0;
}

static void hang_up(struct client *c, bool reset)
{
	struct linger rst = { 1, 0 };

	if (reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &rst, sizeof(rst));
	close(c->fd);
	c->fd = -1;
}

/* False when there is no room now, or the other end has gone. */
static bool put(struct client *c, const char *p, size_t n)
{
	ssize_t done = send(c->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (done < 0 && errno != EAGAIN)
		hang_up(c, false);
	if (done > 0)
		c->sent += (size_t)done;
	return done > 0;
}

static void fill(struct client *c, size_t want)
{
	static char x[65536];

	memset(x, 'x', sizeof(x));
	while (c->sent < want) {
		size_t left = want - c->sent;

		if (!put(c, x, left < sizeof(x) ? left : sizeof(x)))
			return;
	}
	next_step(c);
}

static void drip(struct client *c, int64_t now)
{
	static char buf[TEXT_MAX + 2];
	char *rest;
	int64_t ms = strtoll(c->step + 5, &rest, 10);
	size_t n = text(rest + 1, buf, NULL);

	if (c->sent < n && put(c, buf + c->sent, 1))
		c->at = now + ms * MSEC;
	if (c->fd >= 0 && c->sent >= n)
		next_step(c);
}

static void loop(struct client *c)
{
	static char buf[TEXT_MAX + 2];
	size_t n = text(c->step + 5, buf, NULL);

	for (int i = 0; i < 64; i++)
		if (!put(c, buf + c->sent % n, n - c->sent % n))
			return;
}

static void say(struct client *c)
{
	static char buf[TEXT_MAX + 2];
	size_t n = text(c->step + 5, buf, NULL);

	while (c->sent < n)
		if (!put(c, buf + c->sent, n - c->sent))
			return;
	next_step(c);
}

static void hear(struct client *c)
{
	char buf[65536];
	ssize_t n = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		hang_up(c, false);
	} else if (n > 0 && is_step(c, "read")) {
		next_step(c);
	}
}

/* One step on; true while there may be more at once. */
static bool step(struct client *c, int64_t now)
{
	const char *before = c->step;

	if (is_step(c, "send:"))
		say(c);
	else if (is_step(c, "fill:"))
		fill(c, (size_t)strtoull(c->step + 5, NULL, 10));
	else if (is_step(c, "drip:"))
		drip(c, now);
	else if (is_step(c, "loop:"))
		loop(c);
	else if (is_step(c, "wait:")) {
		c->at = now + strtoll(c->step + 5, NULL, 10) * MSEC;
		next_step(c);
	} else if (is_step(c, "reset"))
		hang_up(c, true);
	else if (is_step(c, "close") || !*c->step)
		hang_up(c, false);
	return c->fd >= 0 && c->step != before && c->at <= now;
}

static void greet(struct server *s)
{
	int fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK);

	if (fd < 0)
		return;
	s->n++;
	for (int i = 0; i < CLIENTS; i++) {
		if (i < high && clients[i].fd >= 0)
			continue;
		clients[i] = (struct client){ .fd = fd, .step = s->script };
		if (i >= high)
			high = i + 1;
		return;
	}
	close(fd);
}

static void answer(struct server *s)
{
	static char out[TEXT_MAX + 2];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	char in[2048] = { 0 };

	if (recvfrom(s->fd, in, sizeof(in), MSG_DONTWAIT,
		    (struct sockaddr *)&from, &len) < 0)
		return;
	s->n++;
	if (strcmp(s->script, "hold") != 0)
		sendto(s->fd, out, text(s->script, out, in), 0,
			(struct sockaddr *)&from, len);
}

/* ---- The whole. */

static void open_server(struct server *s, char *arg)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);
	char *eq = strchr(arg, '=');

	if (!eq)
		exit(2);
	*eq = '\0';
	s->name = arg;
	s->script = eq + 1;
	s->udp = arg[0] == 'u';
	s->fd = socket(AF_INET,
		(s->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC |
			SOCK_NONBLOCK,
		0);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&sa, len) ||
		(!s->udp && listen(s->fd, 1024)) ||
		getsockname(s->fd, (struct sockaddr *)&sa, &len))
		die(s->name);
	printf("%s %d\n", s->name, ntohs(sa.sin_port));
}

static bool wants_room(const struct client *c, int64_t now)
{
	return c->at <= now && !is_step(c, "read") && !is_step(c, "hold");
}

static int64_t slots(struct pollfd *p, int64_t now)
{
	int64_t until = now + 3600 * NSEC;

	for (int i = 0; i < nservers; i++)
		p[i] = (struct pollfd){ servers[i].fd, POLLIN, 0 };
	for (int i = 0; i < high; i++) {
		struct client *c = &clients[i];
		bool room = c->fd >= 0 && wants_room(c, now);

		p[nservers + i] = (struct pollfd){ c->fd,
			(short)(POLLIN | (room ? POLLOUT : 0)), 0 };
		if (c->fd >= 0 && c->at > now && c->at < until)
			until = c->at;
	}
	return until;
}

static void turn(void)
{
	static struct pollfd p[SERVERS + CLIENTS];
	int64_t now = lab_now(CLOCK_MONOTONIC), until = slots(p, now);
	int n = high;

	if (lab_poll(p, (nfds_t)(nservers + n), until) < 0 && errno != EINTR)
		die("poll");
	now = lab_now(CLOCK_MONOTONIC);
	for (int i = 0; i < n; i++) {
		struct client *c = &clients[i];

		if (c->fd >= 0 &&
			p[nservers + i].revents & (POLLIN | POLLERR | POLLHUP))
			hear(c);
		while (c->fd >= 0 && wants_room(c, now) && step(c, now))
			;
	}
	for (int i = 0; i < nservers; i++) {
		if (!p[i].revents)
			continue;
		if (servers[i].udp)
			answer(&servers[i]);
		else
			greet(&servers[i]);
	}
}

int main(int argc, char **argv)
{
	lab_catch_stop();
	for (int i = 1; i < argc && i <= SERVERS; i++)
		open_server(&servers[nservers++], argv[i]);
	printf("ready\n");
	fflush(stdout);
	while (!lab_stopped)
		turn();
	for (int i = 0; i < nservers; i++)
		printf("%s was called %llu times\n", servers[i].name,
			servers[i].n);
	return 0;
}
