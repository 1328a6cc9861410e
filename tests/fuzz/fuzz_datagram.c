/* A whole IPv4 datagram, as a raw socket hands it up. */
#include "fuzz.h"
#include "vrrp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *exact = fuzz_exact(data, size);
	const uint8_t *payload;
	struct vrrp_advert a;
	struct vrrp_ip ip;
	size_t len;

	if (vrrp_peel4(&ip, exact, size, &payload, &len) == VF_OK) {
		CLAIM(payload >= exact && payload + len <= exact + size);
		CLAIM(ip.src.family == AF_INET && ip.dst.family == AF_INET);
		vrrp_decode(&a, &ip, payload, len);
	}
	free(exact);
	return 0;
}
