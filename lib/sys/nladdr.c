#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/addr.h>
#include <netlink/msg.h>
#include <netlink/route/addr.h>
#include <netlink/route/route.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "nladdr.h"

#define IFA_PROTO_ATTR 11 /* IFA_PROTO, Linux 5.18 */
#define MSG_SIZE       512
#define CHUNK_MAX      1024 /* UIO_MAXIOV */
#define RCVBUF	       (4 << 20)
#define ANSWER_COST    2048 /* of a receive buffer, at most */
#define ANSWER_MS      5000

static size_t room_for_answers(int fd)
{
	int size = RCVBUF;
	socklen_t len = sizeof size;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len))
		return 1;
	size /= ANSWER_COST;
	return size > CHUNK_MAX ? CHUNK_MAX : size < 1 ? 1 : (size_t)size;
}

int nladdr_open(struct nladdr *n)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int on = 1, err;

	nlmsg_set_default_size(MSG_SIZE);
	n->seq = 0;
	n->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (n->fd < 0)
		return -errno;
	n->chunk = room_for_answers(n->fd);
	/* errors without the message they are about */
	setsockopt(n->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
	if (connect(n->fd, (struct sockaddr *)&kernel, sizeof kernel) == 0)
		return 0;
	err = -errno;
	nladdr_close(n);
	return err;
}

void nladdr_close(struct nladdr *n)
{
	close(n->fd);
	n->fd = -1;
}

/* Addresses and links have it at the same place. */
_Static_assert(offsetof(struct ifaddrmsg, ifa_index) ==
		       offsetof(struct ifinfomsg, ifi_index),
	"one patch for both");

/* Sequence numbers of a batch run from n->seq + 1. */
static int send_edits(struct nladdr *n, struct nledit *e, size_t count)
{
	struct iovec iov[CHUNK_MAX];
	struct msghdr mh = { .msg_iov = iov, .msg_iovlen = count };

	for (size_t i = 0; i < count; i++) {
		struct nlmsghdr *h = nlmsg_hdr(e[i].msg);

		h->nlmsg_seq = n->seq + 1 + (uint32_t)i;
		h->nlmsg_pid = 0;
		h->nlmsg_flags =
			(uint16_t)(NLM_F_REQUEST | NLM_F_ACK | e[i].flags);
		if (e[i].ifindex)
			((struct ifaddrmsg *)nlmsg_data(h))->ifa_index =
				(uint32_t)e[i].ifindex;
		e[i].err = -EIO;
		iov[i] = (struct iovec){ h, NLMSG_ALIGN(h->nlmsg_len) };
	}
	while (sendmsg(n->fd, &mh, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* How many answers of this batch are in what was read. */
static size_t take_answers(const struct nladdr *n, struct nledit *e,
	size_t count, struct nlmsghdr *h, int left)
{
	size_t got = 0;

	for (; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
		uint32_t i = h->nlmsg_seq - n->seq - 1;

		if (h->nlmsg_type != NLMSG_ERROR || i >= count)
			continue;
		e[i].err = ((struct nlmsgerr *)nlmsg_data(h))->error;
		got++;
	}
	return got;
}

static int read_answers(struct nladdr *n, struct nledit *e, size_t count)
{
	char buf[8192] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct pollfd p = { .fd = n->fd, .events = POLLIN };

	for (size_t got = 0; got < count;) {
		ssize_t len = recv(n->fd, buf, sizeof buf, MSG_DONTWAIT);

		if (len < 0 && errno == EAGAIN) {
			if (poll(&p, 1, ANSWER_MS) == 0)
				return -ETIMEDOUT;
			continue;
		}
		if (len < 0 && errno != EINTR)
			return -errno;
		if (len > 0)
			got += take_answers(
				n, e, count, (struct nlmsghdr *)buf, (int)len);
	}
	return 0;
}

int nladdr_edit(struct nladdr *n, struct nledit *e, size_t count)
{
	int worst = 0;

	while (count) {
		size_t k = count < n->chunk ? count : n->chunk;
		int err = send_edits(n, e, k);

		if (!err)
			err = read_answers(n, e, k);
		for (size_t i = 0; err && i < k; i++)
			if (e[i].err == -EIO)
				e[i].err = err;
		worst = err ? err : worst;
		n->seq += (uint32_t)k;
		e += k;
		count -= k;
	}
	return worst;
}

int nladdr_permitted(struct nladdr *n)
{
	static const struct prefix p = { { AF_INET, { 192, 0, 2, 0 } }, 32, 1 };
	/* the permission is looked at first, then there is no such link */
	struct nledit e = { .msg = nladdr_del_msg(&p), .ifindex = INT32_MAX };
	int err = e.msg ? nladdr_edit(n, &e, 1) : -ENOMEM;

	if (!err && e.err == -EPERM)
		err = -EPERM;
	nladdr_free(e.msg);
	return err;
}

/* libnl's address, with a prefix length; NULL when out of memory. */
static struct nl_addr *to_nl(const struct addr *a, unsigned len)
{
	struct nl_addr *n = nl_addr_build(a->family, a->b, addr_size(a));

	if (n)
		nl_addr_set_prefixlen(n, (int)len);
	return n;
}

static struct rtnl_addr *rtnl_of(const struct prefix *p)
{
	struct rtnl_addr *ra = rtnl_addr_alloc();
	struct nl_addr *local = to_nl(&p->addr, p->len);

	if (ra && local) {
		rtnl_addr_set_family(ra, p->addr.family);
		rtnl_addr_set_local(ra, local);
		rtnl_addr_set_ifindex(ra, 1); /* patched when it is used */
	} else if (ra) {
		rtnl_addr_put(ra);
		ra = NULL;
	}
	nl_addr_put(local);
	return ra;
}

static void set_opts(struct rtnl_addr *ra, bool v6, const struct nladdr_opts *o)
{
	unsigned flags = (o->noprefixroute ? IFA_F_NOPREFIXROUTE : 0) |
			 (v6 ? IFA_F_NODAD : 0);

	rtnl_addr_set_flags(ra, flags);
	rtnl_addr_set_valid_lifetime(ra, o->valid_lft);
	rtnl_addr_set_preferred_lifetime(ra, v6 ? 0 : o->valid_lft);
	if (o->scope != NL_SCOPE_UNSET)
		rtnl_addr_set_scope(ra, o->scope);
	if (o->label && !v6)
		rtnl_addr_set_label(ra, o->label);
}

struct nl_msg *nladdr_add_msg(
	const struct prefix *p, const struct nladdr_opts *o)
{
	struct rtnl_addr *ra = rtnl_of(p);
	struct nl_msg *m = NULL;

	if (!ra)
		return NULL;
	set_opts(ra, p->addr.family == AF_INET6, o);
	if (rtnl_addr_build_add_request(ra, 0, &m) == 0 &&
		(nla_put_u8(m, IFA_PROTO_ATTR, NL_MARK) != 0 ||
			(o->metric && nla_put_u32(m, IFA_RT_PRIORITY,
					      o->metric) != 0))) {
		nlmsg_free(m);
		m = NULL;
	}
	rtnl_addr_put(ra);
	return m;
}

struct nl_msg *nladdr_del_msg(const struct prefix *p)
{
	struct rtnl_addr *ra = rtnl_of(p);
	struct nl_msg *m = NULL;

	if (!ra)
		return NULL;
	if (rtnl_addr_build_delete_request(ra, 0, &m) != 0)
		m = NULL;
	rtnl_addr_put(ra);
	return m;
}

static struct rtnl_nexthop *nexthop_of(
	const struct nlroute_spec *r, int ifindex)
{
	struct rtnl_nexthop *nh = rtnl_route_nh_alloc();
	struct nl_addr *via = NULL;

	if (!nh)
		return NULL;
	rtnl_route_nh_set_ifindex(nh, ifindex);
	if (r->via.family) {
		via = to_nl(&r->via, (unsigned)addr_size(&r->via) * 8);
		rtnl_route_nh_set_gateway(nh, via);
		nl_addr_put(via);
	}
	return nh;
}

static int set_route(struct rtnl_route *rt, const struct nlroute_spec *r)
{
	struct nl_addr *dst = to_nl(&r->dst.addr, r->dst.len);
	struct nl_addr *src =
		r->src.family ? to_nl(&r->src, (unsigned)addr_size(&r->src) * 8)
			      : NULL;
	int err = dst ? rtnl_route_set_dst(rt, dst) : -ENOMEM;

	rtnl_route_set_family(rt, r->dst.addr.family);
	rtnl_route_set_protocol(rt, NL_MARK);
	rtnl_route_set_table(rt, r->table ? r->table : RT_TABLE_MAIN);
	rtnl_route_set_scope(rt, r->via.family || r->dst.addr.family == AF_INET6
					 ? RT_SCOPE_UNIVERSE
					 : RT_SCOPE_LINK);
	if (r->metric)
		rtnl_route_set_priority(rt, r->metric);
	if (src && !err)
		err = rtnl_route_set_pref_src(rt, src);
	nl_addr_put(dst);
	nl_addr_put(src);
	return err;
}

struct nl_msg *nlroute_msg(const struct nlroute_spec *r, int ifindex, bool del)
{
	struct rtnl_route *rt = rtnl_route_alloc();
	struct rtnl_nexthop *nh = rt ? nexthop_of(r, ifindex) : NULL;
	struct nl_msg *m = NULL;
	int err = -ENOMEM;

	if (nh) {
		rtnl_route_add_nexthop(rt, nh);
		err = set_route(rt, r);
	}
	if (!err)
		err = del ? rtnl_route_build_del_request(rt, 0, &m)
			  : rtnl_route_build_add_request(rt, 0, &m);
	if (!err && r->onlink)
		((struct rtmsg *)nlmsg_data(nlmsg_hdr(m)))->rtm_flags |=
			RTNH_F_ONLINK;
	if (rt)
		rtnl_route_put(rt);
	return err ? NULL : m;
}

void nladdr_free(struct nl_msg *m)
{
	nlmsg_free(m);
}

static bool kernel_keeps_mark(void)
{
	struct utsname u;
	unsigned major = 0, minor = 0;

	if (uname(&u) || sscanf(u.release, "%u.%u", &major, &minor) != 2)
		return false;
	return major > 5 || (major == 5 && minor >= 18);
}

bool nladdr_is_ours(const struct nl_ifaddr *a)
{
	if (a->proto == NL_MARK)
		return true;
	return a->valid_lft != NL_LFT_FOREVER && !kernel_keeps_mark();
}

bool nladdr_same(const struct prefix *a, const struct prefix *p)
{
	return addr_equal(&a->addr, &p->addr) &&
	       (a->len == p->len || a->addr.family == AF_INET6);
}
