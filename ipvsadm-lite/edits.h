/* Edits gathered into batches for the kernel. */
#ifndef EDITS_H
#define EDITS_H

#include "ipvs_diff.h"
#include "session.h"

struct edits {
	struct session *s;
	struct kernel_edit e[KERNEL_BATCH];
	size_t n;
	uint64_t done; /* edits so far, refused ones too */
	int code;      /* the worst so far */
};

void edits_add(struct edits *b, const struct ipvs_cmd *c, unsigned tag);
void edits_flush(struct edits *b);

/* Carries out all that is different; an exit code, *done how many edits. */
int edits_apply(struct session *s, struct ipvs_diff *d, uint64_t *done);

#endif
