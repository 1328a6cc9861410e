#include <stddef.h>
#include <string.h>

#include "num.h"

/* Digits up to the first other byte; NULL when none or too large. */
static const char *digits(const char *s, uint64_t *out)
{
	const char *p = s;
	uint64_t v = 0;

	for (; *p >= '0' && *p <= '9'; p++) {
		unsigned d = (unsigned)(*p - '0');

		if (v > (UINT64_MAX - d) / 10)
			return NULL;
		v = v * 10 + d;
	}
	*out = v;
	return p == s ? NULL : p;
}

bool num_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t v;
	const char *end = digits(s, &v);

	if (!end || *end || v < min || v > max)
		return false;
	*out = v;
	return true;
}

bool num_int(const char *s, int min, int max, int *out)
{
	bool minus = *s == '-';
	uint64_t v;
	int64_t n;

	if (!num_u64(s + (minus || *s == '+'), 0, INT32_MAX, &v))
		return false;
	n = minus ? -(int64_t)v : (int64_t)v;
	if (n < min || n > max)
		return false;
	*out = (int)n;
	return true;
}

const char *num_str(uint64_t v, char *buf)
{
	char tmp[NUM_STRLEN];
	size_t n = 0, i = 0;

	do
		tmp[n++] = (char)('0' + v % 10);
	while (v /= 10);
	while (n)
		buf[i++] = tmp[--n];
	buf[i] = '\0';
	return buf;
}

static const struct unit {
	const char *name;
	int64_t us;
} units[] = {
	{ "", 1000000 },
	{ "us", 1 },
	{ "ms", 1000 },
	{ "s", 1000000 },
	{ "m", 60 * 1000000LL },
	{ "h", 3600 * 1000000LL },
	{ "d", 86400 * 1000000LL },
};

static int64_t unit_us(const char *name)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(units[i].name, name) == 0)
			return units[i].us;
	return 0;
}

/* Up to six digits after the point, as millionths; NULL when malformed. */
static const char *millionths(const char *s, uint64_t *out)
{
	const char *end = digits(s, out);

	if (!end || end - s > 6)
		return NULL;
	for (ptrdiff_t n = end - s; n < 6; n++)
		*out *= 10;
	return end;
}

bool dur_parse(const char *s, int64_t *us)
{
	uint64_t whole, part = 0;
	const char *p = digits(s, &whole);
	int64_t unit;

	if (p && *p == '.')
		p = millionths(p + 1, &part);
	if (!p || !(unit = unit_us(p)))
		return false;
	if (whole > (uint64_t)(DUR_MAX / unit) ||
		(part * (uint64_t)unit) % 1000000)
		return false;
	*us = (int64_t)whole * unit +
	      (int64_t)(part * (uint64_t)unit / 1000000);
	return *us <= DUR_MAX;
}

const char *dur_str(int64_t us, char *buf)
{
	const char *unit = us % 1000000 == 0 ? "s"
			   : us % 1000 == 0  ? "ms"
					     : "us";
	int64_t per = unit_us(unit);

	num_str((uint64_t)(us / per), buf);
	strcat(buf, unit);
	return buf;
}
