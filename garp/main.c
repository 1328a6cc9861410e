#include <errno.h>
#include <poll.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "acd.h"
#include "announce.h"
#include "clock.h"
#include "die.h"
#include "garp.h"
#include "line.h"
#include "pktsock.h"

#define COUNT	5
#define PATIENT 1000 /* ms for the device to take more */

static struct options garp;

static int send_round(int fd, const struct pkt *p, size_t n)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	for (size_t done = 0; done < n;) {
		int sent = pktsock_send(fd, p + done, n - done);

		if (sent < 0 && (sent != -EAGAIN || !poll(&pfd, 1, PATIENT)))
			return sent;
		done += sent > 0 ? (size_t)sent : 0;
	}
	return 0;
}

static int announce(
	const struct options *g, int fd, const struct nl_link *l, bool router)
{
	static struct frame frames[GARP_ADDRS];
	static struct pkt pkts[GARP_ADDRS];
	const uint8_t *mac = g->mac_told ? g->mac : l->lladdr;
	unsigned count = g->count ? g->count : COUNT;
	int err = 0;

	for (size_t i = 0; i < g->naddrs; i++) {
		announce_frame(&frames[i], &g->addrs[i], mac, g->reply, router);
		pkts[i] = (struct pkt){ l->ifindex, &frames[i] };
	}
	while (!err && count--) {
		struct mono now = mono_now();
		struct timespec ts;

		err = send_round(fd, pkts, g->naddrs);
		if (!err && count && g->interval > 0)
			nanosleep(mono_timespec(
					  &ts, mono_add(now, g->interval), now),
				NULL);
	}
	if (err)
		die(EXIT_SYSTEM, "%s: cannot send: %s", l->name,
			errno_str(err, "CAP_NET_RAW"));
	return EXIT_YES;
}

static void print_target(const struct acd_target *t, const char *ifname)
{
	struct line_out o;
	char text[ADDR_STRLEN];

	line_begin(
		&o, false, t->used ? "USED" : "FREE", addr_str(&t->addr, text));
	line_str(&o, "if", ifname);
	if (t->used)
		line_str(&o, "lladdr", mac_str(t->mac, text));
	if (write(STDOUT_FILENO, o.buf, line_end(&o)) < 0)
		die(EXIT_SYSTEM, "stdout: %s", strerror(errno));
}

static int probe(const struct options *g, int fd, const struct nl_link *l)
{
	static struct acd_target t[GARP_ADDRS];
	unsigned count = g->count ? g->count : ACD_COUNT;
	int64_t interval = g->interval < 0 ? ACD_INTERVAL : g->interval;
	int code = EXIT_YES, err;

	for (size_t i = 0; i < g->naddrs; i++)
		t[i].addr = g->addrs[i];
	err = acd_run(fd, l, t, g->naddrs, count, interval);
	if (err)
		die(EXIT_SYSTEM, "%s: cannot probe: %s", l->name,
			errno_str(err, "CAP_NET_RAW"));
	for (size_t i = 0; i < g->naddrs; i++) {
		if (g->words >= 0)
			print_target(&t[i], l->name);
		if (t[i].used)
			code = EXIT_NO;
	}
	return code;
}

/* From here on: send on the socket, or aim it at the link and listen. */
static void give_up(const struct options *g)
{
	static const int calls[] = { SCMP_SYS(sendmmsg), SCMP_SYS(setsockopt),
		SCMP_SYS(bind), SCMP_SYS(recvfrom), -1 };

	sandbox_enter(&g->sandbox, (struct confine){ .calls = calls });
}

int main(int argc, char **argv)
{
	struct options *g = &garp;
	struct nl_link l;
	const char *mute;
	int fd, err, code;
	bool router;

	die_prog = "garp";
	garp_options(g, argc, argv);
	err = link_get(g->ifname, &l);
	if (err)
		die(EXIT_SYSTEM, "%s: %s", g->ifname, errno_str(err, NULL));
	mute = link_mute(&l);
	if (mute)
		die(EXIT_SYSTEM, "%s: %s", g->ifname, mute);
	fd = pktsock_open();
	if (fd < 0)
		die(EXIT_SYSTEM, "packet socket: %s",
			errno_str(fd, "CAP_NET_RAW"));
	router = link_forwards6(l.name);
	give_up(g);
	code = g->probe ? probe(g, fd, &l) : announce(g, fd, &l, router);
	if (g->words > 0)
		warn("%s: %zu addresses %s", g->ifname, g->naddrs,
			g->probe ? "probed" : "announced");
	close(fd);
	return code;
}
