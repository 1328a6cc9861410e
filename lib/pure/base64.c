#include "base64.h"

#include <stdint.h>

static char digit(uint32_t bits)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	return digits[bits & 0x3f];
}

void base64(char *out, const void *data, size_t n)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t bits = (uint32_t)p[i] << 16;

		bits |= left > 1 ? (uint32_t)p[i + 1] << 8 : 0;
		bits |= left > 2 ? p[i + 2] : 0;
		*out++ = digit(bits >> 18);
		*out++ = digit(bits >> 12);
		*out++ = left > 1 ? digit(bits >> 6) : '=';
		*out++ = left > 2 ? digit(bits) : '=';
	}
	*out = '\0';
}
