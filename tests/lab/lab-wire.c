/*
 * lab-wire [-i IF] [-d MS] [-x] - who says what on the wire.
 *
 * A passive listener on IF (eth0) of the namespace it runs in; a line for
 * each packet, T being the kernel's time of reception:
 *   T vrrp SRC vN vrid=51 prio=100 int=100cs len=16 ttl=255 count=1 dst=D mac=M
 *   T vrrp SRC short len=5 ttl=255 dst=D mac=M     (less than a VRRP header)
 *   T garp ADDR MAC op=N                           (sender = target, 1 or 2)
 *   T na ADDR MAC flags=RO                         (to a group, not solicited)
 * len is the VRRP message's, int in centiseconds in every version, mac the
 * Ethernet source; "-" for a missing link-layer option or no flags.
 * -x: append hex=, the VRRP message as it came.  "ready" to stderr once
 * listening.  Until TERM, INT or MS.
 */
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lab.h"

#define PROTO_VRRP 112
#define ARP_LEN	   28

struct packet {
	int64_t t;
	const uint8_t *mac;
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
	int ttl;
};

static bool show_hex;

static _Noreturn void usage(void)
{
	fprintf(stderr, "usage: lab-wire [-i IF] [-d MS] [-x]\n");
	exit(2);
}

static void print_mac(const uint8_t *m)
{
	printf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4],
		m[5]);
}

static unsigned int get16(const uint8_t *p)
{
	return (unsigned int)(p[0] << 8 | p[1]);
}

static void print_tail(const struct packet *k, const uint8_t *p, size_t n)
{
	printf(" dst=%s mac=", k->dst);
	print_mac(k->mac);
	if (show_hex)
		printf(" hex=");
	for (size_t i = 0; show_hex && i < n; i++)
		printf("%02x", p[i]);
	printf("\n");
}

static void show_vrrp(const struct packet *k, const uint8_t *p, size_t n)
{
	unsigned int version, cs;

	printf(T_FMT " vrrp %s ", T_ARG(k->t), k->src);
	if (n < 8) {
		printf("short len=%zu ttl=%d", n, k->ttl);
		print_tail(k, p, n);
		return;
	}
	version = p[0] >> 4;
	cs = version == 2 ? p[5] * 100U : get16(p + 4) & 0xfff;
	printf("v%u vrid=%u prio=%u int=%ucs len=%zu ttl=%d count=%u", version,
		p[1], p[2], cs, n, k->ttl, p[3]);
	print_tail(k, p, n);
}

static void show_arp(int64_t t, const uint8_t *p, size_t n)
{
	char addr[INET_ADDRSTRLEN];

	if (n < ARP_LEN || get16(p + 2) != ETH_P_IP || p[4] != 6 || p[5] != 4)
		return;
	if (memcmp(p + 14, p + 24, 4))
		return;
	inet_ntop(AF_INET, p + 14, addr, sizeof(addr));
	printf(T_FMT " garp %s ", T_ARG(t), addr);
	print_mac(p + 8);
	printf(" op=%u\n", get16(p + 6));
}

static const uint8_t *target_mac(const uint8_t *p, size_t n)
{
	while (n >= 8 && p[1]) {
		if (p[0] == ND_OPT_TARGET_LINKADDR)
			return p + 2;
		if (n < p[1] * 8U)
			break;
		n -= p[1] * 8U;
		p += p[1] * 8U;
	}
	return NULL;
}

static void show_na(int64_t t, const uint8_t *p, size_t n)
{
	char addr[INET6_ADDRSTRLEN];
	const uint8_t *mac;

	if (n < 24 || p[0] != ND_NEIGHBOR_ADVERT || p[4] & 0x40)
		return;
	inet_ntop(AF_INET6, p + 8, addr, sizeof(addr));
	printf(T_FMT " na %s ", T_ARG(t), addr);
	mac = target_mac(p + 24, n - 24);
	if (mac)
		print_mac(mac);
	else
		printf("-");
	printf(" flags=%s%s%s\n", p[4] & 0x80 ? "R" : "",
		p[4] & 0x20 ? "O" : "", p[4] & 0xa0 ? "" : "-");
}

static void show_ip4(struct packet *k, const uint8_t *p, size_t n)
{
	size_t hlen, len;

	if (n < 20 || p[9] != PROTO_VRRP)
		return;
	hlen = (p[0] & 15U) * 4U;
	len = get16(p + 2);
	if (hlen < 20 || len < hlen || n < len)
		return;
	inet_ntop(AF_INET, p + 12, k->src, sizeof(k->src));
	inet_ntop(AF_INET, p + 16, k->dst, sizeof(k->dst));
	k->ttl = p[8];
	show_vrrp(k, p + hlen, len - hlen);
}

static void show_ip6(struct packet *k, const uint8_t *p, size_t n)
{
	size_t len;

	if (n < 40)
		return;
	len = get16(p + 4);
	if (n - 40 < len)
		return;
	inet_ntop(AF_INET6, p + 8, k->src, sizeof(k->src));
	inet_ntop(AF_INET6, p + 24, k->dst, sizeof(k->dst));
	k->ttl = p[7];
	if (p[6] == PROTO_VRRP)
		show_vrrp(k, p + 40, len);
	else if (p[6] == IPPROTO_ICMPV6 && p[24] == 0xff)
		show_na(k->t, p + 40, len);
}

static void show(int64_t t, const uint8_t *p, size_t n)
{
	struct packet k = { .t = t, .mac = p + 6 };

	if (n < ETH_HLEN)
		return;
	switch (get16(p + 12)) {
	case ETH_P_ARP:
		show_arp(t, p + ETH_HLEN, n - ETH_HLEN);
		break;
	case ETH_P_IP:
		show_ip4(&k, p + ETH_HLEN, n - ETH_HLEN);
		break;
	case ETH_P_IPV6:
		show_ip6(&k, p + ETH_HLEN, n - ETH_HLEN);
		break;
	}
	fflush(stdout);
}

static int64_t received_at(struct msghdr *m)
{
	struct timespec t;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET ||
			c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof(t));
		return t.tv_sec * NSEC + t.tv_nsec;
	}
	return lab_now(CLOCK_REALTIME);
}

static void take_packets(int fd)
{
	uint8_t buf[2048], ctl[256];
	struct iovec iov = { buf, sizeof(buf) };
	ssize_t n;

	for (;;) {
		struct msghdr m = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = ctl,
			.msg_controllen = sizeof(ctl),
		};

		n = recvmsg(fd, &m, 0);
		if (n < 0)
			return;
		show(received_at(&m), buf, (size_t)n);
	}
}

/* ARP, VRRP and ICMPv6 only: the probe's traffic must not wake us. */
static void set_filter(int fd)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_ARP, 7, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 2),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_HLEN + 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTO_VRRP, 4, 5),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 0, 4),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_HLEN + 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTO_VRRP, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { sizeof(f) / sizeof(f[0]), f };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)))
		die("filter");
}

static int open_wire(const char *ifname)
{
	struct sockaddr_ll sa = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(ifname),
	};
	int fd, one = 1, buf = 4 << 20;

	/* protocol 0: nothing is received before the filter is set */
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("packet socket");
	set_filter(fd);
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buf, sizeof(buf));
	if (!sa.sll_ifindex || bind(fd, (struct sockaddr *)&sa, sizeof(sa)))
		die(ifname);
	return fd;
}

static void watch(int fd, int64_t end)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (!lab_stopped && lab_now(CLOCK_MONOTONIC) < end)
		if (lab_poll(&p, 1, end) > 0)
			take_packets(fd);
}

int main(int argc, char **argv)
{
	const char *ifname = "eth0";
	int64_t len = 3600 * NSEC;
	int c, fd;

	while ((c = getopt(argc, argv, "i:d:x")) != -1)
		switch (c) {
		case 'i':
			ifname = optarg;
			break;
		case 'd':
			len = lab_number(optarg, 1, 3600000) * MSEC;
			break;
		case 'x':
			show_hex = true;
			break;
		default:
			usage();
		}
	if (optind != argc)
		usage();
	fd = open_wire(ifname);
	lab_catch_stop();
	fprintf(stderr, "ready\n");
	watch(fd, lab_now(CLOCK_MONOTONIC) + len);
	take_packets(fd);
	return fflush(stdout) ? 1 : 0;
}
