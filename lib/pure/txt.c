#include <string.h>

#include "num.h"
#include "txt.h"

struct txt txt_init(char *buf, size_t size)
{
	buf[0] = '\0';
	return (struct txt){ .buf = buf, .size = size };
}

static void put(struct txt *t, const char *s, size_t n)
{
	size_t room = t->size - 1 - t->len;

	if (n > room) {
		t->full = true;
		n = room;
	}
	memcpy(t->buf + t->len, s, n);
	t->len += n;
	t->buf[t->len] = '\0';
}

void txt_str(struct txt *t, const char *s)
{
	put(t, s, strlen(s));
}

void txt_strn(struct txt *t, const char *s, size_t n)
{
	put(t, s, strnlen(s, n));
}

void txt_num(struct txt *t, uint64_t v)
{
	char digits[NUM_STRLEN];

	txt_str(t, num_str(v, digits));
}

static void blanks(struct txt *t, size_t have, size_t width)
{
	for (; have < width; have++)
		txt_str(t, " ");
}

void txt_left(struct txt *t, const char *s, size_t width)
{
	txt_str(t, s);
	blanks(t, strlen(s), width);
}

void txt_num_left(struct txt *t, uint64_t v, size_t width)
{
	char digits[NUM_STRLEN];

	txt_left(t, num_str(v, digits), width);
}

void txt_num_right(struct txt *t, uint64_t v, size_t width)
{
	char digits[NUM_STRLEN];

	num_str(v, digits);
	blanks(t, strlen(digits), width);
	txt_str(t, digits);
}

void txt_addr(struct txt *t, const struct addr *a)
{
	char text[ADDR_STRLEN];

	txt_str(t, addr_str(a, text));
}

void txt_addrport(struct txt *t, const struct addr *a, uint16_t port)
{
	bool v6 = a->family == AF_INET6;

	txt_str(t, v6 ? "[" : "");
	txt_addr(t, a);
	txt_str(t, v6 ? "]:" : ":");
	txt_num(t, port);
}
