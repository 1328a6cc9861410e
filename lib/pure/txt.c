#include <string.h>

#include "num.h"
#include "txt.h"

static const char hex[] = "0123456789abcdef";

struct txt txt_init(char *buf, size_t size)
{
	buf[0] = '\0';
	return (struct txt){ .buf = buf, .size = size };
}

void txt_mem(struct txt *t, const void *s, size_t n)
{
	if (n >= t->size - t->len) {
		t->full = true;
		return;
	}
	memcpy(t->buf + t->len, s, n);
	t->len += n;
	t->buf[t->len] = '\0';
}

void txt_str(struct txt *t, const char *s)
{
	txt_mem(t, s, strlen(s));
}

void txt_ch(struct txt *t, char c)
{
	if (t->len + 1 >= t->size) {
		t->full = true;
		return;
	}
	t->buf[t->len++] = c;
	t->buf[t->len] = '\0';
}

void txt_strn(struct txt *t, const char *s, size_t n)
{
	txt_mem(t, s, strnlen(s, n));
}

void txt_zeros(struct txt *t, uint64_t v, unsigned digits)
{
	char tmp[20];
	unsigned n = sizeof tmp;

	do
		tmp[--n] = (char)('0' + v % 10);
	while (v /= 10);
	while (sizeof tmp - n < digits && n)
		tmp[--n] = '0';
	txt_mem(t, tmp + n, sizeof tmp - n);
}

void txt_num(struct txt *t, uint64_t v)
{
	txt_zeros(t, v, 1);
}

void txt_hex(struct txt *t, uint64_t v, unsigned digits)
{
	char tmp[16];
	unsigned n = sizeof tmp;

	do
		tmp[--n] = hex[v & 15];
	while (v >>= 4);
	while (sizeof tmp - n < digits && n)
		tmp[--n] = '0';
	txt_mem(t, tmp + n, sizeof tmp - n);
}

void txt_hexes(struct txt *t, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		txt_ch(t, hex[p[i] >> 4]);
		txt_ch(t, hex[p[i] & 15]);
	}
}

static void bytes4(struct txt *t, const uint8_t *b)
{
	char tmp[16], *p = tmp;

	for (int i = 0; i < 4; i++) {
		if (b[i] >= 100)
			*p++ = (char)('0' + b[i] / 100);
		if (b[i] >= 10)
			*p++ = (char)('0' + b[i] / 10 % 10);
		*p++ = (char)('0' + b[i] % 10);
		*p++ = '.';
	}
	txt_mem(t, tmp, (size_t)(p - tmp) - 1);
}

struct run {
	int at, len;
};

/* The longest run of two or more zero groups, the first of equals. */
static struct run zero_run(const uint16_t *g)
{
	struct run best = { -1, 1 };

	for (int i = 0, n; i < 8; i += n + 1) {
		for (n = 0; i + n < 8 && g[i + n] == 0; n++)
			;
		if (n > best.len)
			best = (struct run){ i, n };
	}
	return best;
}

/* ::1.2.3.4 and ::ffff:1.2.3.4 are written so. */
static bool has_v4_tail(const uint16_t *g, const struct run *z)
{
	return z->at == 0 && (z->len == 6 || (z->len == 5 && g[5] == 0xffff));
}

static void bytes16(struct txt *t, const uint8_t *b)
{
	uint16_t g[8];
	struct run z;
	bool v4;

	for (int i = 0; i < 8; i++)
		g[i] = (uint16_t)(b[2 * i] << 8 | b[2 * i + 1]);
	z = zero_run(g);
	v4 = has_v4_tail(g, &z);
	for (int i = 0; i < (v4 ? 6 : 8);) {
		if (i == z.at) {
			txt_str(t, "::");
			i += z.len;
			continue;
		}
		if (i && i != z.at + z.len)
			txt_ch(t, ':');
		txt_hex(t, g[i++], 1);
	}
	if (v4) {
		if (z.len == 5)
			txt_ch(t, ':');
		bytes4(t, b + 12);
	}
}

void txt_bytes(struct txt *t, int family, const uint8_t *b)
{
	if (family == AF_INET)
		bytes4(t, b);
	else
		bytes16(t, b);
}

void txt_addr(struct txt *t, const struct addr *a)
{
	if (a->family)
		txt_bytes(t, a->family, a->b);
	else
		txt_ch(t, '-');
}

void txt_addrport(struct txt *t, const struct addr *a, uint16_t port)
{
	bool v6 = a->family == AF_INET6;

	txt_str(t, v6 ? "[" : "");
	txt_addr(t, a);
	txt_str(t, v6 ? "]:" : ":");
	txt_num(t, port);
}

void txt_mac(struct txt *t, const uint8_t mac[MAC_LEN])
{
	char tmp[MAC_STRLEN];

	txt_mem(t, mac_str(mac, tmp), MAC_STRLEN - 1);
}

void txt_secs(struct txt *t, int64_t us, unsigned digits)
{
	uint64_t part;

	if (us < 0) {
		txt_ch(t, '-');
		us = -us;
	}
	txt_num(t, (uint64_t)us / 1000000);
	txt_ch(t, '.');
	part = (uint64_t)us % 1000000;
	txt_zeros(t, digits == 3 ? part / 1000 : part, digits);
}

void txt_pad(struct txt *t, size_t from, size_t col)
{
	do
		txt_ch(t, ' ');
	while (t->len < from + col && !t->full);
}

static void blanks(struct txt *t, size_t have, size_t width)
{
	for (; have < width; have++)
		txt_ch(t, ' ');
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
