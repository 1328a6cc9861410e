/* file:PATH: absent is up; a number is up with that weight, so that a file is
 * a switch; an empty file, or "down", is down. */
#include <errno.h>
#include <string.h>

#include "num.h"
#include "probe.h"
#include "slurp.h"

#define WEIGHT_MAX 254

static void judge(struct probe *p, char *text)
{
	int weight;

	text += strspn(text, " \t");
	text[strcspn(text, " \t\r\n")] = '\0';
	if (!*text || strcmp(text, "down") == 0)
		probe_down(p, "file");
	else if (!num_int(text, -WEIGHT_MAX, WEIGHT_MAX, &weight))
		probe_down(p, "file-no-number");
	else
		probe_up(p);
	if (p->result.ok)
		p->result.weight = weight;
}

static void start(struct probe *p)
{
	char text[64];
	ssize_t n = slurp(strchr(p->check->url, ':') + 1, text, sizeof text);

	if (n == -ENOENT)
		probe_up(p);
	else if (n < 0)
		probe_down(p, n == -EACCES   ? "file-eacces"
			      : n == -EISDIR ? "file-is-folder"
					     : "file-unreadable");
	else
		judge(p, text);
}

static void ready(struct probe *p, uint32_t events)
{
	(void)p, (void)events;
}

static const char *accept_file(const struct url *u, struct settings *s)
{
	(void)s;
	return u->path[0] == '/' ? NULL : "an absolute path, file:/run/x";
}

const struct kind kind_file = { accept_file, start, ready, NULL, NULL };
