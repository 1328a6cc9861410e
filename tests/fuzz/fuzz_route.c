/* The route of vip-bind's --route. */
#include "../../vip-bind/route.c"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = fuzz_string(data, size);
	struct nlroute_spec r;

	if (!route_parse(&r, s)) {
		CLAIM(r.dst.addr.family == AF_INET ||
			r.dst.addr.family == AF_INET6);
		CLAIM(r.dst.len <= addr_size(&r.dst.addr) * 8);
		CLAIM(!r.via.family || r.via.family == r.dst.addr.family);
		CLAIM(!r.src.family || r.src.family == r.dst.addr.family);
	}
	free(s);
	return 0;
}
