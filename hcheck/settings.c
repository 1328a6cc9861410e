#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTS_OF struct settings

#include "dns.h"
#include "http.h"
#include "match.h"
#include "num.h"
#include "openssl.h"
#include "settings.h"
#include "slurp.h"
#include "tls.h"
#include "url.h"

#define HEADERS_MAX 4096
#define AUTH_MAX    512

static bool on(bool *out)
{
	return *out = true;
}

static bool is_printable(const char *s, char first)
{
	for (const char *p = s; *p; p++)
		if (*p < first || *p > '~')
			return false;
	return *s != '\0';
}

static bool text(char **out, const char *s)
{
	free(*out);
	*out = strdup(s);
	return *out && is_printable(s, '!');
}

/* ---- Where from. */

/* ADDR, ADDR:PORT or [ADDR6]:PORT: as in a URL. */
static bool set_at(struct settings *s, const char *v)
{
	char url[128];
	struct url u;

	if (addr_parse(&s->at, v))
		return true;
	if (snprintf(url, sizeof url, "http://%s", v) >= (int)sizeof url ||
		url_parse(&u, url) || *u.path || !u.addr.family)
		return false;
	s->at = u.addr;
	s->at_port = u.port;
	return true;
}

static bool set_source(struct settings *s, const char *v)
{
	return addr_parse(&s->source, v);
}

static bool set_bind_if(struct settings *s, const char *v)
{
	return snprintf(s->bind_if, sizeof s->bind_if, "%s", v) <
		       (int)sizeof s->bind_if &&
	       *v;
}

static bool set_mark(struct settings *s, const char *v)
{
	uint64_t n;

	if (!num_u64(v, 0, UINT32_MAX, &n))
		return false;
	s->mark = (uint32_t)n;
	return on(&s->marked);
}

/* ---- HTTP. */

static bool set_method(struct settings *s, const char *v)
{
	return text(&s->method, v) &&
	       v[strspn(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0';
}

static bool set_host(struct settings *s, const char *v)
{
	return text(&s->host, v);
}

/* Headers that decide how long a message is, or that we write ourselves. */
static bool reserved(const char *line)
{
	static const char *const names[] = { "host:", "connection:",
		"content-length:", "transfer-encoding:", "expect:" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strncasecmp(line, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static bool set_header(struct settings *s, const char *v)
{
	const char *colon = strchr(v, ':');
	size_t old = s->headers ? strlen(s->headers) : 0;
	size_t n = old + strlen(v) + 3;
	char *all;

	if (!colon || colon == v || reserved(v) || !is_printable(v, ' ') ||
		n > HEADERS_MAX)
		return false;
	all = realloc(s->headers, n);
	if (!all)
		return false;
	s->headers = all;
	snprintf(all + old, n - old, "%s\r\n", v);
	return true;
}

static bool set_http(struct settings *s, const char *v)
{
	s->minor = strcmp(v, "1.1") == 0;
	return s->minor || strcmp(v, "1.0") == 0;
}

static bool set_status(struct settings *s, const char *v)
{
	return ranges_parse(&s->status, v, 100, 999);
}

static bool add_match(struct match *list[], size_t *n, struct match *m)
{
	if (*n == MATCHES_MAX || !m) {
		match_free(m);
		return false;
	}
	list[(*n)++] = m;
	return true;
}

static bool set_match_header(struct settings *s, const char *v)
{
	const char *colon = strchr(v, ':'), *re;
	struct match *m;

	if (!colon || colon == v)
		return false;
	re = colon + 1 + strspn(colon + 1, " ");
	m = match_regex(re);
	if (m)
		m->name = strndup(v, (size_t)(colon - v));
	return add_match(s->header, &s->nheader, m);
}

static bool set_body(struct settings *s, const char *v)
{
	return add_match(s->body, &s->nbody, match_regex(v));
}

static bool set_body_not(struct settings *s, const char *v)
{
	struct match *m = match_regex(v);

	if (m)
		m->negate = true;
	return add_match(s->body, &s->nbody, m);
}

/* KIND or KIND:HEX. */
static bool set_digest(struct settings *s, const char *v)
{
	static const struct {
		const char *name;
		size_t len;
	} kinds[] = { { "sha256", 32 }, { "md5", 16 } };

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(kinds[i].name);
		struct pattern p;

		if (strncasecmp(v, kinds[i].name, n) != 0)
			continue;
		s->digest = kinds[i].name;
		s->digest_told = v[n] == ':';
		if (!v[n])
			return true;
		if (!s->digest_told || !pattern_hex(&p, v + n + 1) ||
			p.n != kinds[i].len || !pattern_is_exact(&p))
			return false;
		memcpy(s->digest_want, p.byte, p.n);
		return true;
	}
	return false;
}

/* The first line of the file: USER:PASSWORD. */
static bool set_auth(struct settings *s, const char *v)
{
	char line[AUTH_MAX], b64[AUTH_MAX * 2];
	ssize_t n = slurp(v, line, sizeof line);

	if (n <= 0 || (size_t)n == sizeof line)
		return false;
	line[strcspn(line, "\r\n")] = '\0';
	if (!strchr(line, ':') || openssl_need())
		return false;
	EVP_EncodeBlock(
		(unsigned char *)b64, (unsigned char *)line, (int)strlen(line));
	explicit_bzero(line, sizeof line);
	return text(&s->auth, b64);
}

/* ---- Dialogue. */

static bool add_step(struct settings *s, enum step_kind kind, const char *v)
{
	struct match *m = v ? match_new(v) : NULL;
	struct step *st = calloc(1, sizeof *st);
	bool fine = st && s->nsteps < STEPS_MAX && (m || !v);

	if (kind == STEP_SEND && m)
		fine = fine && m->kind == MATCH_BYTES &&
		       pattern_is_exact(&m->bytes);
	if (fine) {
		st->kind = kind;
		if (m)
			st->match = *m;
		s->steps[s->nsteps++] = st;
		free(m);
	} else {
		free(st);
		match_free(m);
	}
	return fine;
}

static bool set_send(struct settings *s, const char *v)
{
	return strncmp(v, "re:", 3) != 0 && add_step(s, STEP_SEND, v);
}

static bool set_expect(struct settings *s, const char *v)
{
	return add_step(s, STEP_EXPECT, v);
}

static bool set_starttls(struct settings *s, const char *v)
{
	(void)v;
	s->starttls = true;
	return add_step(s, STEP_STARTTLS, NULL);
}

/* ---- TLS. */

static bool set_sni(struct settings *s, const char *v)
{
	return text(&s->sni, v);
}

static bool set_ca(struct settings *s, const char *v)
{
	return text(&s->ca, v) && on(&s->verify);
}

static bool set_cert(struct settings *s, const char *v)
{
	return text(&s->cert, v);
}

static bool set_key(struct settings *s, const char *v)
{
	return text(&s->cert_key, v);
}

static bool set_alpn(struct settings *s, const char *v)
{
	return text(&s->alpn, v) && strlen(v) < 200;
}

static bool set_tls_min(struct settings *s, const char *v)
{
	static const struct {
		const char *name;
		int version;
	} versions[] = { { "1.0", TLS1_VERSION }, { "1.1", TLS1_1_VERSION },
		{ "1.2", TLS1_2_VERSION }, { "1.3", TLS1_3_VERSION } };

	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		s->tls_min = versions[i].version;
		if (strcmp(versions[i].name, v) == 0)
			return true;
	}
	return false;
}

/* ---- The others. */

static bool set_rcode(struct settings *s, const char *v)
{
	int rcode = dns_rcode(v);

	if (rcode < 0)
		return ranges_parse(&s->rcode, v, 0, 15);
	s->rcode.r[0] = (struct range){ (uint16_t)rcode, (uint16_t)rcode };
	s->rcode.n = 1;
	return true;
}

static bool set_helo(struct settings *s, const char *v)
{
	return text(&s->helo, v) && strlen(v) <= 255;
}

static bool set_udp(struct settings *s, const char *v)
{
	s->no_error = strcmp(v, "no-error") == 0;
	return s->no_error || strcmp(v, "reply") == 0;
}

#define A_DURATION "a duration from 1ms on"
#define A_COUNT	   "a number from 1 to 1000"
#define A_WORD	   "a word of printable ASCII"
#define A_REGEX	   "an extended regular expression, one of at most 8"
#define A_STEP	   "one of at most 16 steps: text, hex:PATTERN or re:REGEX"

const struct setting setting_list[] = {
	{ "every", 0, A_DURATION,
		OPT_DURATION(rule.every, US_PER_MS, DUR_MAX) },
	{ "fast", 0, A_DURATION, OPT_DURATION(rule.fast, US_PER_MS, DUR_MAX) },
	{ "timeout", 't', A_DURATION,
		OPT_DURATION(timeout, US_PER_MS, DUR_MAX) },
	{ "fall", 0, A_COUNT, OPT_NUMBER(rule.fall, 1, 1000) },
	{ "rise", 0, A_COUNT, OPT_NUMBER(rule.rise, 1, 1000) },
	{ "forgive", 0, A_COUNT, OPT_NUMBER(rule.forgive, 1, 1000) },
	{ "resolve-after", 0, A_DURATION,
		OPT_DURATION(resolve_after, US_PER_MS, DUR_MAX) },
	{ "ipv4", '4', NULL, OPT_LEVEL(family, AF_INET) },
	{ "ipv6", '6', NULL, OPT_LEVEL(family, AF_INET6) },
	{ "at", 0, "an address, or ADDR:PORT", .set = set_at },
	{ "source", 0, "an address", .set = set_source },
	{ "bind-if", 0, "the name of an interface", .set = set_bind_if },
	{ "mark", 0, "a number of 32 bits", .set = set_mark },
	{ "proxy-protocol", 0, "1 or 2", OPT_SIGNED(proxy, 1, 2) },
	{ "method", 0, "a method in capitals", .set = set_method },
	{ "host", 0, A_WORD, .set = set_host },
	{ "header", 0, "a header 'Name: value' that is not ours to write",
		.set = set_header },
	{ "http", 0, "1.0 or 1.1", .set = set_http },
	{ "status", 0, "a list such as 200-299,404", .set = set_status },
	{ "match-header", 0, "'Name: REGEX', one of at most 8",
		.set = set_match_header },
	{ "body", 0, A_REGEX, .set = set_body },
	{ "body-not", 0, A_REGEX, .set = set_body_not },
	{ "body-max", 0, "a number of bytes up to 67108864",
		OPT_NUMBER(body_max, 0, HTTP_BODY_MAX) },
	{ "digest", 0, "sha256[:HEX] or md5[:HEX]", .set = set_digest },
	{ "auth", 0, "a readable file with USER:PASSWORD", .set = set_auth },
	{ "send", 0, A_STEP " (no REGEX)", .set = set_send },
	{ "expect", 0, A_STEP, .set = set_expect },
	{ "starttls", 0, NULL, .set = set_starttls },
	{ "sni", 0, A_WORD, .set = set_sni },
	{ "verify", 0, NULL, OPT_FLAG(verify) },
	{ "ca", 0, "a file", .set = set_ca },
	{ "cert", 0, "a file", .set = set_cert },
	{ "key", 0, "a file", .set = set_key },
	{ "alpn", 0, "a list such as h2,http/1.1", .set = set_alpn },
	{ "tls-min", 0, "1.0, 1.1, 1.2 or 1.3", .set = set_tls_min },
	{ "cert-days", 0, "a number of days", OPT_SIGNED(cert_days, 0, 36500) },
	{ "rcode", 0, "the name of an rcode, or a list of numbers",
		.set = set_rcode },
	{ "answers", 0, "a number up to 1000", OPT_NUMBER(answers, 0, 1000) },
	{ "helo", 0, A_WORD, .set = set_helo },
	{ "udp", 0, "reply or no-error", .set = set_udp },
	{ "dynamic", 0, NULL, OPT_FLAG(dynamic) },
};

const size_t setting_count = sizeof setting_list / sizeof *setting_list;

/* ---- Objects. */

static void defaults(struct settings *s)
{
	*s = (struct settings){
		.rule = { .every = 5 * US_PER_S,
			.fast = US_PER_S,
			.rise = 2,
			.fall = 3,
			.forgive = 1 },
		.timeout = 2 * US_PER_S,
		.resolve_after = 30 * US_PER_S,
		.minor = 1,
		.status = { .r = { { 200, 299 } }, .n = 1 },
		.body_max = 1 << 20,
		.cert_days = -1,
		.rcode = { .r = { { 0, 0 } }, .n = 1 },
		.answers = 1,
		.refs = 1,
	};
}

static const char *set_one(
	struct settings *s, const struct setting *key, const char *value)
{
	static char why[256];

	if (value && !key->what)
		snprintf(why, sizeof why, "%s takes no value", key->name);
	else if (!value && key->what)
		snprintf(why, sizeof why, "%s: a value is missing", key->name);
	else if (key->set ? !key->set(s, value)
			  : !field_set(&key->field, s, value))
		snprintf(why, sizeof why, "%s %s: not %s", key->name,
			value ? value : "", key->what ? key->what : "possible");
	else
		return NULL;
	return why;
}

static const char *check(const struct settings *s)
{
	if (s->cert_key && !s->cert)
		return "key without cert";
	if (s->source.family && s->family &&
		s->source.family != (uint8_t)s->family)
		return "source is not of the family asked for";
	return NULL;
}

static const struct setting *find_setting(const char *word, size_t n)
{
	for (size_t i = 0; i < setting_count; i++)
		if (strlen(setting_list[i].name) == n &&
			memcmp(setting_list[i].name, word, n) == 0)
			return &setting_list[i];
	return NULL;
}

/* One key=value or key. */
static const char *apply_word(struct settings *s, const char *word)
{
	static char why[128];
	size_t n = strcspn(word, "=");
	const struct setting *key = find_setting(word, n);

	if (key)
		return set_one(s, key, word[n] ? word + n + 1 : NULL);
	snprintf(why, sizeof why, "%.64s: no such key", word);
	return why;
}

static char *join(char **words, size_t n)
{
	size_t len = 1, at = 0;
	char *all;

	for (size_t i = 0; i < n; i++)
		len += strlen(words[i]) + 1;
	all = malloc(len);
	for (size_t i = 0; all && i < n; i++)
		at += (size_t)snprintf(all + at, len - at, "%s\n", words[i]);
	if (all)
		all[at] = '\0';
	return all;
}

static struct settings *shared;

static const char *apply_all(struct settings *s, char **words, size_t n)
{
	const char *why = NULL;

	for (size_t i = 0; i < n && !why; i++)
		why = apply_word(s, words[i]);
	return why;
}

/* What words point at is owned by each object, so those of the command line
 * are applied anew. */
static const char *build(
	struct settings *s, const struct settings *base, char **words, size_t n)
{
	const char *why;

	defaults(s);
	why = base ? apply_all(s, base->list, base->nlist) : NULL;
	if (!why)
		why = apply_all(s, words, n);
	return why ? why : check(s);
}

static void destroy(struct settings *s)
{
	char **const texts[] = { &s->method, &s->host, &s->headers, &s->auth,
		&s->sni, &s->ca, &s->cert, &s->cert_key, &s->alpn, &s->helo,
		&s->key };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(*texts[i]);
	for (size_t i = 0; i < s->nbody; i++)
		match_free(s->body[i]);
	for (size_t i = 0; i < s->nheader; i++)
		match_free(s->header[i]);
	for (size_t i = 0; i < s->nsteps; i++) {
		if (s->steps[i]->match.kind == MATCH_REGEX)
			regfree(&s->steps[i]->match.regex);
		free(s->steps[i]);
	}
	tls_context_free(s);
	free(s);
}

struct settings *settings_base(char **words, size_t n, const char **why)
{
	struct settings *s = calloc(1, sizeof *s);

	*why = s ? build(s, NULL, words, n) : "no memory";
	if (*why) {
		if (s)
			destroy(s);
		return NULL;
	}
	s->list = words;
	s->nlist = n;
	return s;
}

static struct settings *find_shared(const char *key)
{
	struct settings *s = shared;

	while (s && strcmp(s->key, key) != 0)
		s = s->next;
	return s;
}

/* Takes over key. */
static struct settings *make(struct settings *base, char *key, char **words,
	size_t n, const char **why)
{
	struct settings *s = calloc(1, sizeof *s);

	if (!s) {
		free(key);
		return NULL;
	}
	*why = build(s, base, words, n);
	s->key = key;
	if (*why) {
		destroy(s);
		return NULL;
	}
	s->next = shared;
	shared = s;
	return s;
}

struct settings *settings_get(
	struct settings *base, char **words, size_t n, const char **why)
{
	char *key = n ? join(words, n) : NULL;
	struct settings *s = n ? NULL : base;

	*why = "no memory";
	if (n && !key)
		return NULL;
	if (n)
		s = find_shared(key);
	if (!s)
		return make(base, key, words, n, why);
	free(key);
	s->refs++;
	return s;
}

void settings_put(struct settings *s)
{
	if (!s || --s->refs)
		return;
	for (struct settings **p = &shared; *p; p = &(*p)->next) {
		if (*p == s) {
			*p = s->next;
			break;
		}
	}
	destroy(s);
}
