/* Authentication of adverts:
 *
 * - AH as RFC 2338 has it and keepalived 2.2 sends it (RFC 2402, HMAC-MD5-96,
 *   version 2 over IPv4): 24 bytes between the IP header and the message.
 * - The HMAC-SHA256 trailer of draft-cassen-vrrp-auth-hmac: 28 bytes behind
 *   the message, versions 2 and 3, IPv4 and IPv6.
 *
 * Framing, keys, windows and verdicts are here; the digest comes through a
 * pointer, the time as an argument.  A packet is looked at in this order:
 * auth_peel(), then, if that found no fault, all that vrrp.h says of it, then
 * auth_check(), which costs a digest; auth_accept() once it counts.  So nothing
 * that is refused, for whatever reason, moves a window. */
#ifndef AUTH_H
#define AUTH_H

#include "vrrp.h"

#define AUTH_KEYS_MAX	 16
#define AUTH_KEY_MIN	 32 /* bytes of an HMAC key */
#define AUTH_KEY_MAX	 64
#define AUTH_SENDERS_MAX 128
#define AUTH_AH_PROTO	 51
#define AUTH_AH_LEN	 24
#define AUTH_TRAILER_LEN 28
#define AUTH_ROOM	 AUTH_TRAILER_LEN /* what signing adds at most */
#define AUTH_FILE_MAX	 4096

struct auth_part {
	const void *p;
	size_t len;
};

/* Writes the first `size` bytes of the HMAC of the parts, one after another. */
typedef void auth_mac(uint8_t *mac, size_t size, const void *key,
	size_t key_len, const struct auth_part *parts, size_t n);

enum auth_kind { AUTH_NONE, AUTH_AH, AUTH_HMAC };

/* How far a roll-out has come. */
enum auth_mode {
	AUTH_ENFORCE,	   /* signs; takes what is signed */
	AUTH_PERMISSIVE,   /* signs; takes the unsigned too */
	AUTH_RECEIVE_ONLY, /* does not sign; takes both */
};

struct auth_key {
	uint8_t id, len;
	uint8_t b[AUTH_KEY_MAX];
};

struct auth_cfg {
	enum auth_kind kind;
	auth_mac *mac;
	enum auth_mode mode;
	bool monotonic;	 /* no window: for clocks that do not agree */
	uint32_t window; /* seconds; 0: three intervals, at least 5 s */
	struct auth_key keys[AUTH_KEYS_MAX]; /* the first one signs */
	size_t nkeys;
};

struct auth_sender {
	struct addr src;
	uint64_t seq;
	uint64_t used;
};

/* Zero is a good start. */
struct auth_state {
	uint64_t sent;	/* the latest sequence of ours */
	uint64_t heard; /* AH: the highest of anybody, for ours is to follow */
	uint64_t uses;
	struct auth_sender senders[AUTH_SENDERS_MAX]; /* the high-water marks */
	size_t nsenders;
};

/* What authenticates a packet, in place. */
struct auth_seen {
	bool is_signed;
	const uint8_t *ip;   /* AH: the IPv4 header */
	const uint8_t *data; /* of the AH or the trailer */
	const uint8_t *msg;
	size_t len; /* of msg */
	size_t tail;
	uint8_t key_id;
	uint64_t seq;
};

/* A time of day: seconds in the upper half, their fraction in the lower. */
#define AUTH_TIME(sec, frac)                                                   \
	((uint64_t)(uint32_t)(sec) << 32 | (uint32_t)(frac))

/* The keys, one or more lines of
 *	key ID HEX		ID 0..255, 32 to 64 bytes; the first one signs
 *	mode enforce|permissive|receive-only
 *	replay time|monotonic
 *	window T		whole seconds
 * and comments (#).  Changes text.  NULL, or what is wrong, and in which line;
 * then c is as it was. */
const char *auth_parse(struct auth_cfg *c, char *text, unsigned *line);

/* Takes off what authenticates a payload of len bytes that came behind the
 * IPv4 header ip (IPv6: NULL): s->msg and s->len are the message.  Returns
 * the fault of the framing or 0. */
uint32_t auth_peel(struct auth_seen *s, const struct auth_cfg *c,
	const uint8_t *ip, const uint8_t *payload, size_t len);
/* The faults of a packet that is right otherwise.  unicast: there are peers;
 * cs: own interval; now: as AUTH_TIME(). */
uint32_t auth_check(const struct auth_cfg *c, const struct auth_state *st,
	const struct auth_seen *s, const struct vrrp_ip *ip, bool unicast,
	uint16_t cs, uint64_t now);
/* The packet counts: it will not count again. */
void auth_accept(struct auth_state *st, const struct auth_cfg *c,
	const struct auth_seen *s, const struct addr *src);

/* Where in a buffer the message is to be encoded before it is signed. */
size_t auth_head(const struct auth_cfg *c);
/* The sequence of the next advert, the same to all peers.  By the time of day
 * where that has moved on, so that it grows over a restart as well: AH has four
 * a second, of which a process whose first advert this is skips four; two whose
 * first adverts are of one quarter of a second send the same.  False when there
 * are no more (AH, in the year 2059). */
bool auth_next(struct auth_state *st, const struct auth_cfg *c, uint64_t now);
/* Signs the message of len bytes at buf + auth_head(c), which has room for
 * AUTH_ROOM bytes more; returns the length of all that is to be sent from
 * buf. */
size_t auth_sign(const struct auth_cfg *c, const struct auth_state *st,
	const struct vrrp_out *o, bool unicast, uint8_t *buf, size_t len);

#endif
