#include <sys/socket.h>

#include "cksum.h"
#include "cur.h"
#include "echo.h"

enum { V4_REPLY = 0, V4_UNREACHABLE = 3, V4_REQUEST = 8 };
enum { V6_UNREACHABLE = 1, V6_REQUEST = 128, V6_REPLY = 129 };

void echo_request(uint8_t buf[ECHO_LEN], int family, const struct echo *e)
{
	struct wr w = wr_init(buf, ECHO_LEN);
	uint16_t sum;

	wr_u8(&w, family == AF_INET ? V4_REQUEST : V6_REQUEST);
	wr_u8(&w, 0);
	wr_be16(&w, 0);
	wr_be16(&w, e->id);
	wr_be16(&w, e->seq);
	wr_be32(&w, (uint32_t)(e->cookie >> 32));
	wr_be32(&w, (uint32_t)e->cookie);
	if (family != AF_INET)
		return;
	sum = cksum_fold(cksum_add(0, buf, ECHO_LEN));
	buf[2] = (uint8_t)(sum >> 8);
	buf[3] = (uint8_t)sum;
}

static void skip_ip4(struct rd *r)
{
	uint8_t first = rd_u8(r);

	if (first >> 4 != 4 || (first & 15) < 5)
		r->bad = true;
	rd_bytes(r, (size_t)(first & 15) * 4 - 1);
}

/* The message that an error quotes behind its own header: ours? */
static bool quotes_ours(const struct echo *e, int family, struct rd *r)
{
	if (family == AF_INET)
		skip_ip4(r);
	else
		rd_bytes(r, 40);
	rd_be32(r);
	return rd_be16(r) == e->id && rd_be16(r) == e->seq && !r->bad;
}

static bool is_ours(const struct echo *e, bool any_id, struct rd *r)
{
	uint16_t id = rd_be16(r), seq = rd_be16(r);
	uint64_t cookie = (uint64_t)rd_be32(r) << 32;

	cookie |= rd_be32(r);
	return !r->bad && (any_id || id == e->id) && seq == e->seq &&
	       cookie == e->cookie;
}

enum echo_verdict echo_judge(const struct echo *e, int family, bool ip_header,
	bool any_id, const void *data, size_t n)
{
	bool v4 = family == AF_INET;
	struct rd r = rd_init(data, n);
	uint8_t type;

	if (v4 && ip_header)
		skip_ip4(&r);
	type = rd_u8(&r);
	rd_u8(&r);
	rd_be16(&r);
	if (r.bad)
		return ECHO_FOREIGN;
	if (type == (v4 ? V4_REPLY : V6_REPLY))
		return is_ours(e, any_id, &r) ? ECHO_REPLY : ECHO_FOREIGN;
	if (type != (v4 ? V4_UNREACHABLE : V6_UNREACHABLE))
		return ECHO_FOREIGN;
	rd_be32(&r);
	return quotes_ours(e, family, &r) ? ECHO_UNREACHABLE : ECHO_FOREIGN;
}
