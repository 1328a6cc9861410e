#include <string.h>

#include "cur.h"
#include "num.h"
#include "proxyhdr.h"

static void put(struct wr *w, const char *s)
{
	wr_bytes(w, s, strlen(s));
}

static size_t text(struct wr *w, const struct proxyhdr *h)
{
	char buf[ADDR_STRLEN];

	put(w, h->src.family == AF_INET ? "PROXY TCP4 " : "PROXY TCP6 ");
	put(w, addr_str(&h->src, buf));
	put(w, " ");
	put(w, addr_str(&h->dst, buf));
	put(w, " ");
	put(w, num_str(h->sport, buf));
	put(w, " ");
	put(w, num_str(h->dport, buf));
	put(w, "\r\n");
	return w->len;
}

static size_t binary(struct wr *w, const struct proxyhdr *h)
{
	size_t n = addr_size(&h->src);

	wr_bytes(w, "\r\n\r\n\0\r\nQUIT\n", 12);
	wr_u8(w, 0x21); /* version 2, PROXY */
	wr_u8(w, h->src.family == AF_INET ? 0x11 : 0x21);
	wr_be16(w, (uint16_t)(2 * n + 4));
	wr_bytes(w, h->src.b, n);
	wr_bytes(w, h->dst.b, n);
	wr_be16(w, h->sport);
	wr_be16(w, h->dport);
	return w->len;
}

size_t proxyhdr(
	uint8_t buf[PROXYHDR_MAX], int version, const struct proxyhdr *h)
{
	struct wr w = wr_init(buf, PROXYHDR_MAX);

	return version == 1 ? text(&w, h) : binary(&w, h);
}
