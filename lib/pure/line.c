#include <string.h>

#include "json.h"
#include "line.h"
#include "num.h"

/* Room kept for what line_end() adds. */
#define TAIL 3

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

static bool has_control(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_control(s[i]) && s[i] != '\t')
			return true;
	return false;
}

/* Ends the line in f->buf; NULL when it is to be dropped. */
static char *line_done(struct line_feed *f)
{
	size_t len = f->len;
	bool bad = f->skipping || has_control(f->buf, len);

	f->len = 0;
	f->skipping = false;
	if (bad) {
		f->dropped++;
		return NULL;
	}
	f->buf[len] = '\0';
	return f->buf;
}

static void line_take(struct line_feed *f, const char *p, size_t n)
{
	if (f->skipping || n > sizeof f->buf - 1 - f->len) {
		f->skipping = true;
		return;
	}
	memcpy(f->buf + f->len, p, n);
	f->len += n;
}

char *line_next(struct line_feed *f, const char **data, size_t *n)
{
	while (*n) {
		const char *nl = memchr(*data, '\n', *n);
		size_t take = nl ? (size_t)(nl - *data) : *n;
		char *line;

		line_take(f, *data, take);
		*data += take + (nl != NULL);
		*n -= take + (nl != NULL);
		if (nl && (line = line_done(f)) != NULL)
			return line;
	}
	return NULL;
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef";
	const char *p =
		c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* In place; what is no escape stays.  %00 stays too: a value is a string. */
static void decode(char *s)
{
	char *to = s;

	for (; *s; s++) {
		int hi = *s == '%' ? hex(s[1]) : -1;
		int lo = hi >= 0 ? hex(s[2]) : -1;

		if (lo >= 0 && hi * 16 + lo) {
			*to++ = (char)(hi * 16 + lo);
			s += 2;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

/* The next word of *s, which moves behind it; NULL at the end. */
static char *token(char **s)
{
	char *t = *s + strspn(*s, " \t");

	if (!*t)
		return NULL;
	*s = t + strcspn(t, " \t");
	if (**s)
		*(*s)++ = '\0';
	return t;
}

static void add_kv(struct line *l, char *t)
{
	char *eq = strchr(t, '=');

	if (!eq || eq == t || l->nkv == LINE_KV_MAX)
		return;
	*eq = '\0';
	decode(eq + 1);
	l->kv[l->nkv++] = (struct line_kv){ t, eq + 1 };
}

bool line_parse(struct line *l, char *text)
{
	char *t;

	l->nkv = 0;
	l->word = token(&text);
	l->subject = l->word ? token(&text) : NULL;
	if (!l->subject)
		return false;
	while ((t = token(&text)) != NULL)
		add_kv(l, t);
	return true;
}

const char *line_get(const struct line *l, const char *key)
{
	for (size_t i = 0; i < l->nkv; i++)
		if (strcmp(l->kv[i].key, key) == 0)
			return l->kv[i].value;
	return NULL;
}

enum line_word line_word(const char *word)
{
	static const char *const names[] = {
		[WORD_MASTER] = "MASTER",
		[WORD_BACKUP] = "BACKUP",
		[WORD_FAULT] = "FAULT",
		[WORD_INIT] = "INIT",
		[WORD_UP] = "UP",
		[WORD_DOWN] = "DOWN",
	};

	for (size_t i = 1; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], word) == 0)
			return (enum line_word)i;
	return WORD_OTHER;
}

bool line_word_is_up(enum line_word w)
{
	return w == WORD_MASTER || w == WORD_UP;
}

static void put(struct line_out *o, const char *s, size_t n)
{
	if (o->full || n > sizeof o->buf - TAIL - o->len) {
		o->full = true;
		return;
	}
	memcpy(o->buf + o->len, s, n);
	o->len += n;
}

static void put_str(struct line_out *o, const char *s)
{
	put(o, s, strlen(s));
}

static void put_value(struct line_out *o, const char *s)
{
	static const char digits[] = "0123456789abcdef";

	for (; *s; s++) {
		char code[3] = { '%', digits[(unsigned char)*s >> 4],
			digits[*s & 15] };

		if (*s > ' ' && *s < 0x7f && *s != '%')
			put(o, s, 1);
		else
			put(o, code, sizeof code);
	}
}

static void put_json(struct line_out *o, const char *s)
{
	char esc[JSON_ESC_MAX];

	put_str(o, "\"");
	for (; *s; s++)
		put(o, esc, json_escape(esc, *s));
	put_str(o, "\"");
}

static void put_key(struct line_out *o, const char *key)
{
	if (o->json) {
		put_str(o, o->len > 1 ? "," : "");
		put_json(o, key);
		put_str(o, ":");
	} else {
		put_str(o, " ");
		put_str(o, key);
		put_str(o, "=");
	}
}

/* A pair goes in whole or not at all. */
static bool settle(struct line_out *o, size_t before)
{
	bool fits = !o->full;

	if (!fits)
		o->len = before;
	o->full = false;
	return fits;
}

bool line_str(struct line_out *o, const char *key, const char *value)
{
	size_t before = o->len;

	put_key(o, key);
	if (o->json)
		put_json(o, value);
	else
		put_value(o, value);
	return settle(o, before);
}

bool line_raw(struct line_out *o, const char *key, const char *text)
{
	size_t before = o->len;

	put_key(o, key);
	put_str(o, text);
	return settle(o, before);
}

bool line_num(struct line_out *o, const char *key, uint64_t value)
{
	char text[NUM_STRLEN];

	return line_raw(o, key, num_str(value, text));
}

void line_begin(
	struct line_out *o, bool json, const char *word, const char *subject)
{
	o->len = 0;
	o->full = false;
	o->json = json;
	if (json) {
		put_str(o, "{");
		line_str(o, "state", word);
		line_str(o, "subject", subject);
	} else {
		put_value(o, word);
		put_str(o, " ");
		put_value(o, subject);
	}
}

size_t line_end(struct line_out *o)
{
	if (o->json)
		o->buf[o->len++] = '}';
	o->buf[o->len++] = '\n';
	o->buf[o->len] = '\0';
	return o->len;
}
