#include <string.h>

#include "eth.h"

static const char digits[] = "0123456789abcdef";

static int nibble(char c)
{
	const char *p = NULL;

	if (c)
		p = strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);
	return p ? (int)(p - digits) : -1;
}

bool mac_parse(uint8_t mac[MAC_LEN], const char *s)
{
	if (strlen(s) != MAC_STRLEN - 1)
		return false;
	for (int i = 0; i < MAC_LEN; i++, s += 3) {
		int hi = nibble(s[0]), lo = nibble(s[1]);

		if (hi < 0 || lo < 0 || s[2] != (i < MAC_LEN - 1 ? ':' : '\0'))
			return false;
		mac[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

const char *mac_str(const uint8_t mac[MAC_LEN], char *buf)
{
	char *p = buf;

	for (int i = 0; i < MAC_LEN; i++) {
		*p++ = digits[mac[i] >> 4];
		*p++ = digits[mac[i] & 15];
		*p++ = ':';
	}
	p[-1] = '\0';
	return buf;
}

bool mac_is_unicast(const uint8_t mac[MAC_LEN])
{
	static const uint8_t zero[MAC_LEN];

	return !(mac[0] & 1) && memcmp(mac, zero, MAC_LEN) != 0;
}
