#include <errno.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vrrpsock.h"

#define TOS_CS6	  0xc0	    /* internetwork control, as the RFCs advise */
#define RCVBUF	  (1 << 20) /* where we may: 255 routers and a stall */
#define INSNS_MAX 2560	    /* what 128 IPv6 peers take, and some */
#define INSNS_FEW 64	    /* what most take */
#define TAKE	  BPF_STMT(BPF_RET | BPF_K, 0xffffffff)
#define DROP	  BPF_STMT(BPF_RET | BPF_K, 0)

struct prog {
	struct sock_filter *f; /* the caller's */
	size_t room;
	unsigned short n;
	bool full;
};

static void add(struct prog *p, const struct sock_filter *f, size_t n)
{
	if (n > p->room - p->n) {
		p->full = true;
		return;
	}
	memcpy(p->f + p->n, f, n * sizeof *f);
	p->n = (unsigned short)(p->n + n);
}

#define ADD(p, ...)                                                            \
	add(p, (const struct sock_filter[]){ __VA_ARGS__ },                    \
		sizeof((const struct sock_filter[]){ __VA_ARGS__ }) /          \
			sizeof(struct sock_filter))

static uint32_t word(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	       (uint32_t)b[2] << 8 | b[3];
}

static uint32_t mask(unsigned bits)
{
	return bits >= 32 ? 0xffffffff : ~(0xffffffffu >> bits);
}

/* Take the packet if its source is in the prefix, else fall through.  Word by
 * word; a mismatch jumps over the words that are left and the TAKE. */
static void take_source(struct prog *p, const struct addr *a, unsigned len)
{
	unsigned off = a->family == AF_INET ? 12 : 8;
	unsigned words = (len + 31) / 32;

	for (unsigned i = 0; i < words; i++) {
		uint32_t m = mask(len - 32 * i);
		uint8_t skip = (uint8_t)((words - 1 - i) * 3 + 1);

		ADD(p,
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
				(uint32_t)SKF_NET_OFF + off + 4 * i),
			BPF_STMT(BPF_ALU | BPF_AND | BPF_K, m),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
				word(a->b + 4 * i) & m, 0, skip));
	}
	ADD(p, TAKE);
}

/* From lo to hi on to what follows the runs: where that is, is not known yet.
 */
static void match_run(struct prog *p, uint32_t lo, uint32_t hi)
{
	ADD(p, BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, lo, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, hi, 1, 0),
		BPF_STMT(BPF_JMP | BPF_JA, 0));
}

static void match_runs(struct prog *p, const bool *vrids)
{
	unsigned short from = p->n;

	for (uint32_t lo = 1, hi; lo < 256; lo = hi + 1) {
		hi = lo;
		if (!vrids[lo])
			continue;
		while (hi < 255 && vrids[hi + 1])
			hi++;
		match_run(p, lo, hi);
	}
	ADD(p, DROP);
	for (unsigned short i = from; i < p->n; i++)
		if (p->f[i].code == (BPF_JMP | BPF_JA))
			p->f[i].k = (uint32_t)(p->n - i - 1);
}

/* A raw IPv4 socket hands the filter the IP header, a raw IPv6 one the
 * payload. */
static void match_vrid(
	struct prog *p, int family, const struct vrrpsock_rules *r)
{
	uint32_t at = (uint32_t)r->head + 1;

	if (family == AF_INET)
		ADD(p, BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
			BPF_STMT(BPF_LD | BPF_B | BPF_IND, at));
	else
		ADD(p, BPF_STMT(BPF_LD | BPF_B | BPF_ABS, at));
	match_runs(p, r->vrids);
}

static void match_sources(struct prog *p, const struct vrrpsock_rules *r)
{
	for (size_t i = 0; i < r->npeers; i++)
		take_source(
			p, &r->peers[i], (unsigned)addr_size(&r->peers[i]) * 8);
	for (size_t i = 0; !r->npeers && i < r->nallow; i++)
		take_source(p, &r->allow[i].addr, r->allow[i].len);
	if (r->npeers || r->nallow)
		ADD(p, DROP);
	else
		ADD(p, TAKE);
}

static int attach(int fd, struct sock_filter *f, unsigned short n)
{
	const struct sock_fprog fp = { .len = n, .filter = f };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &fp, sizeof fp)
		       ? -errno
		       : 0;
}

static void build(struct prog *p, int family, const struct vrrpsock_rules *r)
{
	ADD(p,
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			(uint32_t)(SKF_AD_OFF + SKF_AD_IFINDEX)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)r->ifindex, 1, 0),
		DROP);
	match_vrid(p, family, r);
	match_sources(p, r);
}

/* The large room is written to, and costs memory, only where it is needed. */
static int filter(int fd, int family, const struct vrrpsock_rules *r)
{
	static struct sock_filter many[INSNS_MAX];
	struct sock_filter few[INSNS_FEW];
	struct prog p = { .f = few, .room = INSNS_FEW };

	build(&p, family, r);
	if (p.full) {
		p = (struct prog){ .f = many, .room = INSNS_MAX };
		build(&p, family, r);
	}
	return p.full ? -E2BIG : attach(fd, p.f, p.n);
}

static int hear_nothing(int fd)
{
	struct sock_filter drop = DROP;

	return attach(fd, &drop, 1);
}

struct sockopt {
	int level, name, value;
};

static const struct sockopt options4[] = {
	{ IPPROTO_IP, IP_TOS, TOS_CS6 }, { IPPROTO_IP, IP_TTL, VRRP_TTL },
	{ IPPROTO_IP, IP_MULTICAST_TTL, VRRP_TTL },
	{ IPPROTO_IP, IP_MULTICAST_LOOP, 0 },
	{ IPPROTO_IP, IP_MULTICAST_ALL, 0 },
	{ IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT }, /* DF clear */
};

static const struct sockopt options6[] = {
	{ IPPROTO_IPV6, IPV6_TCLASS, TOS_CS6 },
	{ IPPROTO_IPV6, IPV6_UNICAST_HOPS, VRRP_TTL },
	{ IPPROTO_IPV6, IPV6_MULTICAST_HOPS, VRRP_TTL },
	{ IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0 },
	{ IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0 },
	{ IPPROTO_IPV6, IPV6_RECVPKTINFO, 1 },
	{ IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1 },
};

static int set_all(int fd, const struct sockopt *o, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (setsockopt(fd, o[i].level, o[i].name, &o[i].value,
			    sizeof o[i].value) != 0)
			return -errno;
	return 0;
}

int vrrpsock_open(int family, int proto)
{
	const struct sockopt df = { IPPROTO_IP, IP_MTU_DISCOVER,
		IP_PMTUDISC_PROBE };
	const int room = RCVBUF;
	int fd = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, proto);
	int err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
	err = hear_nothing(fd);
	if (!err && family == AF_INET)
		err = set_all(fd, options4, sizeof options4 / sizeof *options4);
	else if (!err)
		err = set_all(fd, options6, sizeof options6 / sizeof *options6);
	if (!err && proto == IPPROTO_AH && family == AF_INET)
		err = set_all(fd, &df, 1);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int membership(int fd, int family, int ifindex, bool member)
{
	const struct addr group = vrrp_group(family);
	struct ip_mreqn m4 = { .imr_ifindex = ifindex };
	struct ipv6_mreq m6 = { .ipv6mr_interface = (unsigned)ifindex };
	int err;

	if (family == AF_INET) {
		memcpy(&m4.imr_multiaddr, group.b, 4);
		err = setsockopt(fd, IPPROTO_IP,
			member ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &m4,
			sizeof m4);
	} else {
		memcpy(&m6.ipv6mr_multiaddr, group.b, 16);
		err = setsockopt(fd, IPPROTO_IPV6,
			member ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &m6,
			sizeof m6);
	}
	return err && errno != EADDRINUSE ? -errno : 0;
}

int vrrpsock_listen(int fd, int family, const struct vrrpsock_rules *r)
{
	int err = r->npeers ? 0 : membership(fd, family, r->ifindex, true);

	return err ? err : filter(fd, family, r);
}

void vrrpsock_mute(int fd, int family, int ifindex)
{
	hear_nothing(fd);
	if (ifindex)
		membership(fd, family, ifindex, false);
}

/* Hop limit and destination of an IPv6 packet are in control messages, the
 * hop limit as an int. */
static void control6(struct msghdr *mh, struct vrrp_ip *ip)
{
	struct in6_pktinfo info;
	int hops;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level != IPPROTO_IPV6)
			continue;
		if (c->cmsg_type == IPV6_HOPLIMIT) {
			memcpy(&hops, CMSG_DATA(c), sizeof hops);
			ip->ttl = (uint8_t)hops;
		} else if (c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof info);
			ip->dst = addr_from(AF_INET6, &info.ipi6_addr);
		}
	}
}

int vrrpsock_recv(int fd, int family, uint8_t buf[VRRPSOCK_BUF],
	struct vrrp_ip *ip, const uint8_t **payload, size_t *len,
	enum vrrp_fault *fault)
{
	struct sockaddr_in6 from = { 0 };
	char control[128] __attribute__((aligned(8)));
	struct iovec iov = { buf, VRRPSOCK_BUF };
	struct msghdr mh = { .msg_name = &from,
		.msg_namelen = sizeof from,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof control };
	ssize_t n = recvmsg(fd, &mh, MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	*ip = (struct vrrp_ip){ 0 };
	*payload = buf;
	*len = (size_t)n;
	*fault = VF_OK;
	if (family == AF_INET) {
		*fault = vrrp_peel4(ip, buf, (size_t)n, payload, len);
	} else {
		ip->src = addr_from(AF_INET6, &from.sin6_addr);
		control6(&mh, ip);
	}
	return 1;
}

static size_t pktinfo(struct cmsghdr *c, int ifindex, const struct addr *src)
{
	struct in_pktinfo i4 = { .ipi_ifindex = ifindex };
	struct in6_pktinfo i6 = { .ipi6_ifindex = (unsigned)ifindex };

	if (src->family == AF_INET) {
		memcpy(&i4.ipi_spec_dst, src->b, 4);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof i4);
		memcpy(CMSG_DATA(c), &i4, sizeof i4);
		return CMSG_SPACE(sizeof i4);
	}
	memcpy(&i6.ipi6_addr, src->b, 16);
	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof i6);
	memcpy(CMSG_DATA(c), &i6, sizeof i6);
	return CMSG_SPACE(sizeof i6);
}

static socklen_t to_sockaddr(struct sockaddr_in6 *sa, const struct addr *a)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)sa;

	memset(sa, 0, sizeof *sa);
	if (a->family == AF_INET) {
		sin->sin_family = AF_INET;
		memcpy(&sin->sin_addr, a->b, 4);
		return sizeof *sin;
	}
	sa->sin6_family = AF_INET6;
	memcpy(&sa->sin6_addr, a->b, 16);
	return sizeof *sa;
}

int vrrpsock_send(int fd, int ifindex, const struct addr *src,
	const struct addr *dst, const void *msg, size_t len)
{
	union {
		struct cmsghdr c;
		char room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} control = { .room = { 0 } };
	struct sockaddr_in6 to;
	struct iovec iov = { (void *)(uintptr_t)msg, len };
	struct msghdr mh = { .msg_name = &to,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control };

	mh.msg_namelen = to_sockaddr(&to, dst);
	if (dst->family == AF_INET6 && addr_is_linklocal6(dst))
		to.sin6_scope_id = (unsigned)ifindex;
	mh.msg_controllen = pktinfo(&control.c, ifindex, src);
	return sendmsg(fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}
