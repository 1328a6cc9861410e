/* Digests for lib/pure/auth.h, of nettle.  Nothing allocates. */
#ifndef MAC_H
#define MAC_H

#include "auth.h"

auth_mac mac_hmac_md5, mac_hmac_sha256;

#endif
