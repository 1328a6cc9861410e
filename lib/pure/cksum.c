#include "cksum.h"

uint32_t cksum_add(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (; len > 1; p += 2, len -= 2)
		sum += (uint32_t)(p[0] << 8 | p[1]);
	return len ? sum + ((uint32_t)p[0] << 8) : sum;
}

/* IPv4 has a 16-bit length and IPv6 a 32-bit one, in another order: the sum
 * is the same. */
uint32_t cksum_pseudo(uint32_t sum, const struct addr *src,
	const struct addr *dst, uint8_t proto, size_t len)
{
	sum = cksum_add(sum, src->b, addr_size(src));
	sum = cksum_add(sum, dst->b, addr_size(dst));
	return sum + proto + (uint32_t)len;
}

uint16_t cksum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}
