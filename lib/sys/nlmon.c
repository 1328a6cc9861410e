#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "clock.h"
#include "nlmon.h"

#define IFA_PROTO_ATTR 11 /* IFA_PROTO, Linux 5.18 */
#define RCVBUF	       (4 << 20)
#define BUF	       32768 /* as much as the kernel puts together */

bool nl_link_usable(const struct nl_link *l)
{
	return (l->flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
}

static struct nla_policy link_policy[IFLA_IFALIAS + 1] = {
	[IFLA_IFNAME] = { .type = NLA_NUL_STRING },
	[IFLA_LINK] = { .type = NLA_U32 },
	[IFLA_IFALIAS] = { .type = NLA_NUL_STRING },
};

static struct nla_policy addr_policy[IFA_PROTO_ATTR + 1] = {
	[IFA_FLAGS] = { .type = NLA_U32 },
	[IFA_CACHEINFO] = { .minlen = sizeof(struct ifa_cacheinfo) },
	[IFA_PROTO_ATTR] = { .type = NLA_U8 },
};

static void take_link(struct nlmon *m, struct nlmsghdr *h)
{
	struct ifinfomsg *ifi = nlmsg_data(h);
	struct nlattr *tb[IFLA_IFALIAS + 1];
	struct nl_link l = { 0 };
	int n;

	if (nlmsg_parse(h, sizeof *ifi, tb, IFLA_IFALIAS, link_policy) < 0 ||
		!tb[IFLA_IFNAME])
		return;
	l.ifindex = ifi->ifi_index;
	l.flags = ifi->ifi_flags;
	l.type = ifi->ifi_type;
	nla_strlcpy(l.name, tb[IFLA_IFNAME], sizeof l.name);
	if (tb[IFLA_ADDRESS] && (n = nla_len(tb[IFLA_ADDRESS])) <= LLADDR_MAX) {
		memcpy(l.lladdr, nla_data(tb[IFLA_ADDRESS]), (size_t)n);
		l.lladdr_len = (uint8_t)n;
	}
	if (tb[IFLA_LINK])
		l.lower = nla_get_s32(tb[IFLA_LINK]);
	l.alias = tb[IFLA_IFALIAS] &&
		  nla_strcmp(tb[IFLA_IFALIAS], NLMON_ALIAS) == 0;
	m->ops->on_link(m->arg, &l, h->nlmsg_type == RTM_DELLINK);
}

/* IFA_LOCAL is the address; where there is none (IPv6) IFA_ADDRESS is. */
static bool local_addr(struct nl_ifaddr *a, int family, struct nlattr **tb)
{
	struct nlattr *at = tb[IFA_LOCAL] ? tb[IFA_LOCAL] : tb[IFA_ADDRESS];

	a->prefix.addr.family = (uint8_t)family;
	if (!at || (size_t)nla_len(at) != addr_size(&a->prefix.addr))
		return false;
	a->prefix.addr = addr_from(family, nla_data(at));
	return true;
}

static void take_addr(struct nlmon *m, struct nlmsghdr *h)
{
	struct ifaddrmsg *ifa = nlmsg_data(h);
	struct nlattr *tb[IFA_PROTO_ATTR + 1];
	struct nl_ifaddr a = { .valid_lft = UINT32_MAX };

	if (nlmsg_parse(h, sizeof *ifa, tb, IFA_PROTO_ATTR, addr_policy) < 0)
		return;
	if (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6)
		return;
	if (!local_addr(&a, ifa->ifa_family, tb))
		return;
	a.ifindex = (int)ifa->ifa_index;
	a.scope = ifa->ifa_scope;
	a.prefix.len = ifa->ifa_prefixlen;
	a.prefix.told = true;
	a.flags = tb[IFA_FLAGS] ? nla_get_u32(tb[IFA_FLAGS]) : ifa->ifa_flags;
	if (tb[IFA_PROTO_ATTR])
		a.proto = nla_get_u8(tb[IFA_PROTO_ATTR]);
	if (tb[IFA_CACHEINFO])
		a.valid_lft =
			((struct ifa_cacheinfo *)nla_data(tb[IFA_CACHEINFO]))
				->ifa_valid;
	m->ops->on_addr(m->arg, &a, h->nlmsg_type == RTM_DELADDR);
}

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

static int take(struct nlmon *m, struct nlmsghdr *h)
{
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		m->resync = true;
	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		/* AF_BRIDGE and the like speak of ports, not of links */
		if (nlmsg_valid_hdr(h, sizeof(struct ifinfomsg)) &&
			((struct ifinfomsg *)nlmsg_data(h))->ifi_family ==
				AF_UNSPEC)
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

static int take_all(struct nlmon *m, void *buf, size_t len)
{
	int left = (int)len, err = 0;

	for (struct nlmsghdr *h = buf; !err && nlmsg_ok(h, left);
		h = nlmsg_next(h, &left))
		err = take(m, h);
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

static int subscribe(struct nlmon *m)
{
	int err = 0;

	if (m->what & NLMON_LINKS)
		err = nl_socket_add_membership(m->sk, RTNLGRP_LINK);
	if (!err && m->what & NLMON_ADDRS)
		err = nl_socket_add_memberships(
			m->sk, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, 0);
	return err ? -EIO : 0;
}

static int reserve(struct nlmon *m)
{
	void *p = mmap(NULL, BUF, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	m->buf = p == MAP_FAILED ? NULL : p;
	m->sk = nl_socket_alloc();
	return m->buf && m->sk ? 0 : -ENOMEM;
}

int nlmon_open(
	struct nlmon *m, unsigned what, const struct nlmon_ops *ops, void *arg)
{
	int size = RCVBUF, err;

	*m = (struct nlmon){ .fd = -1, .what = what, .ops = ops, .arg = arg };
	err = reserve(m);
	if (!err)
		err = nl_connect(m->sk, NETLINK_ROUTE) ? -EIO : 0;
	if (!err) {
		m->fd = nl_socket_get_fd(m->sk);
		if (setsockopt(m->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
			    sizeof size) != 0)
			setsockopt(m->fd, SOL_SOCKET, SO_RCVBUF, &size,
				sizeof size);
		err = subscribe(m);
	}
	if (!err)
		err = start_sync(m);
	if (err)
		nlmon_close(m);
	return err;
}

void nlmon_close(struct nlmon *m)
{
	if (m->sk)
		nl_socket_free(m->sk);
	if (m->buf)
		munmap(m->buf, BUF);
	m->sk = NULL;
	m->buf = NULL;
	m->fd = -1;
}
