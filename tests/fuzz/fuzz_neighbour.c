/* A frame that may be ARP or Neighbour Discovery. */
#include "arp.h"
#include "fuzz.h"
#include "na.h"

static const uint8_t ours[MAC_LEN] = { 2, 0, 0, 0, 0, 1 };

/* What was told is what would be told again. */
static void announce_again(const struct addr *ip, const uint8_t *mac)
{
	struct frame f;
	struct arp a;
	struct nd n;

	if (ip->family == AF_INET) {
		arp_announce(&f, ip, mac, false);
		CLAIM(arp_decode(&a, f.b, f.len));
		CLAIM(addr_equal(&a.spa, ip));
	} else if (!addr_is_multicast(ip)) {
		na_announce(&f, ip, mac, true);
		CLAIM(nd_decode(&n, f.b, f.len));
		CLAIM(addr_equal(&n.target, ip));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *exact = fuzz_exact(data, size);
	struct arp a;
	struct nd n;

	if (arp_decode(&a, exact, size)) {
		CLAIM(a.spa.family == AF_INET && a.tpa.family == AF_INET);
		CLAIM(!arp_conflicts(&a, &a.spa, a.sha));
		arp_conflicts(&a, &a.spa, ours);
		announce_again(&a.spa, a.sha);
	}
	if (nd_decode(&n, exact, size)) {
		CLAIM(n.type == ND_SOLICIT || n.type == ND_ADVERTISE);
		CLAIM(!nd_conflicts(&n, &n.target, n.mac));
		nd_conflicts(&n, &n.target, ours);
		announce_again(&n.target, n.mac);
	}
	free(exact);
	return 0;
}
