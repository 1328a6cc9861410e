#include <nettle/hmac.h>

#include "mac.h"

void mac_hmac_md5(uint8_t *mac, size_t size, const void *key, size_t key_len,
	const struct auth_part *parts, size_t n)
{
	struct hmac_md5_ctx ctx;

	hmac_md5_set_key(&ctx, key_len, key);
	for (size_t i = 0; i < n; i++)
		hmac_md5_update(&ctx, parts[i].len, parts[i].p);
	hmac_md5_digest(&ctx, size, mac);
}

void mac_hmac_sha256(uint8_t *mac, size_t size, const void *key, size_t key_len,
	const struct auth_part *parts, size_t n)
{
	struct hmac_sha256_ctx ctx;

	hmac_sha256_set_key(&ctx, key_len, key);
	for (size_t i = 0; i < n; i++)
		hmac_sha256_update(&ctx, parts[i].len, parts[i].p);
	hmac_sha256_digest(&ctx, size, mac);
}
