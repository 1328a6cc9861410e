/* Raw sockets for VRRP, IPv4 and IPv6, multicast and unicast.
 *
 * The socket is bound to no device: interface, VRID and senders are matched
 * by a filter in the kernel, and the interface and source of what we send go
 * with each message.  So an interface that was deleted and made again is
 * joined anew without privilege, and other groups' traffic never wakes us.
 * One socket serves all routers that hear the same senders on an interface.
 * No IP_HDRINCL: the kernel writes the IP header. */
#ifndef VRRPSOCK_H
#define VRRPSOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "vrrp.h"

#define VRRPSOCK_BUF 8192

struct vrrpsock_rules {
	int ifindex;
	const bool *vrids; /* by number, 256 of them: those that are heard */
	size_t head;	   /* bytes between the IP header and the message */
	const struct addr *peers; /* none: multicast */
	size_t npeers;
	const struct prefix *allow; /* looked at where there are no peers */
	size_t nallow;
};

/* A non-blocking socket of an IP protocol that hears nothing yet; or -errno.
 * CAP_NET_RAW.  What leaves by one of AH has DF set, and so the id 0. */
int vrrpsock_open(int family, int proto);
/* From now on hears what the rules say; joins the group where there are no
 * peers.  May be called again when the interface changed.  0 or -errno. */
int vrrpsock_listen(int fd, int family, const struct vrrpsock_rules *r);
/* Hears nothing again, and leaves the group on that interface. */
void vrrpsock_mute(int fd, int family, int ifindex);
/* One packet: 1, with its IP facts, payload in buf, and the fault of its IP
 * header; 0 when there is none; -errno. */
int vrrpsock_recv(int fd, int family, uint8_t buf[VRRPSOCK_BUF],
	struct vrrp_ip *ip, const uint8_t **payload, size_t *len,
	enum vrrp_fault *fault);
/* Sends one message; TTL 255, TOS 0xc0.  0 or -errno; never waits. */
int vrrpsock_send(int fd, int ifindex, const struct addr *src,
	const struct addr *dst, const void *msg, size_t len);

#endif
