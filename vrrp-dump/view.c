#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "die.h"
#include "view.h"
#include "watch_text.h"

#define ROWS  24
#define WIDTH 132 /* where there is no terminal */

#define SCREEN_ON  "\033[?1049h\033[?25l"
#define SCREEN_OFF "\033[?25h\033[?1049l"
#define HOME	   "\033[H"
#define CLEAR_LINE "\033[K"
#define CLEAR_REST "\033[J"

bool view_watches(const struct options *o)
{
	return o->check || o->summary || o->top || o->timeline || o->garp;
}

/* ---- Findings */

static void say(
	void *ctx, const struct watch_group *g, const struct watch_span *s)
{
	struct view *v = ctx;
	struct line_out l;
	struct txt t;

	if (!v->o->check)
		return;
	finding_line(&l, v->o->json, g, s);
	t = sink_room(v->out, sizeof l.buf);
	txt_mem(&t, l.buf, l.len);
	sink_put(v->out, &t);
	sink_end(v->out);
}

/* ---- The table */

static void put_text(struct view *v, const char *s)
{
	struct txt t = sink_room(v->out, DUMP_MAX);

	txt_str(&t, s);
	sink_put(v->out, &t);
}

/* Each line ends with an escape that clears what was behind it before. */
static void put_lines(struct view *v, const struct txt *lines)
{
	for (size_t i = 0, from = 0; i < lines->len; i++) {
		struct txt t;

		if (lines->buf[i] != '\n')
			continue;
		t = sink_room(v->out, DUMP_MAX);
		txt_mem(&t, lines->buf + from, i - from);
		txt_str(&t, v->screen ? CLEAR_LINE "\n" : "\n");
		sink_put(v->out, &t);
		from = i + 1;
	}
}

static void measure(struct view *v)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) != 0 || ws.ws_row < 4 ||
		ws.ws_col < 20)
		return;
	v->rows = ws.ws_row;
	v->width = ws.ws_col;
}

static void draw(struct view *v)
{
	char buf[4096];
	struct txt t = txt_init(buf, sizeof buf);

	if (v->screen) {
		measure(v);
		put_text(v, HOME);
	}
	top_head(&t, &v->watch, v->width);
	put_lines(v, &t);
	for (unsigned i = 0; i < v->watch.n; i++) {
		if (v->screen && i + 3 >= v->rows)
			break;
		t = txt_init(buf, sizeof buf);
		top_row(&t, &v->watch, &v->watch.group[i], v->width);
		put_lines(v, &t);
	}
	put_text(v, v->screen ? CLEAR_REST : "\n");
	sink_flush(v->out);
}

void view_tick(struct view *v, int64_t us, struct mono now)
{
	if (us)
		watch_tick(&v->watch, us);
	if (!v->o->top || (v->drawn && now.us - v->drawn < v->every))
		return;
	v->drawn = now.us;
	draw(v);
}

/* ---- The end */

void view_summary(struct view *v)
{
	for (unsigned i = 0; i < v->watch.n; i++) {
		struct txt t = sink_room(v->out, WATCH_TEXT_MAX);

		if (v->o->json) {
			struct json j;

			json_init(&j, t.buf, t.size - 2);
			summary_json(&j, &v->watch, &v->watch.group[i]);
			t.len = j.len;
			txt_ch(&t, '\n');
		} else {
			summary_text(&t, &v->watch, &v->watch.group[i]);
		}
		sink_put(v->out, &t);
	}
	if (v->watch.lost)
		warn("%llu adverts of more groups than %d were not watched",
			(unsigned long long)v->watch.lost, WATCH_GROUPS);
	sink_end(v->out);
}

static void put_picture(struct view *v, struct sink *s)
{
	struct txt t = sink_room(s, WATCH_TEXT_MAX);
	unsigned y = 0;

	svg_head(&t, &v->watch);
	sink_put(s, &t);
	for (unsigned i = 0; i < v->watch.n; i++) {
		t = sink_room(s, WATCH_TEXT_MAX);
		svg_group(&t, &v->watch, &v->watch.group[i], y);
		sink_put(s, &t);
		y += svg_height(&v->watch.group[i]);
	}
	t = sink_room(s, WATCH_TEXT_MAX);
	svg_end(&t);
	sink_put(s, &t);
	sink_flush(s);
}

bool view_end(struct view *v)
{
	static struct sink picture;
	static const sig_atomic_t never;

	if (v->screen)
		put_text(v, SCREEN_OFF);
	else if (v->o->top)
		draw(v);
	if (v->o->summary)
		view_summary(v);
	if (v->svg < 0)
		return true;
	sink_init(&picture, v->svg, &never, false);
	put_picture(v, &picture);
	if (picture.dead)
		warn("%s: %s", v->o->timeline, errno_str(picture.err, NULL));
	return !picture.dead;
}

/* ---- The start */

static void look_at_terminal(struct view *v)
{
	v->rows = ROWS;
	v->width = WIDTH;
	v->screen = v->o->top && isatty(STDOUT_FILENO) && !v->o->read;
	v->every = v->screen ? US_PER_S : 10 * US_PER_S;
	if (v->o->every)
		v->every = v->o->every;
	if (v->screen)
		put_text(v, SCREEN_ON);
}

void view_open(struct view *v, const struct options *o, struct sink *out)
{
	v->o = o;
	v->out = out;
	v->drawn = 0;
	v->svg = -1;
	watch_init(&v->watch, say, v);
	if (o->timeline) {
		v->svg = open(o->timeline,
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		if (v->svg < 0)
			die(EXIT_SYSTEM, "%s: %s", o->timeline,
				errno_str(errno, NULL));
	}
	look_at_terminal(v);
}
