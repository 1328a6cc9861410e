#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "announce.h"
#include "arp.h"
#include "na.h"

void announce_frame(struct frame *f, const struct addr *a,
	const uint8_t mac[MAC_LEN], bool reply, bool router)
{
	if (a->family == AF_INET)
		arp_announce(f, a, mac, reply);
	else
		na_announce(f, a, mac, router);
}

bool link_forwards6(const char *ifname)
{
	char path[64], c = '0';
	int fd;

	snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/forwarding",
		ifname);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, &c, 1) != 1)
		c = '0';
	close(fd);
	return c != '0';
}

const char *addr_unfit(const struct addr *a)
{
	if (addr_is_multicast(a))
		return "a multicast address";
	if (addr_is_unspecified(a))
		return "the unspecified address";
	if (a->family == AF_INET && a->b[0] >= 240)
		return "a reserved address";
	return NULL;
}
