#include <string.h>

#include "http.h"
#include "smtp.h"

void smtp_init(struct smtp *s)
{
	s->code = 0;
	s->n = 0;
	s->lines = 0;
	s->starttls = false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The three digits; 0 when there are none. */
static unsigned code_of(const char *l, size_t n)
{
	if (n < 3 || l[0] < '2' || l[0] > '5' || !is_digit(l[1]) ||
		!is_digit(l[2]) || (n > 3 && l[3] != ' ' && l[3] != '-'))
		return 0;
	return (unsigned)((l[0] - '0') * 100 + (l[1] - '0') * 10 +
			  (l[2] - '0'));
}

/* A whole line, NUL-terminated. */
static enum smtp_event take_line(struct smtp *s)
{
	unsigned code;

	if (s->n && s->line[s->n - 1] == '\r')
		s->n--;
	s->line[s->n] = '\0';
	code = code_of(s->line, s->n);
	if (!code || (s->lines && code != s->code) ||
		s->lines == SMTP_REPLY_MAX)
		return SMTP_BAD;
	if (!s->lines)
		s->starttls = false;
	s->code = code;
	s->lines++;
	if (s->n > 4 && http_name_is(s->line + 4, "STARTTLS"))
		s->starttls = true;
	if (s->n > 3 && s->line[3] == '-')
		return SMTP_MORE;
	s->lines = 0;
	return SMTP_REPLY;
}

enum smtp_event smtp_next(struct smtp *s, const uint8_t **data, size_t *n)
{
	while (*n) {
		char c = (char)*(*data)++;
		enum smtp_event e;

		(*n)--;
		if (c != '\n') {
			if (s->n == sizeof s->line - 1)
				return SMTP_BAD;
			s->line[s->n++] = c;
			continue;
		}
		e = take_line(s);
		s->n = 0;
		if (e != SMTP_MORE)
			return e;
	}
	return SMTP_MORE;
}
