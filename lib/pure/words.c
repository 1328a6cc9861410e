#include <stdbool.h>
#include <string.h>

#include "words.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What the backslash at p[0] stands for within `quote`. */
static bool escapes(const char *p, char quote)
{
	if (*p != '\\' || !p[1] || quote == '\'')
		return false;
	return !quote || p[1] == '"' || p[1] == '\\';
}

/* One word, unquoted in place; returns what follows, NULL when a quote stays
 * open. */
static char *take_word(char *p)
{
	char *to = p, quote = '\0';

	for (; *p && (quote || !is_blank(*p)); p++) {
		if (escapes(p, quote))
			*to++ = *++p;
		else if (quote ? *p == quote : *p == '\'' || *p == '"')
			quote = quote ? '\0' : *p;
		else
			*to++ = *p;
	}
	if (quote)
		return NULL;
	if (*p)
		p++;
	*to = '\0';
	return p;
}

int words_split(char *text, char **words, size_t max, const char **why)
{
	size_t n = 0;

	for (char *p = text;; n++) {
		while (is_blank(*p))
			p++;
		if (!*p || *p == '#')
			return (int)n;
		*why = "too many words";
		if (n == max)
			return -1;
		words[n] = p;
		*why = "a quote stays open";
		p = take_word(p);
		if (!p)
			return -1;
	}
}
