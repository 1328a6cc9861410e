/* --auth: first a file of keys, up to a zero byte; then a datagram for AH and
 * for the trailer, over IPv4 and IPv6.  The digest is a sum, which a fuzzer can
 * get right, so that what lies behind it is reached. */
#include "auth.h"
#include "fuzz.h"

#define NOW AUTH_TIME(0x6b033794, 0)

static void sum(uint8_t *mac, size_t size, const void *key, size_t key_len,
	const struct auth_part *parts, size_t n)
{
	uint8_t s = key_len ? *(const uint8_t *)key : 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < parts[i].len; k++)
			s = (uint8_t)(s + ((const uint8_t *)parts[i].p)[k]);
	memset(mac, s, size);
}

static void parse(const uint8_t *data, size_t size)
{
	struct auth_cfg c = { .kind = AUTH_HMAC, .mac = sum };
	char *text = fuzz_string(data, size);
	unsigned line;
	const char *wrong = auth_parse(&c, text, &line);

	CLAIM(wrong ? c.nkeys == 0 : c.nkeys && c.nkeys <= AUTH_KEYS_MAX);
	CLAIM(line >= 1 && line <= size + 1);
	for (size_t i = 0; i < c.nkeys; i++)
		CLAIM(c.keys[i].len >= AUTH_KEY_MIN &&
			c.keys[i].len <= AUTH_KEY_MAX);
	free(text);
}

/* What counts once does not count twice; what does not leaves no mark. */
static void judge(const struct auth_cfg *c, const struct vrrp_ip *ip,
	const uint8_t *head, const uint8_t *p, size_t len)
{
	struct auth_state st = { .nsenders = 0 };
	struct auth_seen s;
	struct vrrp_advert a;
	uint32_t faults = auth_peel(&s, c, head, p, len);

	CLAIM(s.msg >= p && s.msg + s.len + s.tail <= p + len);
	if (faults)
		return;
	faults = vrrp_decode_tailed(&a, ip, s.msg, s.len, s.tail);
	if (vrrp_refusal(faults) != VF_OK ||
		auth_check(c, &st, &s, ip, false, 100, NOW) != 0)
		return;
	CLAIM(s.is_signed);
	auth_accept(&st, c, &s, &ip->src);
	CLAIM(auth_check(c, &st, &s, ip, false, 100, NOW) == VRRP_BIT(REPLAY));
}

static void judge4(const struct auth_cfg *c, const uint8_t *data, size_t size)
{
	const uint8_t *p;
	struct vrrp_ip ip;
	size_t len;

	if (vrrp_peel4(&ip, data, size, &p, &len) == VF_OK)
		judge(c, &ip, data, p, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct auth_cfg ah = {
		.kind = AUTH_AH, .mac = sum, .nkeys = 1
	};
	static const struct auth_cfg hmac = { .kind = AUTH_HMAC,
		.mac = sum,
		.keys = { { .id = 1, .len = 32 } },
		.nkeys = 1 };
	struct vrrp_ip ip6 = { { AF_INET6, { 0xfe, 0x80, [15] = 1 } },
		{ AF_INET6, { 0xff, 2, [15] = 0x12 } }, 255 };
	uint8_t *exact;

	parse(data, size);
	exact = fuzz_exact(data, size);
	judge4(&ah, exact, size);
	judge4(&hmac, exact, size);
	judge(&hmac, &ip6, NULL, exact, size);
	free(exact);
	return 0;
}
