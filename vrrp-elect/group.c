#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth.h"
#include "group.h"
#include "router.h"
#include "vrrpsock.h"

static struct group *find(struct groups *gs, const struct router_cfg *c)
{
	for (size_t i = 0; i < gs->n; i++)
		if (config_same_ear(gs->v[i]->first->cfg, c))
			return gs->v[i];
	return NULL;
}

static int take_spare(struct groups *gs, int family, int proto)
{
	for (size_t i = 0; i < gs->nspares; i++) {
		struct spare *s = &gs->spares[i];
		int fd = s->fd;

		if (s->family != family || s->proto != proto)
			continue;
		*s = gs->spares[--gs->nspares];
		return fd;
	}
	return -EMFILE;
}

static void put_spare(struct groups *gs, int fd, int family, int proto)
{
	if (gs->nspares < sizeof gs->spares / sizeof *gs->spares)
		gs->spares[gs->nspares++] = (struct spare){ fd, family, proto };
	else
		close(fd);
}

/* Room for one more. */
static bool reserve(struct groups *gs)
{
	struct group **v = realloc(gs->v, (gs->n + 1) * sizeof(struct group *));

	if (v)
		gs->v = v;
	return v != NULL;
}

static int make(struct groups *gs, const struct router_cfg *c, bool privileged)
{
	struct group *g = reserve(gs) ? calloc(1, sizeof *g) : NULL;
	int err;

	if (!g)
		return -ENOMEM;
	g->family = c->family;
	g->proto = config_proto(c);
	err = privileged ? vrrpsock_open(g->family, g->proto)
			 : take_spare(gs, g->family, g->proto);
	if (err < 0) {
		free(g);
		return err;
	}
	g->fd = err;
	gs->v[gs->n++] = g;
	return 0;
}

int groups_join(struct groups *gs, struct router *r, const struct router_cfg *c,
	bool privileged)
{
	struct group *g = find(gs, c);
	int err = g ? 0 : make(gs, c, privileged);

	if (err)
		return err;
	g = g ? g : gs->v[gs->n - 1];
	if (g->by_vrid[c->vrid])
		return -EADDRINUSE;
	g->by_vrid[c->vrid] = r;
	g->first = g->first ? g->first : r;
	g->stale = true;
	r->group = g;
	return 0;
}

static struct router *any_of(const struct group *g)
{
	for (size_t i = 0; i < 256; i++)
		if (g->by_vrid[i])
			return g->by_vrid[i];
	return NULL;
}

void groups_leave(struct groups *gs, struct router *r)
{
	struct group *g = r->group;
	size_t i = 0;

	if (!g)
		return;
	r->group = NULL;
	g->by_vrid[r->cfg->vrid] = NULL;
	g->first = any_of(g);
	g->stale = true;
	if (g->first)
		return;
	vrrpsock_mute(g->fd, g->family, g->listening);
	put_spare(gs, g->fd, g->family, g->proto);
	while (gs->v[i] != g)
		i++;
	gs->v[i] = gs->v[--gs->n];
	free(g);
}

void groups_save(struct groups *gs)
{
	static const int families[] = { AF_INET, AF_INET6 };

	for (size_t i = 0; i < 2 * GROUP_SPARES; i++) {
		int family = families[i % 2];
		int fd = vrrpsock_open(family, VRRP_PROTO);

		if (fd >= 0)
			put_spare(gs, fd, family, VRRP_PROTO);
	}
}

void groups_close(struct groups *gs)
{
	while (gs->nspares)
		close(gs->spares[--gs->nspares].fd);
	while (gs->n) {
		struct group *g = gs->v[--gs->n];

		for (size_t i = 0; i < 256; i++)
			if (g->by_vrid[i])
				g->by_vrid[i]->group = NULL;
		close(g->fd);
		free(g);
	}
	free(gs->v);
}

int group_listen(struct group *g, int ifindex, const struct router_cfg *c)
{
	bool vrids[256];
	const struct vrrpsock_rules rules = {
		.ifindex = ifindex,
		.vrids = vrids,
		.head = auth_head(c->auth_cfg),
		.peers = c->peers,
		.npeers = c->npeers,
		.allow = c->allow,
		.nallow = c->nallow,
	};
	int err;

	if (g->listening == ifindex && !g->stale)
		return 0;
	for (size_t i = 0; i < 256; i++)
		vrids[i] = g->by_vrid[i] != NULL;
	err = vrrpsock_listen(g->fd, g->family, &rules);
	if (err)
		return err;
	g->listening = ifindex;
	g->stale = false;
	return 0;
}

/* The router a message is for: what the filter let through has a VRID. */
static struct router *target(const struct group *g, const uint8_t *payload,
	size_t len, enum vrrp_fault fault)
{
	size_t at = auth_head(g->first->cfg->auth_cfg) + 1;

	if (fault != VF_OK || len <= at)
		return g->first;
	return g->by_vrid[payload[at]];
}

void group_hear(struct group *g, uint8_t buf[VRRPSOCK_BUF], unsigned budget,
	struct mono now)
{
	const uint8_t *payload;
	enum vrrp_fault fault;
	struct vrrp_ip ip;
	struct router *r;
	size_t len;

	for (; budget; budget--) {
		if (vrrpsock_recv(g->fd, g->family, buf, &ip, &payload, &len,
			    &fault) <= 0)
			return;
		r = target(g, payload, len, fault);
		if (r)
			router_hear(r,
				&(struct packet){ &ip,
					g->family == AF_INET ? buf : NULL,
					payload, len, fault },
				now);
	}
}
