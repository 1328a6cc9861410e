#include <string.h>

#include "cksum.h"
#include "cur.h"
#include "vframe.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define TOS_CS6	       0xc0
#define TTL	       255
#define DF	       0x4000
#define LEN4	       20
#define LEN6	       40

void vmac_of(uint8_t mac[MAC_LEN], int family, uint8_t vrid)
{
	const uint8_t m[MAC_LEN] = { 0, 0, 0x5e, 0, family == AF_INET ? 1 : 2,
		vrid };

	memcpy(mac, m, MAC_LEN);
}

/* RFC 1112 6.4, RFC 2464 7. */
static void put_group(struct wr *w, const struct addr *a)
{
	if (a->family == AF_INET) {
		wr_u8(w, 0x01);
		wr_be16(w, 0x005e);
		wr_u8(w, a->b[1] & 0x7f);
		wr_bytes(w, a->b + 2, 2);
	} else {
		wr_be16(w, 0x3333);
		wr_bytes(w, a->b + 12, 4);
	}
}

static void put_ip4(struct wr *w, const struct vframe *f, size_t len)
{
	uint8_t *head = w->p;
	uint16_t sum;

	wr_u8(w, 0x45);
	wr_u8(w, TOS_CS6);
	wr_be16(w, (uint16_t)(LEN4 + len));
	wr_be16(w, f->id);
	wr_be16(w, f->id ? 0 : DF);
	wr_u8(w, TTL);
	wr_u8(w, f->proto);
	wr_be16(w, 0);
	wr_bytes(w, f->src.b, 4);
	wr_bytes(w, f->dst.b, 4);
	sum = cksum_fold(cksum_add(0, head, LEN4));
	head[10] = (uint8_t)(sum >> 8);
	head[11] = (uint8_t)sum;
}

static void put_ip6(struct wr *w, const struct vframe *f, size_t len)
{
	wr_be32(w, 0x60000000 | TOS_CS6 << 20);
	wr_be16(w, (uint16_t)len);
	wr_u8(w, f->proto);
	wr_u8(w, TTL);
	wr_bytes(w, f->src.b, 16);
	wr_bytes(w, f->dst.b, 16);
}

size_t vframe_wrap(uint8_t *payload, size_t len, const struct vframe *f)
{
	bool v4 = f->dst.family == AF_INET;
	size_t head = 14 + (v4 ? LEN4 : LEN6);
	struct wr w = wr_init(payload - head, head);

	put_group(&w, &f->dst);
	wr_bytes(&w, f->mac, MAC_LEN);
	wr_be16(&w, v4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
	if (v4)
		put_ip4(&w, f, len);
	else
		put_ip6(&w, f, len);
	return head;
}
