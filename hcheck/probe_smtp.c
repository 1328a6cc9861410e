/* smtp://: banner, EHLO, perhaps STARTTLS and EHLO again, QUIT. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stream.h"
#include "tls.h"

enum { BANNER, EHLO, TLS, EHLO_AGAIN, QUIT };

static const struct stage {
	const char *name;
	unsigned code;
} stages[] = {
	[BANNER] = { "banner", 220 },
	[EHLO] = { "ehlo", 250 },
	[TLS] = { "starttls", 220 },
	[EHLO_AGAIN] = { "ehlo", 250 },
	[QUIT] = { "quit", 221 },
};

static void ask(struct probe *p, int stage)
{
	char line[300];
	int n;

	p->u.smtp.stage = stage;
	p->stage = stages[stage].name;
	if (stage == EHLO || stage == EHLO_AGAIN)
		n = snprintf(line, sizeof line, "EHLO %s\r\n",
			p->s->helo ? p->s->helo : "hcheck.invalid");
	else
		n = snprintf(line, sizeof line,
			stage == TLS ? "STARTTLS\r\n" : "QUIT\r\n");
	stream_send(p, line, (size_t)n);
}

static void open_smtp(struct probe *p)
{
	smtp_init(&p->u.smtp.parser);
	if (p->u.smtp.stage == TLS)
		ask(p, EHLO_AGAIN);
	else
		p->stage = stages[BANNER].name;
}

static void next_stage(struct probe *p)
{
	switch (p->u.smtp.stage) {
	case BANNER:
		ask(p, EHLO);
		break;
	case EHLO:
		if (p->s->starttls && !p->u.smtp.parser.starttls)
			probe_down(p, "no-starttls");
		else
			ask(p, p->s->starttls ? TLS : QUIT);
		break;
	case TLS:
		stream_starttls(p);
		break;
	case EHLO_AGAIN:
		ask(p, QUIT);
		break;
	default:
		probe_up(p);
	}
}

static void reply(struct probe *p)
{
	const struct smtp_probe *s = &p->u.smtp;

	p->result.status = (uint16_t)s->parser.code;
	if (s->parser.code == stages[s->stage].code)
		next_stage(p);
	else
		probe_down(
			p, "smtp-%s-%u", stages[s->stage].name, s->parser.code);
}

static void take(struct probe *p, const uint8_t *data, size_t n)
{
	enum smtp_event e = SMTP_REPLY;

	while (!p->done && p->link == LINK_OPEN && e == SMTP_REPLY) {
		e = smtp_next(&p->u.smtp.parser, &data, &n);
		if (e == SMTP_REPLY)
			reply(p);
		else if (e == SMTP_BAD)
			probe_down(p, "not-smtp");
	}
}

/* Some hang up on QUIT without a word. */
static void end(struct probe *p)
{
	if (p->u.smtp.stage == QUIT)
		probe_up(p);
	else
		probe_down(p, "closed");
}

static const struct proto smtp = { open_smtp, take, end };

static void start(struct probe *p)
{
	p->u.smtp.stage = BANNER;
	stream_start(p, &smtp);
}

static const char *accept_smtp(const struct url *u, struct settings *s)
{
	(void)u;
	return s->starttls ? tls_context(s) : NULL;
}

const struct kind kind_smtp = { accept_smtp, start, stream_ready, NULL, NULL };
