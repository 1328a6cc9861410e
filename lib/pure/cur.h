/* Bounds-checked cursors over bytes that come from or go to a wire.  Reading
 * past the end yields 0 and sets `bad`, which stays set: a parser reads all
 * it wants and checks once.  Nothing is ever read or written out of bounds. */
#ifndef CUR_H
#define CUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rd {
	const uint8_t *p;
	size_t left;
	bool bad;
};

struct wr {
	uint8_t *p;
	size_t left;
	size_t len; /* written so far */
	bool bad;
};

struct rd rd_init(const void *buf, size_t len);
uint8_t rd_u8(struct rd *r);
uint16_t rd_be16(struct rd *r);
uint32_t rd_be32(struct rd *r);
/* n bytes in place, or NULL past the end. */
const uint8_t *rd_bytes(struct rd *r, size_t n);

struct wr wr_init(void *buf, size_t size);
void wr_u8(struct wr *w, uint8_t v);
void wr_be16(struct wr *w, uint16_t v);
void wr_be32(struct wr *w, uint32_t v);
void wr_bytes(struct wr *w, const void *src, size_t n);
void wr_zero(struct wr *w, size_t n);

#endif
