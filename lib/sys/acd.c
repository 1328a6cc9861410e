#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "acd.h"
#include "arp.h"
#include "clock.h"
#include "na.h"
#include "pktsock.h"

#define BUDGET 256

static int join(
	int fd, const struct nl_link *l, const struct acd_target *t, size_t n)
{
	static const uint8_t all_nodes[MAC_LEN] = { 0x33, 0x33, 0, 0, 0, 1 };
	uint8_t group[MAC_LEN];
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		if (t[i].addr.family != AF_INET6)
			continue;
		na_solicited_mac(group, &t[i].addr);
		err = pktsock_join(fd, l->ifindex, group);
		if (!err)
			err = pktsock_join(fd, l->ifindex, all_nodes);
	}
	return err;
}

static int ask(
	int fd, const struct nl_link *l, const struct acd_target *t, size_t n)
{
	struct frame f;
	struct pkt p = { l->ifindex, &f };

	for (size_t i = 0; i < n; i++) {
		int sent;

		if (t[i].used)
			continue;
		if (t[i].addr.family == AF_INET)
			arp_probe(&f, &t[i].addr, l->lladdr);
		else
			na_probe(&f, &t[i].addr, l->lladdr);
		sent = pktsock_send(fd, &p, 1);
		if (sent < 0)
			return sent;
	}
	return 0;
}

static void judge(const struct nl_link *l, struct acd_target *t, size_t n,
	const uint8_t *frame, size_t len)
{
	struct arp a;
	struct nd d;
	bool arp = arp_decode(&a, frame, len);
	const uint8_t *mac = arp ? a.sha : d.mac;

	if (!arp && !nd_decode(&d, frame, len))
		return;
	for (size_t i = 0; i < n; i++) {
		if (arp ? !arp_conflicts(&a, &t[i].addr, l->lladdr)
			: !nd_conflicts(&d, &t[i].addr, l->lladdr))
			continue;
		t[i].used = true;
		for (int b = 0; b < MAC_LEN; b++)
			t[i].mac[b] = mac[b];
	}
}

static int hear(int fd, const struct nl_link *l, struct acd_target *t, size_t n)
{
	uint8_t frame[1536];

	for (int i = 0; i < BUDGET; i++) {
		ssize_t len = recv(fd, frame, sizeof frame, MSG_DONTWAIT);

		if (len < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		judge(l, t, n, frame, (size_t)len);
	}
	return 0;
}

static bool all_used(const struct acd_target *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!t[i].used)
			return false;
	return true;
}

int acd_run(int fd, const struct nl_link *l, struct acd_target *t, size_t n,
	unsigned count, int64_t interval)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	struct mono now = mono_now(), next = now;
	int err = pktsock_listen(fd, l->ifindex);

	if (!err)
		err = join(fd, l, t, n);
	while (!err && !all_used(t, n)) {
		if (mono_due(next, now) && !count--)
			break;
		if (mono_due(next, now)) {
			err = ask(fd, l, t, n);
			next = mono_add(now, count ? interval : ACD_WAIT);
		}
		if (!err && poll(&pfd, 1, mono_poll_ms(next, now)) > 0)
			err = hear(fd, l, t, n);
		now = mono_now();
	}
	return err;
}
