/* Commands in ipvsadm's words: from a command line or a line of a saved table
 * to a struct, and back.
 *
 * Deliberate differences: -E and -e change only what is named, so that what is
 * to go has words: -p 0, -b none, --pe none, --no-ops.  Weights go up to
 * 2^31-1.  --localnode is the forwarding method that ipvsadm shows as Local.
 * Addresses are numeric unless `names` resolves them. */
#ifndef IPVS_CMD_H
#define IPVS_CMD_H

#include "ipvs.h"
#include "txt.h"

#define IPVS_WORDS_MAX	 64
#define IPVS_PERSIST_DEF 360	      /* a bare -p, seconds */
#define IPVS_TIMEOUT_MAX (31 * 86400) /* as the kernel's */

enum ipvs_verb {
	IPVS_NOTHING,
	IPVS_ADD,
	IPVS_EDIT,
	IPVS_DEL,
	IPVS_CLEAR,
	IPVS_LIST,
	IPVS_ADD_DEST,
	IPVS_EDIT_DEST,
	IPVS_DEL_DEST,
	IPVS_ZERO,
	IPVS_SET,
	IPVS_START,
	IPVS_STOP,
	IPVS_RESTORE,
	IPVS_SAVE,
	IPVS_HELP,
	IPVS_VERSION,
	IPVS_VERBS
};

enum ipvs_opt {
	IPVS_O_SERVICE,
	IPVS_O_IPV6,
	IPVS_O_SCHED,
	IPVS_O_PERSISTENT,
	IPVS_O_NETMASK,
	IPVS_O_OPS,
	IPVS_O_PE,
	IPVS_O_FLAGS,
	IPVS_O_SERVER,
	IPVS_O_FORWARD,
	IPVS_O_WEIGHT,
	IPVS_O_UPPER,
	IPVS_O_LOWER,
	IPVS_O_TUN_TYPE,
	IPVS_O_TUN_PORT,
	IPVS_O_TUN_CSUM,
	IPVS_O_NUMERIC,
	IPVS_O_CONNECTION,
	IPVS_O_TIMEOUT,
	IPVS_O_DAEMON,
	IPVS_O_STATS,
	IPVS_O_RATE,
	IPVS_O_THRESHOLDS,
	IPVS_O_PERSISTENT_CONN,
	IPVS_O_TUN_INFO,
	IPVS_O_EXACT,
	IPVS_O_NOSORT,
	IPVS_O_SORT,
	IPVS_O_JSON,
	IPVS_O_ATOMIC,
	IPVS_O_MCAST_IF,
	IPVS_O_SYNCID,
	IPVS_O_MAXLEN,
	IPVS_O_GROUP,
	IPVS_O_MCAST_PORT,
	IPVS_O_TTL,
	IPVS_O_RESOLVE,
	IPVS_O_MODPROBE,
	IPVS_O_NO_SANDBOX,
	IPVS_O_COUNT
};

#define IPVS_BIT(opt) (UINT64_C(1) << (opt))

struct ipvs_cmd {
	enum ipvs_verb verb;
	uint64_t seen; /* IPVS_BIT()s of what was named */
	struct ipvs_svc svc;
	struct ipvs_dest dest;
	struct ipvs_timeouts timeouts;
	struct ipvs_daemon daemon;
	const char *flag_sched; /* that the named flags belong to, or NULL */
	const char *word;	/* that is wrong, or NULL */
};

struct ipvs_names {
	bool (*host)(void *arg, const char *name, struct addr *a);
	bool (*port)(
		void *arg, const char *name, uint8_t proto, uint16_t *port);
	void *arg;
};

/* Splits a line in place at blanks; a word that begins with # ends it, and a
 * leading "ipvsadm" or "ipvsadm-lite" is skipped.  Returns the number of
 * words, IPVS_WORDS_MAX + 1 when there are more than that. */
size_t ipvs_split(char *line, char *words[IPVS_WORDS_MAX]);
/* NULL, or what is wrong (with c->word).  No command: IPVS_NOTHING. */
const char *ipvs_parse(struct ipvs_cmd *c, char *const *words, size_t n,
	const struct ipvs_names *names);
/* ADDR, ADDR:PORT or [ADDR]:PORT; *told: with a port. */
bool ipvs_parse_addrport(
	struct addr *a, uint16_t *port, bool *told, const char *s);
/* For -E and -e: what was not named is taken from the present state.  NULL, or
 * what is wrong with the outcome. */
const char *ipvs_merge_svc(struct ipvs_cmd *c, const struct ipvs_svc *have);
const char *ipvs_merge_dest(struct ipvs_cmd *c, const struct ipvs_dest *have);

/* The line, without newline: the inverse of ipvs_parse() for commands that
 * edit.  As ipvsadm -S -n writes it. */
void ipvs_cmd_text(struct txt *t, const struct ipvs_cmd *c);
/* "-t ADDR:PORT" */
void ipvs_svc_words(struct txt *t, const struct ipvs_svc *s);
/* "sh-fallback,sh-port" */
void ipvs_flag_names(struct txt *t, const struct ipvs_svc *s);
/* "tcp:ADDR:PORT", "fwm:5", "fwm6:5": the subject of a line. */
void ipvs_svc_subject(struct txt *t, const struct ipvs_svc *s);
/* The entry as the command that adds it. */
void ipvs_cmd_add(struct ipvs_cmd *c, const struct ipvs_svc *s);
void ipvs_cmd_add_dest(struct ipvs_cmd *c, const struct ipvs_svc *s,
	const struct ipvs_dest *d);
void ipvs_cmd_daemon(
	struct ipvs_cmd *c, enum ipvs_verb verb, const struct ipvs_daemon *d);

/* Carries a command out on a table, as the kernel would: 0, -EEXIST, -ESRCH
 * (no such service or daemon), -ENOENT (no such destination), -ENOSPC (no
 * room).  *why: the outcome of an edit is refused with -EINVAL. */
int ipvs_cmd_model(struct ipvs_table *t, struct ipvs_cmd *c, const char **why);

#endif
