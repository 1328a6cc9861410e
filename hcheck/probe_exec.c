/* exec:COMMAND: run by the runner; see runner.h. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "exec.h"
#include "probe.h"
#include "words.h"

#define WEIGHT_BASE 2 /* keepalived's misc_dynamic: weight = code - 2 */

int exec_fd = -1;

/* The command of the URL, split; the words are in `text`. */
static int split(const char *url, char *text, size_t size, char **words,
	const char **why)
{
	snprintf(text, size, "%s", strchr(url, ':') + 1);
	return words_split(text, words, RUNNER_WORDS, why);
}

static bool put(
	struct runner_job *j, size_t *at, const char *key, const char *value)
{
	size_t room = sizeof j->text - *at;
	int n = snprintf(j->text + *at, room, "%s%s", key, value);

	if (n < 0 || (size_t)n >= room)
		return false;
	*at += (size_t)n + 1;
	return true;
}

static bool put_env(struct runner_job *j, size_t *at, const struct check *c)
{
	char addr[ADDR_STRLEN] = "", port[8] = "";

	if (c->at.addr.family)
		addr_str(&c->at.addr, addr);
	if (c->at.port)
		snprintf(port, sizeof port, "%u", (unsigned)c->at.port);
	j->nenv = 4;
	return put(j, at, "HC_NAME=", c->subjects->name) &&
	       put(j, at, "HC_URL=", c->url) && put(j, at, "HC_ADDR=", addr) &&
	       put(j, at, "HC_PORT=", port);
}

static void start(struct probe *p)
{
	static struct runner_job j;
	char text[URL_LEN_MAX + 1], *words[RUNNER_WORDS];
	const char *why;
	int n = split(p->check->url, text, sizeof text, words, &why);
	bool fits = n > 0;
	size_t at = 0;

	j.token = p->check->token;
	j.timeout = p->s->timeout;
	j.nwords = (uint32_t)n;
	for (int i = 0; i < n && fits; i++)
		fits = put(&j, &at, words[i], "");
	if (!fits || !put_env(&j, &at, p->check)) {
		probe_down(p, "exec-too-long");
		return;
	}
	p->stage = "exec";
	p->deadline = mono_add(p->deadline, 2 * RUNNER_GRACE + US_PER_S);
	if (send(exec_fd, &j, offsetof(struct runner_job, text) + at,
		    MSG_NOSIGNAL) < 0)
		probe_errno(p, ENOBUFS);
}

static const char *errno_word(int err)
{
	switch (err) {
	case ENOENT:
		return "enoent";
	case EACCES:
		return "eacces";
	case EAGAIN:
		return "eagain";
	case EBUSY:
		return "still-running";
	default:
		return "error";
	}
}

static void ended(struct probe *p, int code)
{
	if (code == 0 || (p->s->dynamic && code >= WEIGHT_BASE))
		probe_up(p);
	else
		probe_down(p, "exit-%d", code);
	if (p->result.ok && code >= WEIGHT_BASE)
		p->result.weight = code - WEIGHT_BASE;
}

void exec_result(struct probe *p, const struct runner_result *r)
{
	memcpy(p->result.say, r->say, sizeof p->result.say);
	switch (r->end) {
	case RUNNER_EXIT:
		ended(p, r->value);
		break;
	case RUNNER_SIGNAL:
		probe_down(p, "signal-%d", r->value);
		break;
	case RUNNER_LATE:
		probe_down(p, "timeout-exec");
		break;
	case RUNNER_NOEXEC:
		probe_down(p, "exec-%s", errno_word(r->value));
		break;
	}
}

static void ready(struct probe *p, uint32_t events)
{
	(void)p, (void)events;
}

static void late(struct probe *p)
{
	probe_down(p, "timeout-exec");
}

static const char *accept_exec(const struct url *u, struct settings *s)
{
	char text[URL_LEN_MAX + 1], *words[RUNNER_WORDS];
	const char *why = NULL;

	(void)s;
	snprintf(text, sizeof text, "%s", u->path);
	switch (words_split(text, words, RUNNER_WORDS, &why)) {
	case 0:
		return "no command";
	case -1:
		return why;
	default:
		return NULL;
	}
}

const struct kind kind_exec = { accept_exec, start, ready, late, NULL };
