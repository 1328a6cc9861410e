/* Whole Ethernet frames through AF_PACKET, and what a link is like. */
#ifndef PKTSOCK_H
#define PKTSOCK_H

#include <stddef.h>

#include "eth.h"
#include "nlmon.h"

struct pkt {
	int ifindex;
	const struct frame *frame; /* the caller's */
};

/* A socket that receives nothing.  Its fd, or -errno: EPERM without
 * CAP_NET_RAW. */
int pktsock_open(void);
/* Sends frames in order, in one system call for each 256; does not wait.
 * How many were taken, or -errno when the first was not. */
int pktsock_send(int fd, const struct pkt *p, size_t n);
/* Sends one frame of any length; does not wait.  0 or -errno. */
int pktsock_send_long(int fd, int ifindex, const void *frame, size_t len);
/* From now on fd receives ARP, NS and NA of the link, but not our own and not
 * of its VLANs.  0 or -errno. */
int pktsock_listen(int fd, int ifindex);
/* Makes the link take frames for an Ethernet group.  0 or -errno. */
int pktsock_join(int fd, int ifindex, const uint8_t group[MAC_LEN]);

/* A link by its name.  0 or -errno: ENODEV when there is none. */
int link_get(const char *ifname, struct nl_link *l);
/* Can its neighbours be told of addresses?  NULL, or why not. */
const char *link_mute(const struct nl_link *l);

/* Could a link have this name? */
bool link_name_ok(const char *ifname);

#endif
