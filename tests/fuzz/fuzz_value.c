/* Values of options and lines: what is taken comes out again as the same. */
#include "addr.h"
#include "eth.h"
#include "fuzz.h"
#include "num.h"

static void number(const char *s)
{
	char text[NUM_STRLEN];
	uint64_t v, again;
	int i;

	if (num_u64(s, 0, UINT64_MAX, &v))
		CLAIM(num_u64(num_str(v, text), v, v, &again));
	if (num_int(s, -1000, 1000, &i))
		CLAIM(i >= -1000 && i <= 1000);
}

static void duration(const char *s)
{
	char text[DUR_STRLEN];
	int64_t us, again;

	if (!dur_parse(s, &us))
		return;
	CLAIM(us >= 0 && us <= DUR_MAX);
	CLAIM(dur_parse(dur_str(us, text), &again) && again == us);
}

static void address(const char *s)
{
	char text[PREFIX_STRLEN];
	struct prefix p, again;
	struct addr a, b;

	if (addr_parse(&a, s)) {
		CLAIM(addr_parse(&b, addr_str(&a, text)) && addr_equal(&a, &b));
		CLAIM(addr_cmp(&a, &b) == 0);
	}
	if (!prefix_parse(&p, s))
		return;
	CLAIM(p.len <= addr_size(&p.addr) * 8);
	CLAIM(prefix_parse(&again, prefix_str(&p, text)));
	CLAIM(addr_equal(&p.addr, &again.addr) && p.len == again.len);
	CLAIM(prefix_has(&p, &p.addr));
}

static void mac(const char *s)
{
	uint8_t m[MAC_LEN], again[MAC_LEN];
	char text[MAC_STRLEN];

	if (mac_parse(m, s))
		CLAIM(mac_parse(again, mac_str(m, text)) &&
			memcmp(m, again, MAC_LEN) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = fuzz_string(data, size);

	number(s);
	duration(s);
	address(s);
	mac(s);
	free(s);
	return 0;
}
