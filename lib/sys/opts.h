/* A command line by a table, a row an option: its names, the modes it is for,
 * what its value is to be, and what takes the value.
 *
 *	static const struct opt list[] = {
 *		{ "lease", 0, FOLLOW, "a duration", .set = set_lease },
 *		{ "json", 0, SHOW | FOLLOW, NULL, OPT_FLAG(json) },
 *		{ "help", 'h', SHOW | FOLLOW, NULL, .text = usage },
 *	};
 *
 * Misuse is one line on stderr and exit 100.  What is kept points into the
 * table and argv, which are the caller's and stay.  One command line at a
 * time, for it is getopt_long(3) that reads. */
#ifndef OPTS_H
#define OPTS_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTS_MAX 64

/* Each tool's own. */
struct options;

/* A member of a struct that takes a value as it is. */
struct field {
	enum field_kind {
		FIELD_NONE,
		FIELD_FLAG,	/* bool, made true; there is no value */
		FIELD_LEVEL,	/* int, made min; there is no value */
		FIELD_MORE,	/* int, one more; there is no value */
		FIELD_TEXT,	/* const char *, to min bytes or more */
		FIELD_NUMBER,	/* of 4 or 8 bytes; no sign in front */
		FIELD_SIGNED,	/* of 1 or 4 bytes; a sign may be */
		FIELD_DURATION, /* int64_t, microseconds */
		FIELD_FD,	/* int, a descriptor from 3 on that is open */
		FIELD_USER,	/* struct sandbox */
	} kind;
	size_t at, size;
	int64_t min, max; /* both allowed */
};

struct opt {
	const char *name; /* NULL: a letter alone; what takes a value dies */
	char letter;	  /* 0: none */
	unsigned modes;	  /* bits of the tool's choosing */
	const char *what; /* its value is to be; NULL: it has none */
	/* One of three.  set: false when the value is not what it is to be, or
	 * it dies in words of its own. */
	bool (*set)(struct options *o, const char *value);
	const char *text; /* to be printed, then exit 0 */
	struct field field;
};

/* Rows of one letter are names of one option if they share a mode; if not, the
 * mode says which is meant. */
struct opts {
	const struct opt *list;
	size_t n;
	unsigned mode;	   /* 0: not known yet */
	uint64_t seen;	   /* a bit for each row that was used */
	const char *value; /* of the latest; NULL: none */
	int argc;
	char **argv;
	char letters[2 * OPTS_MAX + 2];
	struct option longs[OPTS_MAX + 1];
};

/* Of what follows argv[0], by OPTS_MAX rows at most; chain_split() comes
 * before. */
void opts_begin(struct opts *p, const struct opt *list, size_t n, unsigned mode,
	int argc, char **argv);
/* The next option; NULL: no more, and the other arguments are those from
 * argv[optind] on.  Dies upon one that is not in the table, or without its
 * value. */
const struct opt *opts_next(struct opts *p);
/* Does what the row says, or dies. */
void opts_take(const struct opt *opt, struct options *o, const char *value);
/* Dies at the first row that was used and is not for this mode: "--force: not
 * with show", say. */
void opts_check(const struct opts *p, unsigned mode, const char *not_with,
	const char *what);
/* Prints and exits 0. */
_Noreturn void opts_print(const char *text);

/* The same two for who does not die.  opts_try(): '?' (no such option, or a
 * value too many) or ':' (a value is missing), argv[optind - 1] the word; 0:
 * *opt, or NULL at the end. */
int opts_try(struct opts *p, const struct opt **opt);
bool opts_set(const struct opt *opt, struct options *o, const char *value);
/* False: the value is not what it is to be, and the member is as it was. */
bool field_set(const struct field *f, void *object, const char *value);

/* Initialisers of .field; a member of another type does not compile.  OPTS_OF
 * may be another struct whose members are told by a table. */
#ifndef OPTS_OF
#define OPTS_OF struct options
#endif
#define OPT_A_FD	  "an open descriptor from 3 on"
#define OPT_VERSION(tool) tool " " VRRP_TOOLS_VERSION "\n"
#define OPTS_MEMBER(m)	  ((OPTS_OF *)0)->m
#define OPTS_FIELD(kind, type, m, min, max)                                    \
	.field = { kind,                                                       \
		_Generic(OPTS_MEMBER(m), type                                  \
			 : offsetof(OPTS_OF, m)),                              \
		sizeof OPTS_MEMBER(m), min, max }
#define OPT_FLAG(m)	 OPTS_FIELD(FIELD_FLAG, bool, m, 0, 0)
#define OPT_LEVEL(m, n)	 OPTS_FIELD(FIELD_LEVEL, int, m, n, 0)
#define OPT_MORE(m)	 OPTS_FIELD(FIELD_MORE, int, m, 0, 0)
#define OPT_TEXT(m, min) OPTS_FIELD(FIELD_TEXT, const char *, m, min, 0)
#define OPT_FD(m)	 OPTS_FIELD(FIELD_FD, int, m, 3, 1 << 20)
#define OPT_USER(m)	 OPTS_FIELD(FIELD_USER, struct sandbox, m, 0, 0)
#define OPT_NUMBER(m, min, max)                                                \
	OPTS_FIELD(FIELD_NUMBER, __typeof__(OPTS_MEMBER(m)), m, min, max)
#define OPT_SIGNED(m, min, max)                                                \
	OPTS_FIELD(FIELD_SIGNED, __typeof__(OPTS_MEMBER(m)), m, min, max)
#define OPT_DURATION(m, min, max)                                              \
	OPTS_FIELD(FIELD_DURATION, int64_t, m, min, max)

#endif
