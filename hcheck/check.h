/* A target: what is probed, when, and what came of it. */
#ifndef CHECK_H
#define CHECK_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "hc.h"
#include "heap.h"
#include "settings.h"
#include "url.h"

#define WHY_LEN	  32
#define SAY_LEN	  96
#define NO_CERT	  INT_MIN
#define NO_WEIGHT INT_MIN

/* What one probe found. */
struct result {
	bool ok;
	bool local;	   /* it failed on our side: nothing is known */
	char why[WHY_LEN]; /* unless ok */
	char say[SAY_LEN]; /* a word more, or "" */
	int64_t rtt;	   /* from start to verdict */
	uint16_t status;   /* of HTTP and SMTP; 0: none came */
	int cert_days;	   /* NO_CERT */
	int weight;	   /* NO_WEIGHT */
};

struct probe;
struct check;

/* A name of a check: lines are about subjects. */
struct subject {
	char *name;
	struct check *check;
	struct subject *next; /* of the same check */
	bool owed;	      /* its line is still to be written */
	enum hc_state said;   /* by its last line */
	struct subject *next_owed;
};

struct check {
	char *url; /* as it was told */
	struct settings *settings;
	struct url_facts {
		enum url_scheme scheme;
		uint16_t port;
		bool named; /* the address comes from a resolver */
		uint32_t scope;
		struct addr addr; /* family 0: not known */
	} at;
	struct hc hc;
	struct result last; /* of the newest probe that fits hc.state */
	bool probed;	    /* `last` is set */
	struct subject *subjects;

	struct probe *probe; /* in flight, or NULL */
	struct timer timer;  /* in one of the engine's heaps */
	uint32_t id;	     /* place in the engine's table */
	uint64_t token;	     /* id and a number that is never used again */
	uint16_t seq;	     /* of probes */
	bool asked;	     /* the resolver works on it */
	struct mono down_since;
	struct check *next_ask; /* that waits for a resolver */
};

#endif
