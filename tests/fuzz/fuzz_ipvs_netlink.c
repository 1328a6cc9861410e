/* What the kernel says of its virtual servers: a message of generic netlink.
 * The first byte chooses what it was asked for. */
#include "../../ipvsadm-lite/wire.c"
#include "fuzz.h"

static void take(struct nlmsghdr *h, unsigned what)
{
	struct ipvs_svc s;
	struct ipvs_dest d;
	struct ipvs_daemon dm;
	struct ipvs_timeouts t;
	uint32_t version, table;

	switch (what % 5) {
	case 0:
		if (wire_get_svc(h, &s)) {
			CLAIM(addr_size(&s.addr) != 0);
			CLAIM(strlen(s.sched) < IPVS_NAME_LEN);
			CLAIM(strlen(s.pe) < IPVS_NAME_LEN);
		}
		break;
	case 1:
		if (wire_get_dest(h, AF_INET, &d))
			CLAIM(addr_size(&d.addr) != 0);
		break;
	case 2:
		if (wire_get_daemon(h, &dm)) {
			CLAIM(dm.role == IPVS_MASTER || dm.role == IPVS_BACKUP);
			CLAIM(strlen(dm.ifname) < IPVS_NAME_LEN);
		}
		break;
	case 3:
		wire_get_timeouts(h, &t);
		break;
	default:
		wire_get_info(h, &version, &table);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nlmsghdr *h;

	if (size < 1 + NLMSG_HDRLEN || size > 65536)
		return 0;
	h = fuzz_exact(data + 1, size - 1);
	h->nlmsg_len = (uint32_t)(size - 1); /* as kernel.c found it to be */
	take(h, data[0]);
	free(h);
	return 0;
}
