#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "die.h"
#include "vframe.h"

#define CS_US INT64_C(10000)

/* What is open still has a name; else it was replaced or removed. */
static bool is_current(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && st.st_nlink > 0;
}

static int open_auth(struct router_cfg *c)
{
	int fd;

	if (is_current(c->auth_fd))
		return 0;
	fd = open(c->auth_file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (c->auth_fd >= 0)
		close(c->auth_fd);
	c->auth_fd = fd;
	return 0;
}

static int read_auth(struct router_cfg *c, char *buf, size_t size)
{
	int err = open_auth(c);
	ssize_t n;

	if (err)
		return err;
	n = pread(c->auth_fd, buf, size - 1, 0);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return strlen(buf) == size - 1 ? -EFBIG : 0;
}

static const char *take_keys(struct router_cfg *c, char *text)
{
	static char wrong[128];
	unsigned line;
	const char *what = auth_parse(&c->auth_cfg, text, &line);

	if (!what)
		return NULL;
	snprintf(wrong, sizeof wrong, "line %u: %s", line, what);
	return wrong;
}

/* The first line: eight bytes at most.  That of AH is the key. */
static const char *take_password(struct router_cfg *c, char *text)
{
	struct auth_key *k = &c->auth_cfg.keys[0];
	size_t len = strcspn(text, "\r\n");

	if (!len)
		return "no password in the first line";
	if (len > VRRP_AUTH_LEN) {
		warn("%s: only the first 8 bytes of the password count",
			c->auth_file);
		len = VRRP_AUTH_LEN;
	}
	if (c->auth_cfg.kind == AUTH_AH) {
		*k = (struct auth_key){ .len = VRRP_AUTH_LEN };
		memcpy(k->b, text, len);
		return NULL;
	}
	memset(c->auth, 0, sizeof c->auth);
	memcpy(c->auth, text, len);
	return NULL;
}

const char *config_read_auth(struct router_cfg *c)
{
	char text[AUTH_FILE_MAX];
	int err = read_auth(c, text, sizeof text);

	if (err)
		return errno_str(err, NULL);
	return c->auth_cfg.kind == AUTH_HMAC ? take_keys(c, text)
					     : take_password(c, text);
}

int config_proto(const struct router_cfg *c)
{
	return c->auth_cfg.kind == AUTH_AH ? AUTH_AH_PROTO : VRRP_PROTO;
}

void config_close(struct router_cfg *c)
{
	if (c->auth_fd >= 0)
		close(c->auth_fd);
	c->auth_fd = -1;
}

static const char *check_interval(const struct elect_cfg *e)
{
	if (e->version == 2 &&
		(e->interval % US_PER_S || e->interval < US_PER_S ||
			e->interval > 255 * US_PER_S))
		return "--interval: version 2 has whole seconds, 1s to 255s";
	if (e->version == 3 && (e->interval % CS_US || e->interval < CS_US ||
				       e->interval > VRRP_CS_MAX * CS_US))
		return "--interval: version 3 has steps of 10ms, 10ms to "
		       "40.95s";
	return NULL;
}

static const char *check_vips(const struct router_cfg *c)
{
	for (size_t i = 0; i < c->nvips; i++) {
		const struct addr *a = &c->vips[i].addr;

		if (a->family != c->family)
			return "addresses of one family only: run one elector "
			       "for each, or give the others to vip-bind";
		if (addr_is_multicast(a) || addr_is_unspecified(a) ||
			addr_is_loopback(a))
			return "not an address a host can have";
		for (size_t j = 0; j < i; j++)
			if (addr_equal(a, &c->vips[j].addr))
				return "an address is there twice";
	}
	return c->nvips ? NULL : "no address";
}

static const char *check_peers(const struct router_cfg *c)
{
	bool far = false;

	for (size_t i = 0; i < c->npeers; i++) {
		if (c->peers[i].family != c->family)
			return "--peer: not of the family of the addresses";
		if (addr_is_multicast(&c->peers[i]) ||
			addr_is_unspecified(&c->peers[i]))
			return "--peer: not the address of a host";
		far = far || !addr_is_linklocal6(&c->peers[i]);
	}
	for (size_t i = 0; i < c->nallow; i++)
		if (c->allow[i].addr.family != c->family)
			return "--allow: not of the family of the addresses";
	if (c->source.family && c->source.family != c->family)
		return "--source: not of the family of the addresses";
	if (far && c->npeers && c->family == AF_INET6 && !c->source.family)
		return "--peer: needs --source, or link-local peers";
	if (c->min_ttl && !c->npeers)
		return "--min-ttl: only with --peer; multicast is always 255";
	return NULL;
}

static const char *check_vmac(const struct router_cfg *c)
{
	size_t one = c->family == AF_INET ? 4 : 16;

	if (!c->vmac)
		return NULL;
	if (c->npeers)
		return "--vmac: not with --peer: only what all hear is sent "
		       "from the virtual MAC";
	if (auth_head(&c->auth_cfg) + VRRP_HDR_LEN + one * c->nvips +
			VRRP_AUTH_LEN + AUTH_ROOM >
		VFRAME_PAYLOAD)
		return "--vmac: more addresses than fit into one frame";
	return NULL;
}

static const char *check_election(const struct router_cfg *c)
{
	const struct elect_cfg *e = &c->elect;

	if (e->version == 2 && c->family == AF_INET6)
		return "--vrrp 2 has no IPv6";
	if (e->version == 3 && c->auth_type)
		return "--auth: version 3 has hmac:FILE alone; else --vrrp 2";
	if (e->version == 2 && c->sum_told)
		return "--checksum: only version 3 has two forms";
	if (e->prio == VRRP_PRIO_OWNER && !e->preempt)
		return "--nopreempt: the owner (priority 255) always preempts";
	if (e->preempt_delay && !e->preempt)
		return "--preempt-delay excludes --nopreempt";
	if (e->max_interval && e->max_interval < e->interval)
		return "--max-interval: shorter than --interval";
	return NULL;
}

static void name_subject(struct router_cfg *c)
{
	if (!c->subject[0])
		snprintf(c->subject, sizeof c->subject, "vrrp%s.%u@%s",
			c->family == AF_INET6 ? "6" : "", c->vrid, c->ifname);
}

static void default_timers(struct elect_cfg *e)
{
	const int64_t longest = VRRP_CS_MAX * CS_US;

	if (!e->max_interval)
		e->max_interval = 10 * e->interval;
	if (e->max_interval > longest && e->version == 3)
		e->max_interval = longest;
}

const char *config_finish(struct router_cfg *c)
{
	const char *wrong = check_vips(c);

	if (!c->elect.interval)
		c->elect.interval = US_PER_S;
	if (!wrong)
		wrong = check_interval(&c->elect);
	if (!wrong)
		wrong = check_peers(c);
	if (!wrong)
		wrong = check_vmac(c);
	if (!wrong)
		wrong = check_election(c);
	if (wrong)
		return wrong;
	name_subject(c);
	default_timers(&c->elect);
	return NULL;
}
