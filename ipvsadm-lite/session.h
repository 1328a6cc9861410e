/* What every verb needs: the kernel, the sandbox, errors in words, output. */
#ifndef SESSION_H
#define SESSION_H

#include <stddef.h>

#include "kernel.h"
#include "txt.h"

struct session {
	struct kernel k;
	bool modprobe;	 /* load ip_vs if it is not there */
	bool no_sandbox; /* stay as we are */
	bool resolve;	 /* names are looked up */
	bool keep_user;	 /* a child is ours to end, or a file to be read */
	bool files;	 /* one is opened again later */
};

/* Room for the tables of whoever runs. */
extern struct ipvs_table table_have, table_want, table_only;

/* Opens the kernel; dies 111. */
void session_open(struct session *s);
/* From here on nothing is opened and no name is looked up but with --resolve.
 * Dies 111. */
void session_confine(const struct session *s);

/* The kernel's refusal in ipvsadm's words; err is -errno. */
const char *session_words(enum ipvs_verb verb, int err);
/* The exit code for it. */
int session_code(enum ipvs_verb verb, int err);
/* The worse of two: 0 < 1 < 99 < 111 < 100. */
int session_worse(int a, int b);

/* "LINE: words", on stderr. */
void session_warn(const struct kernel_edit *e);
/* Carries edits out and warns of each that is refused, with its tag as the
 * number of a line.  Returns an exit code. */
int session_edit(struct session *s, struct kernel_edit *e, size_t n);

/* stdout by the block. */
void sink_put(const char *text, size_t len);
void sink_txt(const struct txt *t);
/* An exit code. */
int sink_end(void);

#endif
