/* Text in a caller's buffer: columns, numbers, addresses.  What does not fit
 * is left out and `full` is set; the buffer always ends with NUL. */
#ifndef TXT_H
#define TXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

struct txt {
	char *buf;
	size_t size, len;
	bool full;
};

/* size > 0 */
struct txt txt_init(char *buf, size_t size);
void txt_str(struct txt *t, const char *s);
/* At most n bytes of s. */
void txt_strn(struct txt *t, const char *s, size_t n);
void txt_num(struct txt *t, uint64_t v);
/* Padded with blanks on the right, on the left. */
void txt_left(struct txt *t, const char *s, size_t width);
void txt_num_left(struct txt *t, uint64_t v, size_t width);
void txt_num_right(struct txt *t, uint64_t v, size_t width);
void txt_addr(struct txt *t, const struct addr *a);
/* ADDR:PORT or [ADDR]:PORT */
void txt_addrport(struct txt *t, const struct addr *a, uint16_t port);

#endif
