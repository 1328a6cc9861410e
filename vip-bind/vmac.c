#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "die.h"
#include "macvlan.h"
#include "pktsock.h"
#include "vmac.h"

void vmac_init(struct vmac *v, const struct options *o, int family)
{
	*v = (struct vmac){ .family = family, .iface = -1 };
	vmac_of(v->mac, family, o->vmac);
	if (o->vmac_name)
		memcpy(v->name, o->vmac_name, strlen(o->vmac_name) + 1);
	else
		snprintf(v->name, sizeof v->name, "vrrp%s.%u",
			family == AF_INET6 ? "6" : "", o->vmac);
	memcpy(v->dev.name, v->name, sizeof v->name);
}

void vmac_on(struct vmac *v, const char *parent)
{
	if (link_get(parent, &v->parent) != 0)
		v->parent.ifindex = 0;
	v->unfit = v->parent.ifindex ? macvlan_unfit(&v->parent) : NULL;
}

/* Was it told of? */
static bool keep(struct nl_link *mine, const struct nl_link *l, bool gone)
{
	bool named = !gone && strcmp(mine->name, l->name) == 0;

	if (named)
		*mine = *l;
	else if (mine->ifindex == l->ifindex)
		mine->ifindex = 0;
	return named;
}

void vmac_link(struct vmac *v, const struct nl_link *l, bool gone)
{
	bool marked = v->dev.alias && v->dev.ifindex == l->ifindex;

	/* the kernel does not tell of the alias of a link that is down */
	if (keep(&v->dev, l, gone)) {
		v->dev.alias = marked || l->alias;
		v->dev_told = true;
	}
	if (!keep(&v->parent, l, gone))
		return;
	v->parent_told = true;
	v->unfit = macvlan_unfit(&v->parent);
	v->retry_at = (struct mono){ 0 };
}

void vmac_sync(struct vmac *v, bool end)
{
	if (end && !v->dev_told)
		v->dev.ifindex = 0;
	if (end && !v->parent_told)
		v->parent.ifindex = 0;
	v->dev_told = v->parent_told = end;
}

bool vmac_fits(const struct vmac *v)
{
	return v->dev.ifindex && v->dev.alias && v->parent.ifindex &&
	       v->dev.lower == v->parent.ifindex &&
	       memcmp(v->dev.lladdr, v->mac, MAC_LEN) == 0;
}

const char *vmac_trouble(const struct vmac *v)
{
	if (v->dev.ifindex && !vmac_fits(v))
		return "is there and not ours: --vmac VRID=NAME for another";
	return v->parent.ifindex ? v->unfit : NULL;
}

/* m is freed. */
static int edit(
	struct nladdr *nl, struct nl_msg *m, int ifindex, uint16_t flags)
{
	struct nledit e = { .msg = m, .ifindex = ifindex, .flags = flags };
	int err = m ? nladdr_edit(nl, &e, 1) : -ENOMEM;

	nladdr_free(m);
	return err ? err : e.err;
}

static int mark(struct vmac *v, struct nladdr *nl)
{
	int err = link_get(v->name, &v->dev);

	if (!err)
		err = edit(nl, macvlan_alias_msg(), v->dev.ifindex, 0);
	v->dev.lower = v->parent.ifindex;
	v->dev.alias = !err;
	return err;
}

const char *vmac_make(struct vmac *v, struct nladdr *nl)
{
	static char why[128];
	const char *what = "cannot be made";
	int err = edit(nl, macvlan_add_msg(v->name, v->parent.ifindex, v->mac),
		0, NLM_F_CREATE | NLM_F_EXCL);

	if (!err)
		err = mark(v, nl);
	if (!err)
		err = macvlan_setup(v->name, v->family, &what);
	if (!err)
		return NULL;
	snprintf(why, sizeof why, "%s: %s", what, macvlan_error(err));
	if (v->dev.ifindex)
		vmac_remove(v, nl);
	return why;
}

const char *vmac_raise(struct vmac *v, struct nladdr *nl, bool up)
{
	static char why[128];
	int err = edit(nl, macvlan_up_msg(up), v->dev.ifindex, 0);
	struct nl_link l;

	if (!err && link_get(v->name, &l) == 0)
		v->dev.flags = l.flags;
	if (!err)
		return NULL;
	snprintf(why, sizeof why, "cannot be brought %s: %s",
		up ? "up" : "down",
		err == -EADDRINUSE ? "another interface has its MAC"
				   : errno_str(err, "CAP_NET_ADMIN"));
	return why;
}

const char *vmac_remove(struct vmac *v, struct nladdr *nl)
{
	static char why[128];
	int err = edit(nl, macvlan_del_msg(), v->dev.ifindex, 0);

	v->dev.ifindex = 0;
	if (!err || err == -ENODEV)
		return NULL;
	snprintf(why, sizeof why, "cannot be removed: %s",
		errno_str(err, "CAP_NET_ADMIN"));
	return why;
}
