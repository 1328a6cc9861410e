#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pktsock.h"

#define BATCH  256
#define SNDBUF (4 << 20) /* a burst for 1024 addresses */

int pktsock_open(void)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	int size = SNDBUF;

	if (fd < 0)
		return -errno;
	/* the former needs CAP_NET_ADMIN, which garp does not */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	return fd;
}

static int send_batch(int fd, const struct pkt *p, size_t n)
{
	struct sockaddr_ll to[BATCH];
	struct iovec iov[BATCH];
	struct mmsghdr m[BATCH];
	int sent;

	memset(to, 0, n * sizeof *to);
	memset(m, 0, n * sizeof *m);
	for (size_t i = 0; i < n; i++) {
		const struct frame *f = p[i].frame;

		to[i].sll_family = AF_PACKET;
		to[i].sll_ifindex = p[i].ifindex;
		to[i].sll_halen = MAC_LEN;
		memcpy(to[i].sll_addr, f->b, MAC_LEN);
		memcpy(&to[i].sll_protocol, f->b + 12, 2);
		iov[i] = (struct iovec){ (void *)(uintptr_t)f->b, f->len };
		m[i].msg_hdr.msg_name = &to[i];
		m[i].msg_hdr.msg_namelen = sizeof to[i];
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	do
		sent = sendmmsg(fd, m, (unsigned)n, MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}

int pktsock_send(int fd, const struct pkt *p, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t k = n - done < BATCH ? n - done : BATCH;
		int sent = send_batch(fd, p + done, k);

		if (sent < 0)
			return done ? (int)done : sent;
		done += (size_t)sent;
	}
	return (int)done;
}

int pktsock_send_long(int fd, int ifindex, const void *frame, size_t len)
{
	const struct ethhdr *h = frame;
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
		.sll_ifindex = ifindex,
		.sll_halen = MAC_LEN,
		.sll_protocol = h->h_proto };

	memcpy(to.sll_addr, h->h_dest, MAC_LEN);
	return sendto(fd, frame, len, MSG_DONTWAIT, (struct sockaddr *)&to,
		       sizeof to) < 0
		       ? -errno
		       : 0;
}

static int filter(int fd)
{
	/* offsets: Ethernet 12 type, IPv6 20 next header, 54 ICMPv6 type */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS,
			(uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 8),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_ARP, 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_IPV6, 0, 5),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 20),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 54),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x80, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { sizeof code / sizeof *code, code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof prog);
}

int pktsock_listen(int fd, int ifindex)
{
	struct sockaddr_ll me = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = ifindex,
	};
	int on = 1;

	/* before bind(2): what is queued then is what was asked for */
	if (filter(fd) ||
		setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on,
			sizeof on) ||
		bind(fd, (struct sockaddr *)&me, sizeof me))
		return -errno;
	return 0;
}

int pktsock_join(int fd, int ifindex, const uint8_t group[MAC_LEN])
{
	struct packet_mreq mr = {
		.mr_ifindex = ifindex,
		.mr_type = PACKET_MR_MULTICAST,
		.mr_alen = MAC_LEN,
	};

	memcpy(mr.mr_address, group, MAC_LEN);
	if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mr, sizeof mr))
		return -errno;
	return 0;
}

static int query(int fd, struct nl_link *l)
{
	struct ifreq r = { 0 };

	memcpy(r.ifr_name, l->name, sizeof l->name);
	if (ioctl(fd, SIOCGIFINDEX, &r))
		return -errno;
	l->ifindex = r.ifr_ifindex;
	if (ioctl(fd, SIOCGIFFLAGS, &r))
		return -errno;
	l->flags = (unsigned short)r.ifr_flags;
	if (ioctl(fd, SIOCGIFHWADDR, &r))
		return -errno;
	l->type = r.ifr_hwaddr.sa_family;
	l->lladdr_len = l->type == ARPHRD_ETHER ? MAC_LEN : 0;
	memcpy(l->lladdr, r.ifr_hwaddr.sa_data, l->lladdr_len);
	return 0;
}

int link_get(const char *ifname, struct nl_link *l)
{
	int fd, err;

	*l = (struct nl_link){ 0 };
	if (!*ifname || strlen(ifname) >= sizeof l->name)
		return -ENODEV;
	memcpy(l->name, ifname, strlen(ifname) + 1);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = query(fd, l);
	close(fd);
	return err;
}

const char *link_mute(const struct nl_link *l)
{
	if (l->type != ARPHRD_ETHER || l->lladdr_len != MAC_LEN)
		return "not Ethernet";
	if (l->flags & IFF_NOARP)
		return "does without ARP";
	if (!(l->flags & IFF_UP))
		return "down";
	return l->flags & IFF_RUNNING ? NULL : "no carrier";
}

bool link_name_ok(const char *ifname)
{
	size_t n = strlen(ifname);

	return n && n < IF_NAMESIZE && !strpbrk(ifname, "/: \t\n") &&
	       strcmp(ifname, ".") != 0 && strcmp(ifname, "..") != 0;
}
