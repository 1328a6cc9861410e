#include <string.h>

#include "auth.h"
#include "cksum.h"
#include "cur.h"
#include "mono.h"
#include "num.h"

#define AH_MAC_LEN   12
#define AH_MAC_AT    12
#define AH_EPOCH     1735689600 /* 2025-01-01 */
#define AH_SECOND    4
#define AH_SEQ_MAX   0xfffffffd /* where keepalived ends as well */
#define IP_HDR_LEN   20
#define TRAILER_TYPE 1
#define TRAILER_MAC  12
#define HMAC_LEN     16
#define PSEUDO_LEN   20
#define WINDOW_MIN   5

static const uint8_t zeros[HMAC_LEN];

/* ---- Keys. */

static int nibble(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *p = c ? strchr(digits, c) : NULL;

	if (!p)
		return -1;
	return (int)(p - digits < 16 ? p - digits : p - digits - 6);
}

static bool parse_hex(struct auth_key *k, const char *s)
{
	size_t len = strlen(s);

	if (len % 2 || len < 2 * AUTH_KEY_MIN || len > 2 * AUTH_KEY_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		int v = nibble(s[i]);

		if (v < 0)
			return false;
		k->b[i / 2] = (uint8_t)(k->b[i / 2] << 4 | v);
	}
	k->len = (uint8_t)(len / 2);
	return true;
}

static const struct auth_key *find_key(const struct auth_cfg *c, uint8_t id)
{
	for (size_t i = 0; i < c->nkeys; i++)
		if (c->keys[i].id == id)
			return &c->keys[i];
	return NULL;
}

static const char *take_key(struct auth_cfg *c, const char *id, const char *hex)
{
	struct auth_key k = { 0 };
	uint64_t n;

	if (!num_u64(id, 0, 255, &n))
		return "key: not an id from 0 to 255";
	if (!hex || !parse_hex(&k, hex))
		return "key: not 64 to 128 hex digits";
	k.id = (uint8_t)n;
	if (find_key(c, k.id))
		return "key: this id is there twice";
	if (c->nkeys == AUTH_KEYS_MAX)
		return "key: too many";
	c->keys[c->nkeys++] = k;
	return NULL;
}

static const char *take_mode(struct auth_cfg *c, const char *s)
{
	static const char *const modes[] = { [AUTH_ENFORCE] = "enforce",
		[AUTH_PERMISSIVE] = "permissive",
		[AUTH_RECEIVE_ONLY] = "receive-only" };

	for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++) {
		if (strcmp(s, modes[i]) == 0) {
			c->mode = (enum auth_mode)i;
			return NULL;
		}
	}
	return "mode: not enforce, permissive or receive-only";
}

static const char *take_replay(struct auth_cfg *c, const char *s)
{
	c->monotonic = strcmp(s, "monotonic") == 0;
	if (!c->monotonic && strcmp(s, "time") != 0)
		return "replay: not time or monotonic";
	return NULL;
}

static const char *take_window(struct auth_cfg *c, const char *s)
{
	int64_t us;

	if (!dur_parse(s, &us) || us <= 0 || us % US_PER_S ||
		us > 86400 * US_PER_S)
		return "window: not whole seconds, 1s to 86400s";
	c->window = (uint32_t)(us / US_PER_S);
	return NULL;
}

static const char *take_words(struct auth_cfg *c, char *w[4], size_t n)
{
	if (n == 0)
		return NULL;
	if (n == 3 && strcmp(w[0], "key") == 0)
		return take_key(c, w[1], w[2]);
	if (n == 2 && strcmp(w[0], "mode") == 0)
		return take_mode(c, w[1]);
	if (n == 2 && strcmp(w[0], "replay") == 0)
		return take_replay(c, w[1]);
	if (n == 2 && strcmp(w[0], "window") == 0)
		return take_window(c, w[1]);
	return "not key ID HEX, mode M, replay R or window T";
}

static const char *take_line(struct auth_cfg *c, char *text)
{
	static const char blanks[] = " \t\r";
	char *w[4] = { NULL };
	size_t n = 0;

	text[strcspn(text, "#")] = '\0';
	text += strspn(text, blanks);
	while (*text && n < 4) {
		w[n++] = text;
		text += strcspn(text, blanks);
		if (*text)
			*text++ = '\0';
		text += strspn(text, blanks);
	}
	return take_words(c, w, n);
}

const char *auth_parse(struct auth_cfg *c, char *text, unsigned *line)
{
	struct auth_cfg fresh = { .kind = c->kind, .mac = c->mac };
	const char *wrong = NULL;
	char *next = text;

	for (*line = 1; !wrong && next; ++*line) {
		text = next;
		next = strchr(text, '\n');
		if (next)
			*next++ = '\0';
		wrong = take_line(&fresh, text);
	}
	--*line;
	if (!wrong && !fresh.nkeys)
		wrong = "no key";
	if (!wrong)
		*c = fresh;
	return wrong;
}

/* ---- Framing. */

static uint32_t peel_ah(struct auth_seen *s)
{
	struct rd r = rd_init(s->msg, s->len);
	uint32_t head = rd_be32(&r);
	const uint8_t *spi = rd_bytes(&r, 4);

	s->seq = rd_be32(&r);
	rd_bytes(&r, AH_MAC_LEN);
	/* as keepalived: no options, and the SPI is the sender's address */
	if (r.bad || head != (VRRP_PROTO << 24 | 4 << 16) || s->ip[0] != 0x45 ||
		memcmp(spi, s->ip + 12, 4) != 0)
		return VRRP_BIT(AUTH_HEADER);
	s->is_signed = true;
	s->data = s->msg;
	s->msg = r.p;
	s->len = r.left;
	return 0;
}

/* What the message itself says of its length; 0: too short to say. */
static size_t told_len(const uint8_t *msg, size_t len, bool ip4)
{
	size_t n;

	if (len < VRRP_HDR_LEN)
		return 0;
	n = VRRP_HDR_LEN + msg[3] * (ip4 ? 4u : 16u);
	return msg[0] >> 4 == 2 ? n + VRRP_AUTH_LEN : n;
}

/* By the length alone: who does not know the trailer refuses it for that. */
static uint32_t peel_trailer(struct auth_seen *s)
{
	size_t n = told_len(s->msg, s->len, s->ip != NULL);
	struct rd r;
	uint8_t type;
	bool wrong;

	if (!n || s->len != n + AUTH_TRAILER_LEN)
		return 0;
	r = rd_init(s->msg + n, AUTH_TRAILER_LEN);
	type = rd_u8(&r);
	s->key_id = rd_u8(&r);
	wrong = rd_be16(&r) != 0 || type != TRAILER_TYPE;
	s->seq = (uint64_t)rd_be32(&r) << 32;
	s->seq |= rd_be32(&r);
	s->is_signed = true;
	s->data = s->msg + n;
	s->len = n;
	s->tail = AUTH_TRAILER_LEN;
	return wrong ? VRRP_BIT(AUTH_HEADER) : 0;
}

uint32_t auth_peel(struct auth_seen *s, const struct auth_cfg *c,
	const uint8_t *ip, const uint8_t *payload, size_t len)
{
	*s = (struct auth_seen){ .ip = ip, .msg = payload, .len = len };
	switch (c->kind) {
	case AUTH_AH:
		return peel_ah(s);
	case AUTH_HMAC:
		return peel_trailer(s);
	case AUTH_NONE:
		break;
	}
	return 0;
}

/* ---- Digests. */

/* The IPv4 header as it is signed: what routers may change is zero.  TTL is,
 * oddly, only between unicast peers (keepalived). */
static void ah_ip(uint8_t ip[IP_HDR_LEN], bool unicast)
{
	ip[1] = 0;
	memset(ip + 6, 0, 2);
	memset(ip + 10, 0, 2);
	if (unicast)
		ip[8] = 0;
}

/* ah: the header with its 12 bytes of MAC, which count as zero; the message
 * follows it. */
static void ah_mac(uint8_t mac[AH_MAC_LEN], const struct auth_cfg *c,
	const uint8_t ip[IP_HDR_LEN], const uint8_t *ah, size_t msg_len)
{
	const struct auth_part parts[] = {
		{ ip, IP_HDR_LEN },
		{ ah, AH_MAC_AT },
		{ zeros, AH_MAC_LEN },
		{ ah + AUTH_AH_LEN, msg_len },
	};

	c->mac(mac, AH_MAC_LEN, c->keys[0].b, c->keys[0].len, parts,
		sizeof parts / sizeof *parts);
}

static void hmac_mac(uint8_t mac[HMAC_LEN], const struct auth_cfg *c,
	const struct auth_key *k, const struct addr *src, const uint8_t *msg,
	size_t len)
{
	uint8_t pseudo[PSEUDO_LEN] = { src->family == AF_INET ? 4 : 6,
		msg[0] >> 4, msg[1], 0 };
	const struct auth_part parts[] = {
		{ pseudo, PSEUDO_LEN },
		{ msg, 6 },
		{ zeros, 2 }, /* the checksum */
		{ msg + VRRP_HDR_LEN, len - VRRP_HDR_LEN + TRAILER_MAC },
		{ zeros, HMAC_LEN },
	};

	memcpy(pseudo + 4, src->b, addr_size(src));
	c->mac(mac, HMAC_LEN, k->b, k->len, parts,
		sizeof parts / sizeof *parts);
}

/* In constant time, so that a MAC cannot be guessed byte by byte. */
static bool same(const uint8_t *a, const uint8_t *b, size_t n)
{
	uint8_t diff = 0;

	for (size_t i = 0; i < n; i++)
		diff |= a[i] ^ b[i];
	return diff == 0;
}

/* ---- Verdicts. */

static const struct auth_sender *find_sender(
	const struct auth_state *st, const struct addr *src)
{
	for (size_t i = 0; i < st->nsenders; i++)
		if (addr_equal(&st->senders[i].src, src))
			return &st->senders[i];
	return NULL;
}

/* Serial numbers (RFC 1982): the 64 bits of the trailer may go round, the 32
 * of AH may not. */
static bool is_after(const struct auth_cfg *c, uint64_t a, uint64_t b)
{
	return c->kind == AUTH_AH ? a > b : (int64_t)(a - b) > 0;
}

static uint32_t check_replay(const struct auth_cfg *c,
	const struct auth_state *st, uint64_t seq, const struct addr *src)
{
	const struct auth_sender *from = find_sender(st, src);

	return from && !is_after(c, seq, from->seq) ? VRRP_BIT(REPLAY) : 0;
}

static uint32_t check_ah(
	const struct auth_cfg *c, const struct auth_seen *s, bool unicast)
{
	uint8_t ip[IP_HDR_LEN], mac[AH_MAC_LEN];

	memcpy(ip, s->ip, sizeof ip);
	ah_ip(ip, unicast);
	ah_mac(mac, c, ip, s->data, s->len);
	return same(mac, s->data + AH_MAC_AT, AH_MAC_LEN) ? 0
							  : VRRP_BIT(SIGNATURE);
}

static bool is_stale(
	const struct auth_cfg *c, uint64_t seq, uint16_t cs, uint64_t now)
{
	int32_t behind =
		(int32_t)((uint32_t)(now >> 32) - (uint32_t)(seq >> 32));
	int32_t window = (int32_t)c->window;

	if (!window)
		window = cs * 3 > WINDOW_MIN * 100 ? (cs * 3 + 99) / 100
						   : WINDOW_MIN;
	return !c->monotonic && (behind > window || behind < -window);
}

/* The time first, for it costs no digest.  It is not proved yet, so it may
 * refuse only. */
static uint32_t check_hmac(const struct auth_cfg *c, const struct auth_seen *s,
	const struct addr *src, uint16_t cs, uint64_t now)
{
	const struct auth_key *k;
	uint8_t mac[HMAC_LEN];

	if (is_stale(c, s->seq, cs, now))
		return VRRP_BIT(STALE);
	k = find_key(c, s->key_id);
	if (!k)
		return VRRP_BIT(KEY);
	hmac_mac(mac, c, k, src, s->msg, s->len);
	return same(mac, s->data + TRAILER_MAC, HMAC_LEN) ? 0
							  : VRRP_BIT(SIGNATURE);
}

uint32_t auth_check(const struct auth_cfg *c, const struct auth_state *st,
	const struct auth_seen *s, const struct vrrp_ip *ip, bool unicast,
	uint16_t cs, uint64_t now)
{
	uint32_t faults;

	if (c->kind == AUTH_NONE)
		return 0;
	if (!s->is_signed)
		return c->mode == AUTH_ENFORCE ? VRRP_BIT(UNSIGNED)
					       : VRRP_BIT(UNSIGNED_TAKEN);
	faults = c->kind == AUTH_AH ? check_ah(c, s, unicast)
				    : check_hmac(c, s, &ip->src, cs, now);
	return faults ? faults : check_replay(c, st, s->seq, &ip->src);
}

/* The slot of a sender; where there is no room, that of the one who was silent
 * for longest.  Only who holds a key comes here. */
static struct auth_sender *slot_of(
	struct auth_state *st, const struct addr *src)
{
	struct auth_sender *oldest = st->senders;

	for (size_t i = 0; i < st->nsenders; i++) {
		if (addr_equal(&st->senders[i].src, src))
			return &st->senders[i];
		if (st->senders[i].used < oldest->used)
			oldest = &st->senders[i];
	}
	return st->nsenders < AUTH_SENDERS_MAX ? &st->senders[st->nsenders++]
					       : oldest;
}

void auth_accept(struct auth_state *st, const struct auth_cfg *c,
	const struct auth_seen *s, const struct addr *src)
{
	if (c->kind == AUTH_NONE || !s->is_signed)
		return;
	*slot_of(st, src) = (struct auth_sender){ *src, s->seq, ++st->uses };
	if (c->kind == AUTH_AH && s->seq > st->heard)
		st->heard = s->seq;
}

/* ---- Signing. */

size_t auth_head(const struct auth_cfg *c)
{
	return c->kind == AUTH_AH ? AUTH_AH_LEN : 0;
}

/* keepalived has one counter for what it sends and hears: ours must be above
 * anybody's.  Four a second, so that a few adverts out of turn never put us
 * ahead of the clock at a restart.  The first one is a second ahead: above the
 * latest of a process that was killed in this very quarter. */
static uint64_t next_ah(const struct auth_state *st, uint64_t now)
{
	uint64_t last = st->sent > st->heard ? st->sent : st->heard, clock = 0;

	if (now >> 32 > AH_EPOCH)
		clock = (now - AUTH_TIME(AH_EPOCH, 0)) >> 30;
	if (!st->sent)
		clock += AH_SECOND;
	return clock > last ? clock : last + 1;
}

/* The trailer has 16 bits of a second and then 16 that count. */
bool auth_next(struct auth_state *st, const struct auth_cfg *c, uint64_t now)
{
	if (c->kind == AUTH_AH) {
		uint64_t seq = next_ah(st, now);

		if (seq > AH_SEQ_MAX)
			return false;
		st->sent = seq;
	} else if (c->kind == AUTH_HMAC) {
		bool news;

		now &= ~UINT64_C(0xffff);
		news = !st->sent || is_after(c, now, st->sent);
		st->sent = news ? now : st->sent + 1;
		st->sent += !st->sent; /* 0: none yet */
	}
	return true;
}

/* The kernel writes the header: with DF set its id is 0. */
static size_t sign_ah(const struct auth_cfg *c, const struct auth_state *st,
	const struct vrrp_out *o, bool unicast, uint8_t *buf, size_t len)
{
	uint8_t ip[IP_HDR_LEN];
	struct wr w = wr_init(ip, sizeof ip), ah = wr_init(buf, AUTH_AH_LEN);

	wr_be16(&w, 0x4500);
	wr_be16(&w, (uint16_t)(IP_HDR_LEN + AUTH_AH_LEN + len));
	wr_be32(&w, 0);
	wr_be32(&w, (uint32_t)VRRP_TTL << 24 | AUTH_AH_PROTO << 16);
	wr_bytes(&w, o->src.b, 4);
	wr_bytes(&w, o->dst.b, 4);
	ah_ip(ip, unicast);
	wr_be32(&ah, VRRP_PROTO << 24 | 4 << 16);
	wr_bytes(&ah, o->src.b, 4);
	wr_be32(&ah, (uint32_t)st->sent);
	ah_mac(buf + AH_MAC_AT, c, ip, buf, len);
	return AUTH_AH_LEN + len;
}

static size_t sign_hmac(const struct auth_cfg *c, const struct auth_state *st,
	const struct vrrp_out *o, uint8_t *buf, size_t len)
{
	struct wr w = wr_init(buf + len, AUTH_TRAILER_LEN), sum;
	size_t all = len + AUTH_TRAILER_LEN;

	wr_u8(&w, TRAILER_TYPE);
	wr_u8(&w, c->keys[0].id);
	wr_be16(&w, 0);
	wr_be32(&w, (uint32_t)(st->sent >> 32));
	wr_be32(&w, (uint32_t)st->sent);
	hmac_mac(buf + len + TRAILER_MAC, c, &c->keys[0], &o->src, buf, len);
	if (o->src.family == AF_INET)
		return all;
	sum = wr_init(buf + 6, 2);
	wr_be16(&sum, 0);
	sum = wr_init(buf + 6, 2);
	wr_be16(&sum, cksum_fold(cksum_pseudo(cksum_add(0, buf, all), &o->src,
			      &o->dst, VRRP_PROTO, all)));
	return all;
}

size_t auth_sign(const struct auth_cfg *c, const struct auth_state *st,
	const struct vrrp_out *o, bool unicast, uint8_t *buf, size_t len)
{
	if (c->kind == AUTH_AH)
		return sign_ah(c, st, o, unicast, buf, len);
	if (c->kind == AUTH_HMAC && c->mode != AUTH_RECEIVE_ONLY)
		return sign_hmac(c, st, o, buf, len);
	return len;
}
