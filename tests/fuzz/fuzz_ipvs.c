/* Lines of saved tables: what is taken comes out again as it went in.  Lines
 * before "--" make one table, those behind another, and the difference turns
 * the first into the second. */
#include "fuzz.h"
#include "ipvs_cmd.h"
#include "ipvs_diff.h"
#include "ipvs_list.h"

#define LINE 512

static struct ipvs_table have, want;

static size_t words_of(char *line, char *words[IPVS_WORDS_MAX])
{
	size_t n = ipvs_split(line, words);

	return n > IPVS_WORDS_MAX ? 0 : n;
}

static bool edits(const struct ipvs_cmd *c)
{
	return c->verb != IPVS_NOTHING && c->verb != IPVS_LIST &&
	       c->verb != IPVS_RESTORE && c->verb != IPVS_SAVE &&
	       c->verb != IPVS_HELP && c->verb != IPVS_VERSION;
}

/* An edit may name to take away, which an -A does not know. */
static void again(const struct ipvs_cmd *c)
{
	char text[LINE], more[LINE], copy[LINE], *words[IPVS_WORDS_MAX];
	struct txt t = txt_init(text, sizeof text);
	struct ipvs_cmd back;

	ipvs_cmd_text(&t, c);
	CLAIM(!t.full);
	memcpy(copy, text, t.len + 1);
	CLAIM(!ipvs_parse(&back, words, words_of(copy, words), NULL));
	CLAIM(back.verb == c->verb);
	t = txt_init(more, sizeof more);
	ipvs_cmd_text(&t, &back);
	CLAIM(c->verb == IPVS_EDIT || c->verb == IPVS_EDIT_DEST ||
		strcmp(text, more) == 0);
}

static void list(const struct ipvs_table *t)
{
	char text[IPVS_LINE_LEN];

	for (uint32_t s = ipvs_next_svc(t, 0); s != IPVS_NONE;
		s = ipvs_next_svc(t, s + 1)) {
		for (int layout = 0; layout <= IPVS_L_TUNNEL; layout++) {
			const struct ipvs_list l = {
				.layout = (enum ipvs_layout)layout
			};
			struct txt x = txt_init(text, sizeof text);
			uint32_t d = ipvs_first_dest(t, s);

			ipvs_list_svc(&x, &l, &t->svcs[s]);
			if (d != IPVS_NONE)
				ipvs_list_dest(
					&x, &l, &t->svcs[s], &t->dests[d]);
			CLAIM(!x.full);
		}
	}
}

static void take(struct ipvs_table *t, char *line)
{
	char *words[IPVS_WORDS_MAX], text[IPVS_LINE_LEN];
	char *copy = fuzz_string(line, strlen(line));
	const struct ipvs_list l = { .layout = IPVS_L_PERSISTENT };
	struct txt x = txt_init(text, sizeof text);
	struct ipvs_cmd c;
	const char *why;
	size_t n;

	ipvs_list_conn(&x, &l, copy);
	free(copy);
	n = words_of(line, words);
	if (!n || ipvs_parse(&c, words, n, NULL) || !edits(&c))
		return;
	again(&c);
	ipvs_cmd_model(t, &c, &why);
}

static void make_equal(void)
{
	static struct ipvs_cmd list_of[4096];
	struct ipvs_diff d;
	const char *why;
	size_t n = 0;

	ipvs_diff_start(&d, &have, &want, NULL);
	while (n < 4096 && ipvs_diff_next(&d, &list_of[n]))
		n++;
	CLAIM(n < 4096);
	for (size_t i = 0; i < n; i++)
		CLAIM(ipvs_cmd_model(&have, &list_of[i], &why) == 0);
	ipvs_diff_start(&d, &have, &want, NULL);
	CLAIM(!ipvs_diff_next(&d, &list_of[0]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipvs_table *t = &have;
	char *text = fuzz_string(data, size < 65536 ? size : 65536), *rest;

	ipvs_reset(&have);
	ipvs_reset(&want);
	for (char *line = strtok_r(text, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest)) {
		if (strcmp(line, "--") == 0)
			t = &want;
		else
			take(t, line);
	}
	list(&have);
	make_equal();
	free(text);
	return 0;
}
