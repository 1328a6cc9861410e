/*
 * lab-spit -i IF [-n COUNT] [-r RATE] [-s SRC] [-d DST] [-t TTL] [-p PROTO]
 *	[-m DSTMAC] [--ihl N] [--totlen N] [--fix[=plain]] HEX...
 *
 * Sends the payloads HEX in turn, COUNT frames in all (default: each once),
 * RATE a second (1000), evenly, as IPv4 or IPv6 packets in complete Ethernet
 * frames.  Nothing is checked: this is for attacking.  Defaults: the family
 * of SRC or DST, else IPv4; SRC the interface's own (IPv6: link-local); DST
 * 224.0.0.18 or ff02::12; TTL 255; PROTO 112; DSTMAC from DST if a group.
 * --ihl     IPv4 header words: above 5 the header has that many NOP options,
 *           below 5 the field lies
 * --totlen  the IPv4 total length or IPv6 payload length field, true or not
 * --fix     set the VRRP checksum: version 2 plain; else over the family's
 *           pseudo-header, with =plain over the message alone in IPv4
 * The IPv4 header checksum is always right.  At the end, on TERM or INT one
 * JSON object: sent, failed, t0, t1, late_us.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <ifaddrs.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lab.h"

#define MAX_PAYLOAD 1400
#define MAX_FRAMES  1024

enum fix { FIX_NO, FIX_FULL, FIX_PLAIN };

struct frame {
	uint8_t *data;
	size_t len;
};

static struct {
	const char *ifname, *src_text, *dst_text, *mac_text;
	int ifindex, family;
	uint8_t src[16], dst[16], src_mac[6], dst_mac[6];
	int64_t count, rate, totlen;
	uint8_t ttl, proto, ihl;
	enum fix fix;
} o = {
	.rate = 1000,
	.ttl = 255,
	.proto = 112,
	.ihl = 5,
	.totlen = -1,
};

static _Noreturn void usage(void)
{
	fprintf(stderr,
		"usage: lab-spit -i IF [-n COUNT] [-r RATE] [-s SRC] [-d DST]\n"
		"\t[-t TTL] [-p PROTO] [-m DSTMAC] [--ihl N] [--totlen N]\n"
		"\t[--fix[=plain]] HEX...\n");
	exit(2);
}

static enum fix parse_fix(const char *arg)
{
	if (!arg)
		return FIX_FULL;
	if (strcmp(arg, "plain"))
		usage();
	return FIX_PLAIN;
}

static void parse_option(int c)
{
	switch (c) {
	case 'i':
		o.ifname = optarg;
		break;
	case 'n':
		o.count = lab_number(optarg, 1, 10000000);
		break;
	case 'r':
		o.rate = lab_number(optarg, 1, 1000000);
		break;
	case 's':
		o.src_text = optarg;
		break;
	case 'd':
		o.dst_text = optarg;
		break;
	case 't':
		o.ttl = (uint8_t)lab_number(optarg, 0, 255);
		break;
	case 'p':
		o.proto = (uint8_t)lab_number(optarg, 0, 255);
		break;
	case 'm':
		o.mac_text = optarg;
		break;
	case 'H':
		o.ihl = (uint8_t)lab_number(optarg, 0, 15);
		break;
	case 'L':
		o.totlen = lab_number(optarg, 0, 65535);
		break;
	case 'F':
		o.fix = parse_fix(optarg);
		break;
	default:
		usage();
	}
}

static void parse_args(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "ihl", required_argument, NULL, 'H' },
		{ "totlen", required_argument, NULL, 'L' },
		{ "fix", optional_argument, NULL, 'F' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "i:n:r:s:d:t:p:m:", longs, NULL)) !=
		-1)
		parse_option(c);
	if (!o.ifname || argc - optind < 1 || argc - optind > MAX_FRAMES)
		usage();
	if (!o.count)
		o.count = argc - optind;
}

static void parse_addr(const char *text, uint8_t *addr)
{
	if (inet_pton(o.family, text, addr) == 1)
		return;
	fprintf(stderr, "lab-spit: %s: no address of this family\n", text);
	exit(2);
}

/* The interface's first IPv4 or link-local IPv6 address. */
static void own_addr(void)
{
	struct ifaddrs *all, *a;

	if (getifaddrs(&all))
		die("getifaddrs");
	for (a = all; a; a = a->ifa_next) {
		struct sockaddr_in *s4 = (void *)a->ifa_addr;
		struct sockaddr_in6 *s6 = (void *)a->ifa_addr;

		if (!a->ifa_addr || a->ifa_addr->sa_family != o.family ||
			strcmp(a->ifa_name, o.ifname))
			continue;
		if (o.family == AF_INET)
			memcpy(o.src, &s4->sin_addr, 4);
		else if (IN6_IS_ADDR_LINKLOCAL(&s6->sin6_addr))
			memcpy(o.src, &s6->sin6_addr, 16);
		else
			continue;
		freeifaddrs(all);
		return;
	}
	fprintf(stderr, "lab-spit: %s has no address, give -s\n", o.ifname);
	exit(1);
}

static void set_addrs(void)
{
	const char *any = o.src_text ? o.src_text : o.dst_text;

	o.family = any && strchr(any, ':') ? AF_INET6 : AF_INET;
	if (!o.dst_text)
		o.dst_text = o.family == AF_INET ? "224.0.0.18" : "ff02::12";
	parse_addr(o.dst_text, o.dst);
	if (o.src_text)
		parse_addr(o.src_text, o.src);
	else
		own_addr();
}

static void set_dst_mac(void)
{
	uint8_t *m = o.dst_mac;
	const uint8_t *d = o.dst;

	if (o.mac_text) {
		if (sscanf(o.mac_text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", m,
			    m + 1, m + 2, m + 3, m + 4, m + 5) != 6)
			usage();
	} else if (o.family == AF_INET6 && d[0] == 0xff) {
		memcpy(m, (uint8_t[]){ 0x33, 0x33, d[12], d[13], d[14], d[15] },
			6);
	} else if (o.family == AF_INET && d[0] >> 4 == 14) {
		memcpy(m, (uint8_t[]){ 1, 0, 0x5e, d[1] & 0x7f, d[2], d[3] },
			6);
	} else {
		fprintf(stderr, "lab-spit: %s needs -m\n", o.dst_text);
		exit(2);
	}
}

static int open_interface(void)
{
	struct ifreq r = { 0 };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("packet socket");
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", o.ifname);
	if (ioctl(fd, SIOCGIFHWADDR, &r))
		die(o.ifname);
	memcpy(o.src_mac, r.ifr_hwaddr.sa_data, 6);
	o.ifindex = (int)if_nametoindex(o.ifname);
	return fd;
}

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint32_t sum(uint32_t s, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	return s;
}

static unsigned int fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return ~s & 0xffff;
}

static void fix_checksum(uint8_t *p, size_t n)
{
	size_t alen = o.family == AF_INET ? 4 : 16;
	uint32_t s = 0;

	if (o.fix == FIX_NO || n < 8)
		return;
	if (o.family == AF_INET6 || (o.fix == FIX_FULL && p[0] >> 4 != 2)) {
		s = sum(s, o.src, alen);
		s = sum(s, o.dst, alen);
		s += o.proto + (uint32_t)n;
	}
	put16(p + 6, 0);
	put16(p + 6, fold(sum(s, p, n)));
}

static size_t put_ip4(uint8_t *p, size_t n)
{
	size_t hlen = o.ihl > 5 ? o.ihl * 4U : 20;

	p[0] = 0x40 | o.ihl;
	p[1] = 0xc0;
	put16(p + 2, o.totlen < 0 ? (unsigned int)(hlen + n)
				  : (unsigned int)o.totlen);
	p[8] = o.ttl;
	p[9] = o.proto;
	memcpy(p + 12, o.src, 4);
	memcpy(p + 16, o.dst, 4);
	memset(p + 20, 1, hlen - 20);
	put16(p + 10, fold(sum(0, p, hlen)));
	return hlen;
}

static size_t put_ip6(uint8_t *p, size_t n)
{
	p[0] = 0x6c;
	put16(p + 4, o.totlen < 0 ? (unsigned int)n : (unsigned int)o.totlen);
	p[6] = o.proto;
	p[7] = o.ttl;
	memcpy(p + 8, o.src, 16);
	memcpy(p + 24, o.dst, 16);
	return 40;
}

static size_t parse_hex(const char *hex, uint8_t *out)
{
	size_t n = strlen(hex) / 2;

	if (n > MAX_PAYLOAD || strlen(hex) % 2 ||
		strspn(hex, "0123456789abcdefABCDEF") != strlen(hex)) {
		fprintf(stderr, "lab-spit: not hex, or too much: %s\n", hex);
		exit(2);
	}
	for (size_t i = 0; i < n; i++)
		sscanf(hex + 2 * i, "%2hhx", out + i);
	return n;
}

static struct frame make_frame(const char *hex)
{
	uint8_t payload[MAX_PAYLOAD] = { 0 };
	struct frame f = { calloc(1, ETH_HLEN + 60 + MAX_PAYLOAD), ETH_HLEN };
	size_t n = parse_hex(hex, payload);

	if (!f.data)
		die("calloc");
	fix_checksum(payload, n);
	memcpy(f.data, o.dst_mac, 6);
	memcpy(f.data + 6, o.src_mac, 6);
	put16(f.data + 12, o.family == AF_INET ? ETH_P_IP : ETH_P_IPV6);
	f.len += o.family == AF_INET ? put_ip4(f.data + f.len, n)
				     : put_ip6(f.data + f.len, n);
	memcpy(f.data + f.len, payload, n);
	f.len += n;
	return f;
}

static bool send_frame(int fd, const struct frame *f)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol =
			htons(o.family == AF_INET ? ETH_P_IP : ETH_P_IPV6),
		.sll_ifindex = o.ifindex,
		.sll_halen = 6,
	};

	memcpy(to.sll_addr, o.dst_mac, 6);
	return sendto(fd, f->data, f->len, 0, (struct sockaddr *)&to,
		       sizeof(to)) == (ssize_t)f->len;
}

static void spit(int fd, const struct frame *f, size_t n)
{
	int64_t t0 = lab_now(CLOCK_REALTIME), t = lab_now(CLOCK_MONOTONIC);
	int64_t i, late, worst = 0, failed = 0;

	for (i = 0; i < o.count && !lab_stopped; i++) {
		int64_t due = t + i * NSEC / o.rate;

		lab_poll(NULL, 0, due);
		late = lab_now(CLOCK_MONOTONIC) - due;
		if (late > worst)
			worst = late;
		failed += !send_frame(fd, &f[(size_t)i % n]);
	}
	printf("{\"sent\":%lld,\"failed\":%lld,\"t0\":" T_FMT ",\"t1\":" T_FMT
	       ",\"late_us\":%lld}\n",
		(long long)(i - failed), (long long)failed, T_ARG(t0),
		T_ARG(lab_now(CLOCK_REALTIME)), (long long)(worst / 1000));
}

int main(int argc, char **argv)
{
	static struct frame frames[MAX_FRAMES];
	size_t n = 0;
	int fd;

	parse_args(argc, argv);
	set_addrs();
	set_dst_mac();
	fd = open_interface();
	while (optind < argc)
		frames[n++] = make_frame(argv[optind++]);
	lab_catch_stop();
	spit(fd, frames, n);
	return fflush(stdout) ? 1 : 0;
}
