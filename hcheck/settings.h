/* What options and key=value words say of a probe.  One object is shared by
 * all targets with the same words. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <net/if.h>
#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "hc.h"
#include "opts.h"
#include "pattern.h"
#include "ranges.h"

#define STEPS_MAX   16
#define MATCHES_MAX 8
#define DIGEST_MAX  32

/* What received bytes are held against. */
struct match {
	enum { MATCH_BYTES, MATCH_REGEX } kind;
	struct pattern bytes;
	regex_t regex;
	char *name; /* of a header; NULL: not for one */
	bool negate;
};

enum step_kind { STEP_SEND, STEP_EXPECT, STEP_STARTTLS };

struct step {
	enum step_kind kind;
	struct match match; /* SEND: bytes alone */
};

struct settings {
	struct hc_rule rule;
	int64_t timeout, resolve_after;
	int family; /* of names; 0: either */

	struct addr at; /* family 0: where the URL says */
	uint16_t at_port;
	struct addr source;
	char bind_if[IFNAMSIZ];
	uint32_t mark;
	bool marked;
	int proxy; /* version; 0: none */

	char *method, *host, *headers, *auth;
	unsigned minor; /* of HTTP/1 */
	struct ranges status;
	struct match *body[MATCHES_MAX], *header[MATCHES_MAX];
	size_t nbody, nheader;
	uint64_t body_max;
	const char *digest; /* sha256 or md5; NULL: none */
	uint8_t digest_want[DIGEST_MAX];
	bool digest_told;

	struct step *steps[STEPS_MAX];
	size_t nsteps;

	bool starttls; /* smtp */
	bool verify;
	char *sni, *ca, *cert, *cert_key, *alpn;
	int tls_min;   /* of OpenSSL; 0: its default */
	int cert_days; /* -1: not judged */
	void *tls;     /* the SSL_CTX, made when the first target needs it */

	struct ranges rcode;
	uint64_t answers;
	char *helo;
	bool no_error; /* udp: no ICMP error is enough */
	bool dynamic;  /* exec: the exit code is a weight */

	unsigned refs;
	char **list; /* of the base: the words it was made of */
	size_t nlist;
	char *key; /* of the others: theirs, for sharing */
	struct settings *next;
};

/* One option or key.  A file may use all of them, the command line too. */
struct setting {
	const char *name;
	char letter;
	const char *what; /* its value is to be; NULL: it has none */
	bool (*set)(struct settings *s, const char *value); /* or: */
	struct field field;
};

extern const struct setting setting_list[];
extern const size_t setting_count;

/* The settings of the command line; words are key=value or key, and stay.
 * NULL with *why (in a static buffer). */
struct settings *settings_base(char **words, size_t n, const char **why);
/* The base with words added; the same words give the same object. */
struct settings *settings_get(
	struct settings *base, char **words, size_t n, const char **why);
void settings_put(struct settings *s);

#endif
