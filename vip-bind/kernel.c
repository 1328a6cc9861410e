#include <string.h>

#include "kernel.h"
#include "nladdr.h"

static size_t find(const struct kernel *k, int ifindex, const struct prefix *p)
{
	size_t i = 0;

	while (i < k->n && (k->addrs[i].ifindex != ifindex ||
				   !nladdr_same(&k->addrs[i].prefix, p)))
		i++;
	return i;
}

void kernel_put(struct kernel *k, const struct nl_ifaddr *a)
{
	size_t i;

	if (k->only && a->ifindex != k->only)
		return;
	i = find(k, a->ifindex, &a->prefix);
	if (i == KERNEL_ADDRS) {
		k->full = true;
		return;
	}
	if (i == k->n)
		k->n++;
	k->addrs[i] = *a;
	k->fresh[i] = true;
}

static void drop(struct kernel *k, size_t i)
{
	k->n--;
	k->addrs[i] = k->addrs[k->n];
	k->fresh[i] = k->fresh[k->n];
}

void kernel_drop(struct kernel *k, int ifindex, const struct prefix *p)
{
	size_t i = find(k, ifindex, p);

	if (i < k->n)
		drop(k, i);
}

const struct nl_ifaddr *kernel_find(
	const struct kernel *k, int ifindex, const struct prefix *p)
{
	size_t i = find(k, ifindex, p);

	return i < k->n ? &k->addrs[i] : NULL;
}

void kernel_sync(struct kernel *k, bool end)
{
	if (!end)
		memset(k->fresh, 0, sizeof k->fresh);
	for (size_t i = k->n; end && i--;)
		if (!k->fresh[i])
			drop(k, i);
}
