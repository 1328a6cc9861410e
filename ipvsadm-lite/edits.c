#include "die.h"
#include "edits.h"

void edits_flush(struct edits *b)
{
	if (b->n)
		b->code =
			session_worse(b->code, session_edit(b->s, b->e, b->n));
	b->done += b->n;
	b->n = 0;
}

void edits_add(struct edits *b, const struct ipvs_cmd *c, unsigned tag)
{
	b->e[b->n].cmd = *c;
	b->e[b->n].tag = tag;
	if (++b->n == KERNEL_BATCH)
		edits_flush(b);
}

int edits_apply(struct session *s, struct ipvs_diff *d, uint64_t *done)
{
	static struct edits b;
	struct ipvs_cmd c;

	b = (struct edits){ .s = s };
	while (ipvs_diff_next(d, &c))
		edits_add(&b, &c, 0);
	edits_flush(&b);
	*done = b.done;
	return b.code;
}
