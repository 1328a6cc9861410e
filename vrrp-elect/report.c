#include <stdio.h>

#include "die.h"
#include "report.h"

static const char *kind_str(int kind)
{
	return kind == REPORT_TWO_MASTERS
		       ? "two-masters"
		       : vrrp_fault_str((enum vrrp_fault)kind);
}

static int is_news(struct report *r, int kind, const struct addr *src)
{
	unsigned same = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (r->seen[i].kind != kind)
			continue;
		if (addr_equal(&r->seen[i].src, src))
			return 0;
		same++;
	}
	return same < REPORT_PER_KIND_MAX && r->n < REPORT_SEEN_MAX;
}

void report(
	struct report *r, const char *subject, int kind, const struct addr *src)
{
	char text[ADDR_STRLEN];

	r->count[kind]++;
	if (!subject || !is_news(r, kind, src))
		return;
	r->seen[r->n].kind = kind;
	r->seen[r->n++].src = *src;
	warn("%s: %s: %s (said once; further ones are counted)", subject,
		addr_str(src, text), kind_str(kind));
}

const char *report_str(const struct report *r, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (int k = 1; k < REPORT_N && len < size; k++)
		if (r->count[k])
			len += (size_t)snprintf(buf + len, size - len,
				" %s=%llu", kind_str(k),
				(unsigned long long)r->count[k]);
	return buf;
}
