#include "pktsock.h"
#include "vmac.h"

/* The digest of AH is over an id of 0. */
static uint16_t next_id(int proto)
{
	static uint16_t id;

	if (proto != VRRP_PROTO)
		return 0;
	return id = id == UINT16_MAX ? 1 : (uint16_t)(id + 1);
}

int vmac_send(int fd, int ifindex, const struct router_cfg *cfg,
	const struct vrrp_out *o, uint8_t *msg, size_t len)
{
	int proto = config_proto(cfg);
	struct vframe f = { .src = o->src,
		.dst = o->dst,
		.proto = (uint8_t)proto,
		.id = next_id(proto) };
	size_t head;

	vmac_of(f.mac, cfg->family, cfg->vrid);
	head = vframe_wrap(msg, len, &f);
	return pktsock_send_long(fd, ifindex, msg - head, head + len);
}
