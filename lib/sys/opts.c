#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "num.h"
#include "opts.h"
#include "sandbox.h"

#define LONG_FIRST 256

static void store(void *to, size_t size, uint64_t v)
{
	if (size == 1)
		*(uint8_t *)to = (uint8_t)v;
	else if (size == 4)
		*(uint32_t *)to = (uint32_t)v;
	else
		*(uint64_t *)to = v;
}

static bool set_number(const struct field *f, void *to, const char *s)
{
	uint64_t v;

	if (!num_u64(s, (uint64_t)f->min, (uint64_t)f->max, &v))
		return false;
	store(to, f->size, v);
	return true;
}

static bool set_signed(const struct field *f, void *to, const char *s)
{
	int v;

	if (!num_int(s, (int)f->min, (int)f->max, &v))
		return false;
	store(to, f->size, (uint64_t)v);
	return true;
}

static bool set_duration(const struct field *f, int64_t *to, const char *s)
{
	int64_t us;

	if (!dur_parse(s, &us) || us < f->min || us > f->max)
		return false;
	*to = us;
	return true;
}

static bool set_text(const struct field *f, const char **to, const char *s)
{
	if (strlen(s) < (size_t)f->min)
		return false;
	*to = s;
	return true;
}

static bool set_fd(const struct field *f, int *to, const char *s)
{
	int fd;

	if (!num_int(s, (int)f->min, (int)f->max, &fd) ||
		fcntl(fd, F_GETFD) < 0)
		return false;
	*to = fd;
	return true;
}

bool field_set(const struct field *f, void *object, const char *value)
{
	void *to = (char *)object + f->at;

	switch (f->kind) {
	case FIELD_FLAG:
		return *(bool *)to = true;
	case FIELD_LEVEL:
		*(int *)to = (int)f->min;
		return true;
	case FIELD_MORE:
		++*(int *)to;
		return true;
	case FIELD_TEXT:
		return set_text(f, to, value);
	case FIELD_NUMBER:
		return set_number(f, to, value);
	case FIELD_SIGNED:
		return set_signed(f, to, value);
	case FIELD_DURATION:
		return set_duration(f, to, value);
	case FIELD_FD:
		return set_fd(f, to, value);
	case FIELD_USER:
		return sandbox_user(to, value);
	case FIELD_NONE:
		break;
	}
	return false;
}

void opts_print(const char *text)
{
	fputs(text, stdout);
	exit(fflush(stdout) == 0 ? EXIT_YES : EXIT_SYSTEM);
}

bool opts_set(const struct opt *opt, struct options *o, const char *value)
{
	if (opt->text)
		opts_print(opt->text);
	return opt->set ? opt->set(o, value) : field_set(&opt->field, o, value);
}

void opts_take(const struct opt *opt, struct options *o, const char *value)
{
	if (!opts_set(opt, o, value))
		die(EXIT_MISUSE, "--%s %s: not %s", opt->name, value,
			opt->what);
}

/* The first row of the letter that has one of the modes; else of the letter. */
static size_t of_letter(const struct opts *p, int letter, unsigned modes)
{
	size_t any = p->n;

	for (size_t i = 0; i < p->n; i++) {
		if (p->list[i].letter != letter)
			continue;
		if (p->list[i].modes & modes)
			return i;
		any = any < p->n ? any : i;
	}
	return any;
}

void opts_begin(struct opts *p, const struct opt *list, size_t n, unsigned mode,
	int argc, char **argv)
{
	struct option *longs = p->longs;
	char *l = p->letters;

	*p = (struct opts){
		.list = list, .n = n, .mode = mode, .argc = argc, .argv = argv
	};
	*l++ = ':';
	for (size_t i = 0; i < n; i++) {
		const struct opt *o = &list[i];
		size_t id = o->letter ? of_letter(p, o->letter, o->modes) : i;

		if (o->name)
			*longs++ = (struct option){ o->name, o->what != NULL,
				NULL, LONG_FIRST + (int)id };
		if (!o->letter || of_letter(p, o->letter, mode) != i)
			continue;
		*l++ = o->letter;
		if (o->what)
			*l++ = ':';
	}
	optind = 0;
}

int opts_try(struct opts *p, const struct opt **opt)
{
	int c = getopt_long(p->argc, p->argv, p->letters, p->longs, NULL);
	size_t i;

	*opt = NULL;
	if (c == '?' || c == ':')
		return c;
	if (c < 0)
		return 0;
	i = c < LONG_FIRST ? of_letter(p, c, p->mode) : (size_t)c - LONG_FIRST;
	p->seen |= UINT64_C(1) << i;
	p->value = optarg;
	*opt = &p->list[i];
	return 0;
}

const struct opt *opts_next(struct opts *p)
{
	const struct opt *opt;
	int wrong = opts_try(p, &opt);

	if (wrong)
		die(EXIT_MISUSE, "%s: %s", p->argv[optind - 1],
			wrong == ':' ? "a value is missing"
				     : "no such option, or a value too many");
	return opt;
}

void opts_check(const struct opts *p, unsigned mode, const char *not_with,
	const char *what)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->seen >> i & 1 && !(p->list[i].modes & mode))
			die(EXIT_MISUSE, "--%s: %s %s", p->list[i].name,
				not_with, what);
}
