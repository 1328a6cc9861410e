/* Ethernet: hardware addresses as text, and frames to be sent. */
#ifndef ETH_H
#define ETH_H

#include <stdbool.h>
#include <stdint.h>

#define MAC_LEN	   6
#define MAC_STRLEN 18
#define ETH_MIN	   60 /* without the checksum; shorter frames are padded */
#define FRAME_MAX  86 /* an advertisement of a neighbour */

struct frame {
	uint8_t b[FRAME_MAX];
	uint8_t len;
};

/* Six pairs of hex digits with colons between. */
bool mac_parse(uint8_t mac[MAC_LEN], const char *s);
/* buf has MAC_STRLEN bytes; returns buf. */
const char *mac_str(const uint8_t mac[MAC_LEN], char *buf);
/* One host's: neither a group's nor all zeros. */
bool mac_is_unicast(const uint8_t mac[MAC_LEN]);

#endif
