/* Text into a buffer of the caller's, which always ends with a NUL.  What does
 * not fit is left out and sets `full`, which stays set.  No printf: formatting
 * a packet must cost less than reading it. */
#ifndef TXT_H
#define TXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "eth.h"

struct txt {
	char *buf;
	size_t size, len;
	bool full;
};

/* size > 0 */
struct txt txt_init(char *buf, size_t size);
void txt_mem(struct txt *t, const void *s, size_t n);
void txt_str(struct txt *t, const char *s);
/* At most n bytes of s. */
void txt_strn(struct txt *t, const char *s, size_t n);
void txt_ch(struct txt *t, char c);
void txt_num(struct txt *t, uint64_t v);
/* With zeros in front, to at least `digits`. */
void txt_zeros(struct txt *t, uint64_t v, unsigned digits);
/* Lower case, at least `digits`, no 0x. */
void txt_hex(struct txt *t, uint64_t v, unsigned digits);
void txt_hexes(struct txt *t, const uint8_t *p, size_t n);
/* An address of 4 or 16 bytes in place, as inet_ntop(3) writes it. */
void txt_bytes(struct txt *t, int family, const uint8_t *b);
void txt_addr(struct txt *t, const struct addr *a);
/* ADDR:PORT or [ADDR]:PORT */
void txt_addrport(struct txt *t, const struct addr *a, uint16_t port);
void txt_mac(struct txt *t, const uint8_t mac[MAC_LEN]);
/* Microseconds as seconds with `digits` (3 or 6) after the point. */
void txt_secs(struct txt *t, int64_t us, unsigned digits);
/* Spaces up to column `col`, counted from `from`; at least one. */
void txt_pad(struct txt *t, size_t from, size_t col);
/* Padded with blanks on the right, on the left, to `width`. */
void txt_left(struct txt *t, const char *s, size_t width);
void txt_num_left(struct txt *t, uint64_t v, size_t width);
void txt_num_right(struct txt *t, uint64_t v, size_t width);

static inline const char *txt_end(const struct txt *t)
{
	return t->buf;
}

#endif
