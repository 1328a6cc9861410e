#include <string.h>

#include "ipvs_cmd.h"
#include "num.h"

#define V(verb)	   (1u << IPVS_##verb)
#define SVC	   (V(ADD) | V(EDIT))
#define DEST	   (V(ADD_DEST) | V(EDIT_DEST))
#define NEED_SVC   (SVC | V(DEL) | DEST | V(DEL_DEST))
#define NEED_DEST  (DEST | V(DEL_DEST))
#define ONE_OF_SVC (NEED_SVC | V(LIST) | V(ZERO))
#define ANY	   UINT32_MAX

struct parse {
	struct ipvs_cmd *c;
	char *const *words;
	size_t n, at;
	const struct ipvs_names *names;
	const char *svc_text, *dest_text, *mask_text; /* parsed at the end */
};

typedef const char *set_fn(struct parse *p, char *value);

/* ---- Values. */

static bool host_of(const struct parse *p, struct addr *a, const char *s)
{
	return addr_parse(a, s) ||
	       (p->names && p->names->host(p->names->arg, s, a));
}

static bool port_of(
	const struct parse *p, uint16_t *port, const char *s, uint8_t proto)
{
	uint64_t v;

	if (!num_u64(s, 0, 65535, &v))
		return p->names &&
		       p->names->port(p->names->arg, s, proto, port);
	*port = (uint16_t)v;
	return true;
}

/* Where the port begins, or NULL; cuts the address out of s. */
static const char *cut_port(char *host, size_t size, const char *s)
{
	const char *end = *s == '[' ? strchr(s, ']') : NULL;
	const char *colon = strrchr(s, ':');
	size_t n = strlen(s);

	if (end) {
		s++;
		n = (size_t)(end - s);
		colon = end[1] == ':' ? end + 1 : NULL;
		if (end[1] && !colon)
			n = size;
	} else if (colon && strchr(s, ':') == colon) {
		n = (size_t)(colon - s);
	} else {
		colon = NULL;
	}
	if (n >= size)
		n = 0;
	memcpy(host, s, n);
	host[n] = '\0';
	return colon ? colon + 1 : NULL;
}

static bool addrport(const struct parse *p, struct addr *a, uint16_t *port,
	bool *told, uint8_t proto, const char *s)
{
	char host[256];
	const char *text = cut_port(host, sizeof host, s);

	*port = 0;
	*told = text != NULL;
	if (!*host || !host_of(p, a, host) ||
		(*s == '[' && a->family != AF_INET6))
		return false;
	return !text || port_of(p, port, text, proto);
}

bool ipvs_parse_addrport(
	struct addr *a, uint16_t *port, bool *told, const char *s)
{
	const struct parse p = { .names = NULL };

	return addrport(&p, a, port, told, 0, s);
}

static bool number(uint32_t *out, const char *s, uint32_t min, uint32_t max)
{
	uint64_t v;

	if (!num_u64(s, min, max, &v))
		return false;
	*out = (uint32_t)v;
	return true;
}

/* A name that the kernel and a saved table can take. */
static bool name_of(char out[IPVS_NAME_LEN], const char *s)
{
	size_t n = strlen(s);

	if (!n || n >= IPVS_NAME_LEN)
		return false;
	for (const char *p = s; *p; p++)
		if (*p <= ' ' || *p >= 0x7f || *p == '#')
			return false;
	memcpy(out, s, n + 1);
	return true;
}

/* ---- Setters: NULL or what the value is to be. */

static const char *set_proto(struct parse *p, char *v, uint8_t proto)
{
	p->c->svc.proto = proto;
	p->svc_text = v;
	return NULL;
}

static const char *set_tcp(struct parse *p, char *v)
{
	return set_proto(p, v, IPVS_TCP);
}

static const char *set_udp(struct parse *p, char *v)
{
	return set_proto(p, v, IPVS_UDP);
}

static const char *set_sctp(struct parse *p, char *v)
{
	return set_proto(p, v, IPVS_SCTP);
}

static const char *set_fwmark(struct parse *p, char *v)
{
	return number(&p->c->svc.fwmark, v, 1, UINT32_MAX)
		       ? NULL
		       : "not a firewall mark from 1 to 4294967295";
}

static const char *set_sched(struct parse *p, char *v)
{
	return name_of(p->c->svc.sched, v) ? NULL
					   : "not the name of a scheduler";
}

static const char *set_persistent(struct parse *p, char *v)
{
	uint32_t *secs = &p->c->svc.timeout;
	bool edit = p->c->verb == IPVS_EDIT;

	*secs = IPVS_PERSIST_DEF;
	if (v && !number(secs, v, edit ? 0 : 1, IPVS_TIMEOUT_MAX))
		return "not seconds from 1 to 2678400";
	if (*secs)
		p->c->svc.flags |= IPVS_PERSISTENT;
	return NULL;
}

static const char *set_netmask(struct parse *p, char *v)
{
	p->mask_text = v;
	return NULL;
}

static const char *set_ops(struct parse *p, char *v)
{
	(void)v;
	p->c->svc.flags |= IPVS_ONEPACKET;
	return NULL;
}

static const char *set_nothing(struct parse *p, char *v)
{
	(void)p, (void)v;
	return NULL;
}

static const char *set_pe(struct parse *p, char *v)
{
	if (strcmp(v, "none") == 0)
		return NULL;
	return name_of(p->c->svc.pe, v)
		       ? NULL
		       : "not the name of a persistence engine";
}

static const struct {
	const char *name, *sched;
	uint32_t flag;
} sched_flags[] = {
	{ "sh-fallback", "sh", IPVS_SCHED1 },
	{ "sh-port", "sh", IPVS_SCHED2 },
	{ "mh-fallback", "mh", IPVS_SCHED1 },
	{ "mh-port", "mh", IPVS_SCHED2 },
	{ "flag-1", NULL, IPVS_SCHED1 },
	{ "flag-2", NULL, IPVS_SCHED2 },
	{ "flag-3", NULL, IPVS_SCHED3 },
};

static bool set_flag(struct ipvs_cmd *c, const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof sched_flags / sizeof *sched_flags; i++) {
		const char *sched = sched_flags[i].sched;

		if (strlen(sched_flags[i].name) != n ||
			strncmp(sched_flags[i].name, s, n) != 0)
			continue;
		if (sched && c->flag_sched && strcmp(sched, c->flag_sched) != 0)
			return false;
		c->svc.flags |= sched_flags[i].flag;
		if (sched)
			c->flag_sched = sched;
		return true;
	}
	return false;
}

static const char *set_flags(struct parse *p, char *v)
{
	if (strcmp(v, "none") == 0)
		return NULL;
	for (const char *s = v;; s++) {
		size_t n = strcspn(s, ",");

		if (!set_flag(p->c, s, n))
			return "not of sh-fallback, sh-port, mh-fallback, mh-port, "
			       "flag-1, flag-2, flag-3";
		s += n;
		if (!*s)
			return NULL;
	}
}

static const char *set_server(struct parse *p, char *v)
{
	p->dest_text = v;
	return NULL;
}

static const char *set_fwd(struct parse *p, uint8_t fwd)
{
	p->c->dest.fwd = fwd;
	return NULL;
}

static const char *set_route(struct parse *p, char *v)
{
	(void)v;
	return set_fwd(p, IPVS_ROUTE);
}

static const char *set_tunnel(struct parse *p, char *v)
{
	(void)v;
	return set_fwd(p, IPVS_TUNNEL);
}

static const char *set_masq(struct parse *p, char *v)
{
	(void)v;
	return set_fwd(p, IPVS_MASQ);
}

static const char *set_local(struct parse *p, char *v)
{
	(void)v;
	return set_fwd(p, IPVS_LOCAL);
}

static const char *set_weight(struct parse *p, char *v)
{
	return number(&p->c->dest.weight, v, 0, INT32_MAX)
		       ? NULL
		       : "not a number from 0 to 2147483647";
}

static const char *set_upper(struct parse *p, char *v)
{
	return number(&p->c->dest.upper, v, 0, INT32_MAX)
		       ? NULL
		       : "not a number from 0 to 2147483647";
}

static const char *set_lower(struct parse *p, char *v)
{
	return number(&p->c->dest.lower, v, 0, INT32_MAX)
		       ? NULL
		       : "not a number from 0 to 2147483647";
}

static const char *const tun_names[] = { "ipip", "gue", "gre" };

static const char *set_tun_type(struct parse *p, char *v)
{
	for (uint8_t i = 0; i < 3; i++) {
		if (strcmp(tun_names[i], v) == 0) {
			p->c->dest.tun_type = i;
			return NULL;
		}
	}
	return "not ipip, gue or gre";
}

static bool port_number(uint16_t *out, const char *s)
{
	uint64_t v;

	if (!num_u64(s, 1, 65535, &v))
		return false;
	*out = (uint16_t)v;
	return true;
}

static const char *set_tun_port(struct parse *p, char *v)
{
	return port_number(&p->c->dest.tun_port, v)
		       ? NULL
		       : "not a port from 1 to 65535";
}

static const char *set_tun_csum(struct parse *p, char *v)
{
	(void)v;
	p->c->dest.tun_flags = IPVS_TUN_CSUM;
	return NULL;
}

static const char *set_tun_remcsum(struct parse *p, char *v)
{
	(void)v;
	p->c->dest.tun_flags = IPVS_TUN_REMCSUM;
	return NULL;
}

static const char *set_mcast_if(struct parse *p, char *v)
{
	return name_of(p->c->daemon.ifname, v) ? NULL
					       : "not the name of an interface";
}

static const char *set_syncid(struct parse *p, char *v)
{
	uint32_t id;

	if (!number(&id, v, 0, 255))
		return "not a number from 0 to 255";
	p->c->daemon.syncid = (uint8_t)id;
	return NULL;
}

static const char *set_maxlen(struct parse *p, char *v)
{
	uint32_t len;

	if (!number(&len, v, 1, 65535 - 20 - 8))
		return "not a number from 1 to 65507";
	p->c->daemon.maxlen = (uint16_t)len;
	return NULL;
}

static const char *set_group(struct parse *p, char *v)
{
	struct addr *a = &p->c->daemon.group;

	return addr_parse(a, v) && addr_is_multicast(a)
		       ? NULL
		       : "not a multicast address";
}

static const char *set_mcast_port(struct parse *p, char *v)
{
	return port_number(&p->c->daemon.port, v)
		       ? NULL
		       : "not a port from 1 to 65535";
}

static const char *set_ttl(struct parse *p, char *v)
{
	uint32_t ttl;

	if (!number(&ttl, v, 1, 255))
		return "not a number from 1 to 255";
	p->c->daemon.ttl = (uint8_t)ttl;
	return NULL;
}

/* ---- Options. */

enum arg { NO_ARG, ARG, MAYBE };

static const struct opt {
	const char *name;
	char letter;
	enum arg arg;
	enum ipvs_opt opt;
	uint32_t verbs; /* it may go with */
	set_fn *set;
} opts[] = {
	{ "tcp-service", 't', ARG, IPVS_O_SERVICE, ONE_OF_SVC, set_tcp },
	{ "udp-service", 'u', ARG, IPVS_O_SERVICE, ONE_OF_SVC, set_udp },
	{ "sctp-service", 0, ARG, IPVS_O_SERVICE, ONE_OF_SVC, set_sctp },
	{ "fwmark-service", 'f', ARG, IPVS_O_SERVICE, ONE_OF_SVC, set_fwmark },
	{ "ipv6", '6', NO_ARG, IPVS_O_IPV6, ONE_OF_SVC, set_nothing },
	{ "scheduler", 's', ARG, IPVS_O_SCHED, SVC, set_sched },
	{ "persistent", 'p', MAYBE, IPVS_O_PERSISTENT, SVC, set_persistent },
	{ "netmask", 'M', ARG, IPVS_O_NETMASK, SVC, set_netmask },
	{ "ops", 'o', NO_ARG, IPVS_O_OPS, SVC, set_ops },
	{ "no-ops", 0, NO_ARG, IPVS_O_OPS, V(EDIT), set_nothing },
	{ "pe", 0, ARG, IPVS_O_PE, SVC, set_pe },
	{ "sched-flags", 'b', ARG, IPVS_O_FLAGS, SVC, set_flags },
	{ "real-server", 'r', ARG, IPVS_O_SERVER, NEED_DEST, set_server },
	{ "gatewaying", 'g', NO_ARG, IPVS_O_FORWARD, DEST, set_route },
	{ "ipip", 'i', NO_ARG, IPVS_O_FORWARD, DEST, set_tunnel },
	{ "masquerading", 'm', NO_ARG, IPVS_O_FORWARD, DEST, set_masq },
	{ "localnode", 0, NO_ARG, IPVS_O_FORWARD, DEST, set_local },
	{ "weight", 'w', ARG, IPVS_O_WEIGHT, DEST, set_weight },
	{ "u-threshold", 'x', ARG, IPVS_O_UPPER, DEST, set_upper },
	{ "l-threshold", 'y', ARG, IPVS_O_LOWER, DEST, set_lower },
	{ "tun-type", 0, ARG, IPVS_O_TUN_TYPE, DEST, set_tun_type },
	{ "tun-port", 0, ARG, IPVS_O_TUN_PORT, DEST, set_tun_port },
	{ "tun-nocsum", 0, NO_ARG, IPVS_O_TUN_CSUM, DEST, set_nothing },
	{ "tun-csum", 0, NO_ARG, IPVS_O_TUN_CSUM, DEST, set_tun_csum },
	{ "tun-remcsum", 0, NO_ARG, IPVS_O_TUN_CSUM, DEST, set_tun_remcsum },
	{ "numeric", 'n', NO_ARG, IPVS_O_NUMERIC, V(LIST) | V(SAVE),
		set_nothing },
	{ "connection", 'c', NO_ARG, IPVS_O_CONNECTION, V(LIST), set_nothing },
	{ "timeout", 0, NO_ARG, IPVS_O_TIMEOUT, V(LIST), set_nothing },
	{ "daemon", 0, NO_ARG, IPVS_O_DAEMON, V(LIST), set_nothing },
	{ "stats", 0, NO_ARG, IPVS_O_STATS, V(LIST), set_nothing },
	{ "rate", 0, NO_ARG, IPVS_O_RATE, V(LIST), set_nothing },
	{ "thresholds", 0, NO_ARG, IPVS_O_THRESHOLDS, V(LIST), set_nothing },
	{ "persistent-conn", 0, NO_ARG, IPVS_O_PERSISTENT_CONN, V(LIST),
		set_nothing },
	{ "tun-info", 0, NO_ARG, IPVS_O_TUN_INFO, V(LIST), set_nothing },
	{ "exact", 'X', NO_ARG, IPVS_O_EXACT, V(LIST), set_nothing },
	{ "nosort", 0, NO_ARG, IPVS_O_NOSORT, V(LIST), set_nothing },
	{ "sort", 0, NO_ARG, IPVS_O_SORT, V(LIST), set_nothing },
	{ "json", 0, NO_ARG, IPVS_O_JSON, V(LIST), set_nothing },
	{ "atomic", 0, NO_ARG, IPVS_O_ATOMIC, V(RESTORE), set_nothing },
	{ "mcast-interface", 0, ARG, IPVS_O_MCAST_IF, V(START), set_mcast_if },
	{ "syncid", 0, ARG, IPVS_O_SYNCID, V(START) | V(STOP), set_syncid },
	{ "sync-maxlen", 0, ARG, IPVS_O_MAXLEN, V(START), set_maxlen },
	{ "mcast-group", 0, ARG, IPVS_O_GROUP, V(START), set_group },
	{ "mcast-port", 0, ARG, IPVS_O_MCAST_PORT, V(START), set_mcast_port },
	{ "mcast-ttl", 0, ARG, IPVS_O_TTL, V(START), set_ttl },
	{ "resolve", 0, NO_ARG, IPVS_O_RESOLVE, ONE_OF_SVC | V(RESTORE),
		set_nothing },
	{ "modprobe", 0, NO_ARG, IPVS_O_MODPROBE, ANY, set_nothing },
	{ "no-sandbox", 0, NO_ARG, IPVS_O_NO_SANDBOX, ANY, set_nothing },
};

static const struct verb {
	const char *name;
	char letter;
	enum arg arg;
	enum ipvs_verb verb;
} verbs[] = {
	{ "add-service", 'A', NO_ARG, IPVS_ADD },
	{ "edit-service", 'E', NO_ARG, IPVS_EDIT },
	{ "delete-service", 'D', NO_ARG, IPVS_DEL },
	{ "clear", 'C', NO_ARG, IPVS_CLEAR },
	{ "list", 'L', NO_ARG, IPVS_LIST },
	{ "list", 'l', NO_ARG, IPVS_LIST },
	{ "add-server", 'a', NO_ARG, IPVS_ADD_DEST },
	{ "edit-server", 'e', NO_ARG, IPVS_EDIT_DEST },
	{ "delete-server", 'd', NO_ARG, IPVS_DEL_DEST },
	{ "zero", 'Z', NO_ARG, IPVS_ZERO },
	{ "set", 0, NO_ARG, IPVS_SET },
	{ "start-daemon", 0, ARG, IPVS_START },
	{ "stop-daemon", 0, ARG, IPVS_STOP },
	{ "restore", 'R', NO_ARG, IPVS_RESTORE },
	{ "save", 'S', NO_ARG, IPVS_SAVE },
	{ "help", 'h', NO_ARG, IPVS_HELP },
	{ "version", 'V', NO_ARG, IPVS_VERSION },
	{ "version", 'v', NO_ARG, IPVS_VERSION },
};

#define NOPTS  (sizeof opts / sizeof *opts)
#define NVERBS (sizeof verbs / sizeof *verbs)

/* name up to n bytes, or a letter (name NULL). */
static bool is_it(const char *name, char letter, const char *want, size_t n,
	char want_letter)
{
	if (want)
		return strlen(name) == n && strncmp(name, want, n) == 0;
	return letter && letter == want_letter;
}

static const struct verb *find_verb(const char *name, size_t n, char letter)
{
	for (size_t i = 0; i < NVERBS; i++)
		if (is_it(verbs[i].name, verbs[i].letter, name, n, letter))
			return &verbs[i];
	return NULL;
}

static const struct opt *find_opt(const char *name, size_t n, char letter)
{
	for (size_t i = 0; i < NOPTS; i++)
		if (is_it(opts[i].name, opts[i].letter, name, n, letter))
			return &opts[i];
	return NULL;
}

static enum ipvs_role role_of(const char *s)
{
	return strcmp(s, "master") == 0	  ? IPVS_MASTER
	       : strcmp(s, "backup") == 0 ? IPVS_BACKUP
					  : IPVS_OFF;
}

static const char *take_verb(struct parse *p, const struct verb *v, char *value)
{
	struct ipvs_cmd *c = p->c;

	if (c->verb != IPVS_NOTHING)
		return "multiple commands specified";
	c->verb = v->verb;
	if (v->arg == NO_ARG)
		return NULL;
	c->word = value;
	c->daemon.role = value ? role_of(value) : IPVS_OFF;
	return c->daemon.role ? NULL : "not master or backup";
}

static const char *take_opt(struct parse *p, const struct opt *o)
{
	struct ipvs_cmd *c = p->c;

	if (c->seen & IPVS_BIT(o->opt) && o->opt != IPVS_O_SORT)
		return "multiple options of this kind specified";
	c->seen |= IPVS_BIT(o->opt);
	return NULL;
}

/* One option in `value`'s word, or its argument in the next word.  *glued: its
 * argument was in this word.  Pass 0 takes commands, pass 1 the rest: what an
 * option means may depend on the command. */
struct token {
	const char *name; /* NULL: letter */
	size_t len;
	char letter;
	char *glued; /* =VALUE or the rest of a cluster, or NULL */
};

static const char *argument(
	struct parse *p, enum arg arg, const struct token *t, char **value)
{
	*value = NULL;
	if (arg == NO_ARG)
		return t->name && t->glued ? "takes no value" : NULL;
	if (t->glued && *t->glued) {
		*value = t->glued;
		return NULL;
	}
	if (p->at < p->n && (arg == ARG || p->words[p->at][0] != '-'))
		*value = p->words[p->at++];
	return arg == ARG && !*value ? "a value is missing" : NULL;
}

static const char *wrong_value(struct parse *p, char *value, const char *want)
{
	p->c->word = value;
	return want;
}

static const char *take(
	struct parse *p, const struct token *t, int pass, bool *used_rest)
{
	const struct verb *v = find_verb(t->name, t->len, t->letter);
	const struct opt *o = v ? NULL : find_opt(t->name, t->len, t->letter);
	enum arg arg = v ? v->arg : o ? o->arg : NO_ARG;
	const char *why;
	char *value;

	if (!v && !o)
		return "no such option";
	why = argument(p, arg, t, &value);
	*used_rest = value && value == t->glued;
	if (why)
		return why;
	if (v)
		return pass == 0 ? take_verb(p, v, value) : NULL;
	if (pass == 0)
		return NULL;
	why = take_opt(p, o);
	if (why)
		return why;
	why = o->set(p, value);
	return why ? wrong_value(p, value, why) : NULL;
}

static const char *take_cluster(struct parse *p, char *word, int pass)
{
	bool used = false;
	const char *why = NULL;

	for (char *s = word + 1; *s && !why && !used; s++) {
		const struct token t = { .letter = *s, .glued = s + 1 };

		why = take(p, &t, pass, &used);
	}
	return why;
}

static const char *take_long(struct parse *p, char *name, int pass)
{
	char *eq = strchr(name, '=');
	const struct token t = { .name = name,
		.len = eq ? (size_t)(eq - name) : strlen(name),
		.glued = eq ? eq + 1 : NULL };
	bool used;

	return take(p, &t, pass, &used);
}

static const char *take_word(struct parse *p, char *word, int pass)
{
	if (word[0] != '-' || !word[1])
		return "unexpected argument";
	p->c->word = word;
	return word[1] == '-' ? take_long(p, word + 2, pass)
			      : take_cluster(p, word, pass);
}

/* --set has its three values as loose words. */
static const char *take_set(struct parse *p)
{
	struct ipvs_timeouts *t = &p->c->timeouts;
	uint32_t *to[3] = { &t->tcp, &t->fin, &t->udp };

	p->c->word = NULL;
	for (int i = 0; i < 3; i++, p->at++) {
		if (p->at == p->n)
			return "--set requires 3 timeout values";
		if (!number(to[i], p->words[p->at], 0, IPVS_TIMEOUT_MAX)) {
			p->c->word = p->words[p->at];
			return "not seconds from 0 to 2678400";
		}
	}
	t->told = true;
	return NULL;
}

static const char *take_all(struct parse *p, int pass)
{
	const char *why = NULL;
	bool set = false;

	for (p->at = 0; p->at < p->n && !why;) {
		char *word = p->words[p->at];

		if (!set && p->c->verb == IPVS_SET && word[0] != '-') {
			set = true;
			why = pass ? take_set(p) : NULL;
			p->at += pass ? 0 : 3;
			continue;
		}
		p->c->word = word;
		p->at++;
		why = take_word(p, word, pass);
	}
	if (!why && pass && p->c->verb == IPVS_SET && !set) {
		p->c->word = NULL;
		why = "--set requires 3 timeout values";
	}
	return why;
}

/* ---- What belongs together. */

static const char *check_options(struct ipvs_cmd *c)
{
	uint32_t verb = 1u << c->verb;

	for (size_t i = 0; i < NOPTS; i++) {
		if (c->seen & IPVS_BIT(opts[i].opt) &&
			!(opts[i].verbs & verb)) {
			/* -o and --no-ops share a bit */
			if (c->seen & IPVS_BIT(IPVS_O_OPS) && verb & SVC &&
				opts[i].opt == IPVS_O_OPS)
				continue;
			c->word = opts[i].name;
			return "not with this command";
		}
	}
	c->word = NULL;
	if (verb & NEED_SVC && !(c->seen & IPVS_BIT(IPVS_O_SERVICE)))
		return "which service? -t, -u, --sctp-service or -f";
	if (verb & NEED_DEST && !(c->seen & IPVS_BIT(IPVS_O_SERVER)))
		return "which server? -r";
	if (c->seen & IPVS_BIT(IPVS_O_IPV6) && !c->svc.fwmark)
		return "-6 is for -f";
	return NULL;
}

static const char *finish_service(struct parse *p)
{
	struct ipvs_svc *s = &p->c->svc;
	bool told;

	if (s->fwmark) {
		s->addr.family =
			p->c->seen & IPVS_BIT(IPVS_O_IPV6) ? AF_INET6 : AF_INET;
		return NULL;
	}
	if (p->svc_text && !addrport(p, &s->addr, &s->port, &told, s->proto,
				   p->svc_text)) {
		p->c->word = p->svc_text;
		return "illegal virtual server address[:port]";
	}
	return NULL;
}

static const char *finish_netmask(struct parse *p)
{
	struct ipvs_svc *s = &p->c->svc;
	bool v6 = s->addr.family == AF_INET6;
	struct addr a;

	s->netmask = v6 ? 128 : UINT32_MAX;
	if (!p->mask_text)
		return NULL;
	p->c->word = p->mask_text;
	if (v6)
		return number(&s->netmask, p->mask_text, 1, 128)
			       ? NULL
			       : "an IPv6 netmask is a length from 1 to 128";
	if (!addr_parse(&a, p->mask_text) || a.family != AF_INET)
		return "not a netmask";
	memcpy(&s->netmask, a.b, sizeof s->netmask);
	return NULL;
}

/* Without rewriting the port must stay as it is: as ipvsadm, quietly. */
static void force_port(struct ipvs_cmd *c)
{
	if (!c->svc.fwmark &&
		(c->dest.fwd == IPVS_ROUTE || c->dest.fwd == IPVS_TUNNEL))
		c->dest.port = c->svc.port;
}

static const char *finish_server(struct parse *p)
{
	struct ipvs_cmd *c = p->c;
	bool told;

	if (!p->dest_text)
		return NULL;
	if (!addrport(p, &c->dest.addr, &c->dest.port, &told, c->svc.proto,
		    p->dest_text)) {
		c->word = p->dest_text;
		return "illegal real server address[:port]";
	}
	if (!told)
		c->dest.port = c->svc.port;
	if (c->verb == IPVS_ADD_DEST ||
		(c->verb == IPVS_EDIT_DEST &&
			c->seen & IPVS_BIT(IPVS_O_FORWARD)))
		force_port(c);
	return NULL;
}

static const char *check_svc(const struct ipvs_cmd *c)
{
	const struct ipvs_svc *s = &c->svc;

	if (!s->fwmark && !s->port && !(s->flags & IPVS_PERSISTENT))
		return "zero port for a service that is not persistent";
	if (s->flags & IPVS_ONEPACKET && !s->fwmark && s->proto != IPVS_UDP)
		return "one-packet scheduling is only for UDP services";
	if (c->flag_sched && strcmp(c->flag_sched, s->sched) != 0)
		return "scheduler flag of another scheduler";
	return NULL;
}

static const char *check_tunnel(const struct ipvs_dest *d, bool csum_told)
{
	switch (d->tun_type) {
	case IPVS_GUE:
		return d->tun_port ? NULL : "--tun-type gue needs --tun-port";
	case IPVS_GRE:
		if (d->tun_port)
			return "--tun-port is not for gre";
		return d->tun_flags & IPVS_TUN_REMCSUM
			       ? "--tun-remcsum is not for gre"
			       : NULL;
	default:
		return d->tun_port || d->tun_flags || csum_told
			       ? "ipip takes no tunnel options"
			       : NULL;
	}
}

static const char *check_dest(const struct ipvs_cmd *c)
{
	const uint64_t tun = IPVS_BIT(IPVS_O_TUN_TYPE) |
			     IPVS_BIT(IPVS_O_TUN_PORT) |
			     IPVS_BIT(IPVS_O_TUN_CSUM);

	if (c->dest.fwd == IPVS_TUNNEL)
		return check_tunnel(
			&c->dest, c->seen & IPVS_BIT(IPVS_O_TUN_CSUM));
	if (c->seen & tun)
		return "tunnel options conflict with the forwarding method";
	if (c->dest.addr.family != c->svc.addr.family)
		return "different address family is only for tunnels";
	return NULL;
}

static const char *finish_list(struct ipvs_cmd *c)
{
	const uint64_t one = IPVS_BIT(IPVS_O_SERVICE) |
			     IPVS_BIT(IPVS_O_CONNECTION) |
			     IPVS_BIT(IPVS_O_TIMEOUT) | IPVS_BIT(IPVS_O_DAEMON);
	const uint64_t table = IPVS_BIT(IPVS_O_STATS) | IPVS_BIT(IPVS_O_RATE) |
			       IPVS_BIT(IPVS_O_THRESHOLDS);
	const uint64_t not_table = one & ~IPVS_BIT(IPVS_O_SERVICE);
	uint64_t named = c->seen & one;

	if (named & (named - 1))
		return "a service, -c, --timeout and --daemon exclude each "
		       "other";
	if (c->seen & not_table && c->seen & table)
		return "options conflict in the list command";
	if (c->seen & (not_table & ~IPVS_BIT(IPVS_O_CONNECTION)) &&
		c->seen & IPVS_BIT(IPVS_O_PERSISTENT_CONN))
		return "options conflict in the list command";
	if (c->seen & IPVS_BIT(IPVS_O_JSON) && c->seen & not_table)
		return "--json lists the table, timeouts and daemons at once";
	return NULL;
}

static const char *finish(struct parse *p)
{
	struct ipvs_cmd *c = p->c;
	const char *why = check_options(c);

	if (!why)
		why = finish_service(p);
	if (!why)
		why = finish_netmask(p);
	if (!why)
		why = finish_server(p);
	if (why)
		return why;
	c->word = NULL;
	switch (c->verb) {
	case IPVS_ADD:
		if (!*c->svc.sched)
			memcpy(c->svc.sched, "wlc", 4);
		return check_svc(c);
	case IPVS_ADD_DEST:
		return check_dest(c);
	case IPVS_LIST:
		return finish_list(c);
	case IPVS_START:
		if (!*c->daemon.ifname)
			memcpy(c->daemon.ifname, "eth0", 5);
		return NULL;
	default:
		return NULL;
	}
}

const char *ipvs_parse(struct ipvs_cmd *c, char *const *words, size_t n,
	const struct ipvs_names *names)
{
	struct parse p = { .c = c, .words = words, .n = n, .names = names };
	const char *why;

	*c = (struct ipvs_cmd){ .dest = { .fwd = IPVS_ROUTE, .weight = 1 } };
	why = take_all(&p, 0);
	if (!why)
		why = take_all(&p, 1);
	if (why || c->verb == IPVS_NOTHING)
		return why;
	return finish(&p);
}

size_t ipvs_split(char *line, char *words[IPVS_WORDS_MAX])
{
	size_t n = 0;

	for (;;) {
		line += strspn(line, " \t\r");
		if (!*line || *line == '#')
			return n;
		if (n == IPVS_WORDS_MAX)
			return n + 1;
		words[n++] = line;
		line += strcspn(line, " \t\r");
		if (*line)
			*line++ = '\0';
		if (n == 1 && (strcmp(words[0], "ipvsadm") == 0 ||
				      strcmp(words[0], "ipvsadm-lite") == 0))
			n = 0;
	}
}

/* ---- Edits. */

static bool named(const struct ipvs_cmd *c, enum ipvs_opt opt)
{
	return c->seen & IPVS_BIT(opt);
}

const char *ipvs_merge_svc(struct ipvs_cmd *c, const struct ipvs_svc *have)
{
	struct ipvs_svc *s = &c->svc;
	uint32_t keep = 0;

	if (!named(c, IPVS_O_SCHED))
		memcpy(s->sched, have->sched, sizeof s->sched);
	if (!named(c, IPVS_O_PE))
		memcpy(s->pe, have->pe, sizeof s->pe);
	if (!named(c, IPVS_O_NETMASK))
		s->netmask = have->netmask;
	if (!named(c, IPVS_O_PERSISTENT)) {
		keep |= IPVS_PERSISTENT;
		s->timeout = have->timeout;
	}
	keep |= named(c, IPVS_O_OPS) ? 0 : IPVS_ONEPACKET;
	keep |= named(c, IPVS_O_FLAGS) ? 0 : IPVS_SCHED_ALL;
	s->flags |= have->flags & keep;
	return check_svc(c);
}

static void merge_tunnel(struct ipvs_cmd *c, const struct ipvs_dest *have)
{
	struct ipvs_dest *d = &c->dest;
	bool same_type =
		!named(c, IPVS_O_TUN_TYPE) || d->tun_type == have->tun_type;

	if (!named(c, IPVS_O_TUN_TYPE))
		d->tun_type = have->tun_type;
	if (!named(c, IPVS_O_TUN_PORT) && same_type)
		d->tun_port = have->tun_port;
	if (!named(c, IPVS_O_TUN_CSUM) && same_type)
		d->tun_flags = have->tun_flags;
}

const char *ipvs_merge_dest(struct ipvs_cmd *c, const struct ipvs_dest *have)
{
	struct ipvs_dest *d = &c->dest;

	if (!named(c, IPVS_O_FORWARD))
		d->fwd = have->fwd;
	if (!named(c, IPVS_O_WEIGHT))
		d->weight = have->weight;
	if (!named(c, IPVS_O_UPPER))
		d->upper = have->upper;
	if (!named(c, IPVS_O_LOWER))
		d->lower = have->lower;
	if (d->fwd == IPVS_TUNNEL)
		merge_tunnel(c, have);
	return check_dest(c);
}
