#include <string.h>

#include "pattern.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool put(struct pattern *p, int byte, int mask)
{
	if (p->n == PATTERN_MAX)
		return false;
	p->byte[p->n] = (uint8_t)byte;
	p->mask[p->n++] = (uint8_t)mask;
	return true;
}

/* The byte of the escape behind a backslash; *s moves to its last byte. */
static int escape(const char **s)
{
	static const char names[] = "rnt0\\", values[] = "\r\n\t\0\\";
	const char *at = **s ? strchr(names, **s) : NULL;
	int hi, lo;

	if (at)
		return values[at - names];
	if (**s != 'x' || (hi = hex((*s)[1])) < 0 || (lo = hex((*s)[2])) < 0)
		return -1;
	*s += 2;
	return hi * 16 + lo;
}

bool pattern_text(struct pattern *p, const char *s)
{
	p->n = 0;
	for (; *s; s++) {
		int c = (unsigned char)*s;

		if (c == '\\') {
			s++;
			c = escape(&s);
		}
		if (c < 0 || !put(p, c, 0xff))
			return false;
	}
	return true;
}

bool pattern_hex(struct pattern *p, const char *s)
{
	p->n = 0;
	for (; *s; s++) {
		int digit[2];

		if (*s == ' ')
			continue;
		for (int i = 0; i < 2; i++) {
			digit[i] = s[i] == '?' ? 16 : hex(s[i]);
			if (digit[i] < 0)
				return false;
		}
		s++;
		if (!put(p, (digit[0] & 15) << 4 | (digit[1] & 15),
			    (digit[0] == 16 ? 0 : 0xf0) |
				    (digit[1] == 16 ? 0 : 0x0f)))
			return false;
	}
	return p->n > 0;
}

bool pattern_is_exact(const struct pattern *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->mask[i] != 0xff)
			return false;
	return true;
}

static bool matches(const struct pattern *p, const uint8_t *data)
{
	for (size_t i = 0; i < p->n; i++)
		if ((data[i] ^ p->byte[i]) & p->mask[i])
			return false;
	return true;
}

bool pattern_in(const struct pattern *p, const void *data, size_t n)
{
	for (size_t i = 0; i + p->n <= n; i++)
		if (matches(p, (const uint8_t *)data + i))
			return true;
	return false;
}
