/* The kernel's virtual server, by one generic netlink socket. */
#ifndef KERNEL_H
#define KERNEL_H

#include "ipvs_cmd.h"

#define KERNEL_BATCH 256

struct kernel {
	struct nl_sock *sk;
	int fd, family;
	uint32_t seq;
	size_t chunk; /* commands at once whose answers surely fit */
	uint32_t version, size;
};

/* One edit of a batch, and its answer. */
struct kernel_edit {
	struct ipvs_cmd cmd;
	unsigned tag; /* the caller's */
	int err;      /* 0 or -errno */
};

/* 0 or -errno; -ENOPROTOOPT: this kernel has no ip_vs (now). */
int kernel_open(struct kernel *k);
void kernel_close(struct kernel *k);

/* Carries commands out in order, many by one system call, and fills in each
 * err; one that is refused does not keep the next from being tried.  0, or
 * -errno when the kernel could not be asked or heard. */
int kernel_edit(struct kernel *k, struct kernel_edit *e, size_t n);

/* Into an empty table: services, destinations, timeouts, sync daemons.  0 or
 * -errno; -ENOSPC: more than a table has room for. */
int kernel_load(struct kernel *k, struct ipvs_table *t);
int kernel_load_rest(struct kernel *k, struct ipvs_table *t);
/* The service of this key alone, with its destinations; -ESRCH. */
int kernel_load_svc(
	struct kernel *k, struct ipvs_table *t, const struct ipvs_svc *key);

#endif
