/* What the kernel says of links and addresses: a datagram of messages. */
#include "../../lib/sys/nlmon.c"
#include "fuzz.h"

static void on_link(void *arg, const struct nl_link *l, bool gone)
{
	(void)arg, (void)gone;
	CLAIM(strlen(l->name) < IF_NAMESIZE);
	CLAIM(l->lladdr_len <= LLADDR_MAX);
}

static void on_addr(void *arg, const struct nl_ifaddr *a, bool gone)
{
	(void)arg, (void)gone;
	CLAIM(addr_size(&a->prefix.addr) != 0);
}

static const struct nlmon_ops fuzz_ops = { on_link, on_addr, NULL };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nlmon m = { .fd = -1, .ops = &fuzz_ops };
	uint8_t *exact = fuzz_exact(data, size);

	take_all(&m, exact, size);
	free(exact);
	return 0;
}
