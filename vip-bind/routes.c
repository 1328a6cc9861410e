#include <errno.h>
#include <string.h>

#include "die.h"
#include "routes.h"

void routes_init(struct routes *r, const struct options *o, struct nladdr *nl)
{
	*r = (struct routes){ .o = o, .nl = nl };
}

void routes_free(struct routes *r)
{
	for (size_t i = 0; i < r->o->nroutes; i++) {
		nladdr_free(r->add[i]);
		nladdr_free(r->del[i]);
		r->add[i] = r->del[i] = NULL;
	}
}

void routes_link(struct routes *r, int ifindex)
{
	routes_free(r);
	r->in = false;
	r->swept = !ifindex;
	for (size_t i = 0; ifindex && i < r->o->nroutes; i++) {
		r->add[i] = nlroute_msg(&r->o->routes[i], ifindex, false);
		r->del[i] = nlroute_msg(&r->o->routes[i], ifindex, true);
	}
}

void routes_doubt(struct routes *r)
{
	r->in = false;
}

static int edit(struct routes *r, struct nl_msg *m, uint16_t flags)
{
	struct nledit e = { .msg = m, .flags = flags };
	int err = m ? nladdr_edit(r->nl, &e, 1) : -ENOMEM;

	return err ? err : e.err;
}

/* What is there already but was not put in by us in this turn at holding is
 * a predecessor's, perhaps with another path: made anew, if it bears our
 * mark. */
static int put_in(struct routes *r, size_t i)
{
	uint16_t flags = NLM_F_CREATE | NLM_F_EXCL;
	int err = edit(r, r->add[i], flags);

	if (err == -EEXIST && r->mine[i])
		err = 0;
	else if (err == -EEXIST && edit(r, r->del[i], 0) == 0)
		err = edit(r, r->add[i], flags);
	r->mine[i] = !err;
	return err;
}

void routes_in(struct routes *r)
{
	char text[PREFIX_STRLEN];

	for (size_t i = 0; !r->in && i < r->o->nroutes; i++) {
		int err = put_in(r, i);

		if (err && !r->told[i] && r->o->words >= 0)
			warn("%s: route to %s: %s", r->o->ifname,
				prefix_str(&r->o->routes[i].dst, text),
				err == -EEXIST ? "is there and not ours"
					       : strerror(-err));
		r->told[i] = err != 0;
	}
	r->in = true;
	r->swept = false;
}

void routes_out(struct routes *r)
{
	for (size_t i = 0; !r->swept && i < r->o->nroutes; i++) {
		edit(r, r->del[i], 0);
		r->mine[i] = false;
	}
	r->in = false;
	r->swept = true;
}
