/* --vmac: adverts that leave with the virtual MAC as their source, which no
 * socket but one for whole frames can give them. */
#ifndef VMAC_H
#define VMAC_H

#include "config.h"
#include "vframe.h"

/* Sends a message, which has VFRAME_HEAD bytes of room in front of it, to the
 * group o->dst.  0 or -errno. */
int vmac_send(int fd, int ifindex, const struct router_cfg *cfg,
	const struct vrrp_out *o, uint8_t *msg, size_t len);

#endif
