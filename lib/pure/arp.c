#include <string.h>

#include "arp.h"
#include "cur.h"

#define ETHERTYPE_ARP  0x0806
#define ETHERTYPE_IPV4 0x0800
#define HW_ETHERNET    1

static const uint8_t broadcast[MAC_LEN] = { 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff };
static const uint8_t zero[MAC_LEN];

static void encode(struct frame *f, const struct arp *a)
{
	struct wr w = wr_init(f->b, sizeof f->b);

	wr_bytes(&w, broadcast, MAC_LEN);
	wr_bytes(&w, a->sha, MAC_LEN);
	wr_be16(&w, ETHERTYPE_ARP);
	wr_be16(&w, HW_ETHERNET);
	wr_be16(&w, ETHERTYPE_IPV4);
	wr_u8(&w, MAC_LEN);
	wr_u8(&w, 4);
	wr_be16(&w, a->op);
	wr_bytes(&w, a->sha, MAC_LEN);
	wr_bytes(&w, a->spa.b, 4);
	wr_bytes(&w, a->tha, MAC_LEN);
	wr_bytes(&w, a->tpa.b, 4);
	wr_zero(&w, ETH_MIN - w.len);
	f->len = (uint8_t)w.len;
}

void arp_announce(struct frame *f, const struct addr *ip,
	const uint8_t mac[MAC_LEN], bool reply)
{
	struct arp a = { .op = reply ? ARP_REPLY : ARP_REQUEST };

	a.spa = a.tpa = *ip;
	memcpy(a.sha, mac, MAC_LEN);
	memcpy(a.tha, reply ? mac : broadcast, MAC_LEN);
	encode(f, &a);
}

void arp_probe(
	struct frame *f, const struct addr *ip, const uint8_t mac[MAC_LEN])
{
	struct arp a = { .op = ARP_REQUEST, .tpa = *ip };

	memcpy(a.sha, mac, MAC_LEN);
	memcpy(a.tha, zero, MAC_LEN);
	encode(f, &a);
}

bool arp_decode_payload(struct arp *a, const void *payload, size_t len)
{
	static const uint8_t head[] = { 0, HW_ETHERNET, 0x08, 0x00, MAC_LEN,
		4 };
	struct rd r = rd_init(payload, len);
	const uint8_t *p, *sha, *spa, *tha, *tpa;

	p = rd_bytes(&r, sizeof head);
	a->op = rd_be16(&r);
	sha = rd_bytes(&r, MAC_LEN);
	spa = rd_bytes(&r, 4);
	tha = rd_bytes(&r, MAC_LEN);
	tpa = rd_bytes(&r, 4);
	if (r.bad || memcmp(p, head, sizeof head) != 0)
		return false;
	a->spa = addr_from(AF_INET, spa);
	a->tpa = addr_from(AF_INET, tpa);
	memcpy(a->sha, sha, MAC_LEN);
	memcpy(a->tha, tha, MAC_LEN);
	return true;
}

bool arp_decode(struct arp *a, const void *frame, size_t len)
{
	struct rd r = rd_init(frame, len);

	rd_bytes(&r, 2 * MAC_LEN);
	return rd_be16(&r) == ETHERTYPE_ARP &&
	       arp_decode_payload(a, r.p, r.left);
}

bool arp_conflicts(
	const struct arp *a, const struct addr *ip, const uint8_t mac[MAC_LEN])
{
	if (memcmp(a->sha, mac, MAC_LEN) == 0)
		return false;
	return addr_equal(&a->spa, ip) ||
	       (a->op == ARP_REQUEST && addr_is_unspecified(&a->spa) &&
		       addr_equal(&a->tpa, ip));
}
