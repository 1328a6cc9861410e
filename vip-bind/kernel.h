/* A copy of the addresses that the kernel has, by its own word (nlmon). */
#ifndef KERNEL_H
#define KERNEL_H

#include "nlmon.h"

#define KERNEL_ADDRS 4096

struct kernel {
	int only; /* the ifindex to keep; 0: all */
	size_t n;
	bool full; /* there were more */
	struct nl_ifaddr addrs[KERNEL_ADDRS];
	bool fresh[KERNEL_ADDRS]; /* told since the dump began */
};

void kernel_put(struct kernel *k, const struct nl_ifaddr *a);
void kernel_drop(struct kernel *k, int ifindex, const struct prefix *p);
/* NULL: not there, or not known.  Good until the next call of another. */
const struct nl_ifaddr *kernel_find(
	const struct kernel *k, int ifindex, const struct prefix *p);
/* A dump begins or ends: what it did not tell is forgotten. */
void kernel_sync(struct kernel *k, bool end);

#endif
