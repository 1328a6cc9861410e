#include <stdio.h>

#include "num.h"
#include "report.h"
#include "sockaddr.h"

const char *report_secs(int64_t us, char *buf)
{
	snprintf(buf, 24, "%lld.%06d", (long long)(us / US_PER_S),
		(int)(us % US_PER_S));
	return buf;
}

static void put_int(struct line_out *o, const char *key, int v)
{
	char text[NUM_STRLEN];

	snprintf(text, sizeof text, "%d", v);
	line_raw(o, key, text);
}

void report_line(struct line_out *o, bool json, const struct subject *s,
	bool up, const struct result *r)
{
	const struct check *c = s->check;
	char text[ENDPOINT_STRLEN];

	line_begin(o, json, up ? "UP" : "DOWN", s->name);
	line_str(o, "url", c->url);
	if (c->at.addr.family)
		line_str(
			o, "addr", endpoint_str(&c->at.addr, c->at.port, text));
	line_raw(o, "rtt", report_secs(r->rtt, text));
	if (!up)
		line_str(o, "why", r->why);
	if (r->status)
		put_int(o, "status", r->status);
	if (r->cert_days != NO_CERT)
		put_int(o, "cert-days", r->cert_days);
	if (up && r->weight != NO_WEIGHT)
		put_int(o, "weight", r->weight);
	if (r->say[0])
		line_str(o, "say", r->say);
}
