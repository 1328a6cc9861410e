#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "nlmon.h"

#define IFA_PROTO_ATTR 11 /* IFA_PROTO, Linux 5.18 */
#define RCVBUF	       (4 << 20)
#define BUF	       32768 /* as much as the kernel puts together */

bool nl_link_usable(const struct nl_link *l)
{
	return (l->flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
}

/* ---- Messages.  Not by libnl, of which each elector would keep pages. */

static const void *body(const struct nlmsghdr *h)
{
	return (const uint8_t *)h + NLMSG_HDRLEN;
}

/* What follows the n bytes of a message's own header; NULL: it is too short. */
static const uint8_t *attrs_of(const struct nlmsghdr *h, size_t n, size_t *len)
{
	size_t skip = NLMSG_HDRLEN + NLMSG_ALIGN(n);

	*len = h->nlmsg_len > skip ? h->nlmsg_len - skip : 0;
	return h->nlmsg_len >= NLMSG_HDRLEN + n ? (const uint8_t *)h + skip
						: NULL;
}

/* Those of a type up to max, the last of each; what has no room is left out. */
static void index_attrs(
	const struct rtattr *tb[], unsigned max, const uint8_t *p, size_t left)
{
	while (left >= sizeof(struct rtattr)) {
		const struct rtattr *a = (const void *)p;
		unsigned type = a->rta_type & (uint16_t)NLA_TYPE_MASK;
		size_t step = RTA_ALIGN(a->rta_len);

		if (a->rta_len < sizeof *a || a->rta_len > left)
			return;
		if (type <= max)
			tb[type] = a;
		p += step < left ? step : left;
		left -= step < left ? step : left;
	}
}

static const void *payload(const struct rtattr *a)
{
	return (const uint8_t *)a + RTA_LENGTH(0);
}

static size_t payload_len(const struct rtattr *a)
{
	return a ? a->rta_len - RTA_LENGTH(0) : 0;
}

/* False, and *v as it was, where it is not told. */
static bool get_u32(uint32_t *v, const struct rtattr *a)
{
	if (payload_len(a) < sizeof *v)
		return false;
	memcpy(v, payload(a), sizeof *v);
	return true;
}

/* Cut at size, and with a NUL even if there is none. */
static void get_text(char *text, size_t size, const struct rtattr *a)
{
	size_t n = payload_len(a);

	n = n < size ? n : size - 1;
	if (n)
		memcpy(text, payload(a), n);
	text[n] = '\0';
}

static void take_link(struct nlmon *m, const struct nlmsghdr *h)
{
	const struct rtattr *tb[IFLA_IFALIAS + 1] = { NULL };
	const struct ifinfomsg *ifi = body(h);
	char alias[sizeof NLMON_ALIAS + 1];
	struct nl_link l = { 0 };
	uint32_t lower = 0;
	size_t len;
	const uint8_t *p = attrs_of(h, sizeof *ifi, &len);

	/* AF_BRIDGE and the like speak of ports, not of links */
	if (!p || ifi->ifi_family != AF_UNSPEC)
		return;
	index_attrs(tb, IFLA_IFALIAS, p, len);
	get_text(l.name, sizeof l.name, tb[IFLA_IFNAME]);
	if (!*l.name)
		return;
	l.ifindex = ifi->ifi_index;
	l.flags = ifi->ifi_flags;
	l.type = ifi->ifi_type;
	len = payload_len(tb[IFLA_ADDRESS]);
	if (len && len <= LLADDR_MAX) {
		memcpy(l.lladdr, payload(tb[IFLA_ADDRESS]), len);
		l.lladdr_len = (uint8_t)len;
	}
	if (get_u32(&lower, tb[IFLA_LINK]))
		l.lower = (int)lower;
	get_text(alias, sizeof alias, tb[IFLA_IFALIAS]);
	l.alias = strcmp(alias, NLMON_ALIAS) == 0;
	m->ops->on_link(m->arg, &l, h->nlmsg_type == RTM_DELLINK);
}

/* IFA_LOCAL is the address; where there is none (IPv6) IFA_ADDRESS is. */
static bool local_addr(
	struct nl_ifaddr *a, int family, const struct rtattr *const tb[])
{
	const struct rtattr *at =
		tb[IFA_LOCAL] ? tb[IFA_LOCAL] : tb[IFA_ADDRESS];

	a->prefix.addr.family = (uint8_t)family;
	if (!at || payload_len(at) != addr_size(&a->prefix.addr))
		return false;
	a->prefix.addr = addr_from(family, payload(at));
	return true;
}

static void take_addr(struct nlmon *m, const struct nlmsghdr *h)
{
	const struct rtattr *tb[IFA_PROTO_ATTR + 1] = { NULL };
	const struct ifaddrmsg *ifa = body(h);
	struct nl_ifaddr a = { .valid_lft = UINT32_MAX };
	size_t len;
	const uint8_t *p = attrs_of(h, sizeof *ifa, &len);

	if (!p || (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6))
		return;
	index_attrs(tb, IFA_PROTO_ATTR, p, len);
	if (!local_addr(&a, ifa->ifa_family, tb))
		return;
	a.ifindex = (int)ifa->ifa_index;
	a.scope = ifa->ifa_scope;
	a.prefix.len = ifa->ifa_prefixlen;
	a.prefix.told = true;
	a.flags = ifa->ifa_flags;
	get_u32(&a.flags, tb[IFA_FLAGS]);
	if (payload_len(tb[IFA_PROTO_ATTR]))
		a.proto = *(const uint8_t *)payload(tb[IFA_PROTO_ATTR]);
	if (payload_len(tb[IFA_CACHEINFO]) >= sizeof(struct ifa_cacheinfo))
		a.valid_lft = ((const struct ifa_cacheinfo *)payload(
				       tb[IFA_CACHEINFO]))
				      ->ifa_valid;
	m->ops->on_addr(m->arg, &a, h->nlmsg_type == RTM_DELADDR);
}

/* ---- Dumps. */

/* One dump at a time, links before addresses. */
static int ask_dump(struct nlmon *m, unsigned what)
{
	struct {
		struct nlmsghdr h;
		struct rtgenmsg g;
	} req = {
		.h = { .nlmsg_len = NLMSG_LENGTH(sizeof req.g),
			.nlmsg_type =
				what == NLMON_LINKS ? RTM_GETLINK : RTM_GETADDR,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			.nlmsg_seq = ++m->seq },
		.g = { .rtgen_family = AF_UNSPEC },
	};

	m->dumping = what;
	return send(m->fd, &req, req.h.nlmsg_len, 0) < 0 ? -errno : 0;
}

static int start_sync(struct nlmon *m)
{
	m->synced = false;
	m->resync = false;
	if (m->ops->on_sync)
		m->ops->on_sync(m->arg, false);
	return ask_dump(m, m->what & NLMON_LINKS ? NLMON_LINKS : NLMON_ADDRS);
}

int nlmon_resync(struct nlmon *m)
{
	m->resync = true;
	return m->dumping ? 0 : start_sync(m);
}

/* A dump ended; what was lost while it ran is had by another. */
static int dump_done(struct nlmon *m)
{
	bool links = m->dumping == NLMON_LINKS;

	m->dumping = 0;
	if (m->resync)
		return start_sync(m);
	if (links && m->what & NLMON_ADDRS)
		return ask_dump(m, NLMON_ADDRS);
	m->synced = true;
	if (m->ops->on_sync)
		m->ops->on_sync(m->arg, true);
	return 0;
}

static int take(struct nlmon *m, const struct nlmsghdr *h)
{
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		m->resync = true;
	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		take_link(m, h);
		return 0;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		take_addr(m, h);
		return 0;
	case NLMSG_DONE:
	case NLMSG_ERROR:
		return m->dumping && h->nlmsg_seq == m->seq ? dump_done(m) : 0;
	default:
		return 0;
	}
}

static int take_all(struct nlmon *m, const uint8_t *p, size_t left)
{
	int err = 0;

	while (!err && left >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *h = (const void *)p;
		size_t step = NLMSG_ALIGN((size_t)h->nlmsg_len);

		if (h->nlmsg_len < sizeof *h || h->nlmsg_len > left)
			break;
		err = take(m, h);
		p += step < left ? step : left;
		left -= step < left ? step : left;
	}
	return err;
}

/* Only the kernel is believed (its port is 0). */
static int read_one(struct nlmon *m)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { m->buf, BUF };
	struct msghdr mh = { .msg_name = &from,
		.msg_namelen = sizeof from,
		.msg_iov = &iov,
		.msg_iovlen = 1 };
	ssize_t n = recvmsg(m->fd, &mh, MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	return from.nl_pid == 0 ? take_all(m, m->buf, (size_t)n) : 0;
}

static int read_some(struct nlmon *m, unsigned budget)
{
	while (budget--) {
		int err = read_one(m);

		if (err == -EAGAIN || err == -EINTR)
			return 0;
		if (err == -ENOBUFS)
			err = nlmon_resync(m);
		if (err)
			return err;
	}
	return 0;
}

int nlmon_read(struct nlmon *m, unsigned budget)
{
	int err = read_some(m, budget);

	if (m->synced) /* the next event may be hours away */
		madvise(m->buf, BUF, MADV_DONTNEED);
	return err;
}

int nlmon_wait(struct nlmon *m, struct mono deadline)
{
	struct pollfd p = { .fd = m->fd, .events = POLLIN };

	while (!m->synced) {
		int n = poll(&p, 1, mono_poll_ms(deadline, mono_now()));
		int err = n > 0 ? nlmon_read(m, 64) : 0;

		if (n < 0 && errno != EINTR)
			return -errno;
		if (err)
			return err;
		if (n == 0)
			return -ETIMEDOUT;
	}
	return 0;
}

static int join(struct nlmon *m, int group)
{
	return setsockopt(m->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
		       sizeof group)
		       ? -errno
		       : 0;
}

static int subscribe(struct nlmon *m)
{
	int err = 0;

	if (m->what & NLMON_LINKS)
		err = join(m, RTNLGRP_LINK);
	if (!err && m->what & NLMON_ADDRS)
		err = join(m, RTNLGRP_IPV4_IFADDR);
	if (!err && m->what & NLMON_ADDRS)
		err = join(m, RTNLGRP_IPV6_IFADDR);
	return err;
}

/* With much room for what the kernel tells. */
static int open_socket(struct nlmon *m)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int size = RCVBUF;

	m->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (m->fd < 0 || bind(m->fd, (struct sockaddr *)&any, sizeof any))
		return -errno;
	if (setsockopt(m->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
		setsockopt(m->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	return 0;
}

int nlmon_open(
	struct nlmon *m, unsigned what, const struct nlmon_ops *ops, void *arg)
{
	int err;

	*m = (struct nlmon){ .fd = -1, .what = what, .ops = ops, .arg = arg };
	m->buf = mmap(NULL, BUF, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m->buf == MAP_FAILED) {
		m->buf = NULL;
		return -errno;
	}
	err = open_socket(m);
	if (!err)
		err = subscribe(m);
	if (!err)
		err = start_sync(m);
	if (err)
		nlmon_close(m);
	return err;
}

void nlmon_close(struct nlmon *m)
{
	if (!m->buf)
		return;
	if (m->fd >= 0)
		close(m->fd);
	munmap(m->buf, BUF);
	m->buf = NULL;
	m->fd = -1;
}
