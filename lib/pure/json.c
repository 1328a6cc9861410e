#include <string.h>

#include "json.h"
#include "num.h"

size_t json_escape(char out[JSON_ESC_MAX], char c)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char u = (unsigned char)c;

	if (c == '"' || c == '\\') {
		out[0] = '\\';
		out[1] = c;
		return 2;
	}
	if (u >= ' ' && u < 0x7f) {
		out[0] = c;
		return 1;
	}
	memcpy(out, "\\u00", 4);
	out[4] = digits[u >> 4];
	out[5] = digits[u & 15];
	return 6;
}

static void put(struct json *j, const char *s, size_t n)
{
	if (j->full || n > j->size - j->len) {
		j->full = true;
		return;
	}
	memcpy(j->buf + j->len, s, n);
	j->len += n;
}

static void put_str(struct json *j, const char *s)
{
	char esc[JSON_ESC_MAX];

	put(j, "\"", 1);
	for (; *s; s++)
		put(j, esc, json_escape(esc, *s));
	put(j, "\"", 1);
}

static void put_key(struct json *j, const char *key)
{
	if (j->comma)
		put(j, ",", 1);
	j->comma = true;
	if (!key)
		return;
	put_str(j, key);
	put(j, ":", 1);
}

void json_init(struct json *j, char *buf, size_t size)
{
	*j = (struct json){ .buf = buf, .size = size };
}

void json_open(struct json *j, const char *key, char what)
{
	put_key(j, key);
	put(j, &what, 1);
	j->comma = false;
}

void json_close(struct json *j, char what)
{
	put(j, &what, 1);
	j->comma = true;
}

void json_str(struct json *j, const char *key, const char *value)
{
	put_key(j, key);
	put_str(j, value);
}

void json_raw(struct json *j, const char *key, const char *text)
{
	put_key(j, key);
	put(j, text, strlen(text));
}

void json_num(struct json *j, const char *key, uint64_t value)
{
	char text[NUM_STRLEN];

	json_raw(j, key, num_str(value, text));
}

void json_int(struct json *j, const char *key, int64_t value)
{
	char text[NUM_STRLEN + 1];
	uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
	const char *digits = num_str(size, text + 1);

	text[0] = '-';
	json_raw(j, key, value < 0 ? text : digits);
}

void json_bool(struct json *j, const char *key, bool value)
{
	json_raw(j, key, value ? "true" : "false");
}
