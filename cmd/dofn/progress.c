#include "progress.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum {
	TICK_MS = 100,
	AT_LEAST_MS = 200, /* what ends before is no line worth */
	MAX_LINES = 8,
	BAR = 24, /* characters */
};

/* What goes on with one function. */
struct progress_step {
	char *function;
	const char *what;     /* "building" */
	uint64_t since_ms;    /* clock_monotonic_ms() */
	uint64_t limit_ms;    /* of the platform, or 0 */
	uint64_t sent, total; /* of an upload, in bytes; or 0 */
};

void progress_add_bar(struct strbuf *b, uint64_t sent, uint64_t total)
{
	uint64_t full = total ? sent * BAR / total : 0, i;

	strbuf_addc(b, '[');
	for (i = 0; i < BAR; i++)
		strbuf_addc(b, i < full ? '#' : '-');
	strbuf_addf(b, "] %.1f of %.1f MB", (double)sent / 1e6, (double)total / 1e6);
}

static void add_step(struct strbuf *b, const struct progress_step *s, uint64_t now)
{
	uint64_t ms = now - s->since_ms;

	strbuf_addf(b, "  %s: %s ", s->function, s->what);
	if (s->total)
		progress_add_bar(b, s->sent, s->total);
	else if (s->limit_ms)
		strbuf_addf(b, "%.1f s of %.0f s", (double)ms / 1000,
			    (double)s->limit_ms / 1000);
	else
		strbuf_addf(b, "%.1f s", (double)ms / 1000);
}

struct lines {
	char *v[MAX_LINES + 2];
	size_t n;
};

static void push_line(struct lines *l, struct strbuf *b)
{
	l->v[l->n++] = strbuf_detach(b, NULL);
}

static void draw_steps(const struct progress *p, struct lines *l)
{
	uint64_t now = clock_monotonic_ms();
	struct strbuf b = STRBUF_INIT;
	size_t i, more = 0;

	for (i = 0; i < p->steps.n; i++) {
		const struct progress_step *s = p->steps.v[i];

		if (now - s->since_ms < AT_LEAST_MS)
			continue;
		if (l->n == MAX_LINES) {
			more++;
			continue;
		}
		add_step(&b, s, now);
		push_line(l, &b);
	}
	if (more) {
		strbuf_addf(&b, "  and %zu more", more);
		push_line(l, &b);
	}
}

static void draw(void *arg)
{
	struct progress *p = arg;
	struct lines l = {.n = 0};
	struct strbuf b = STRBUF_INIT;
	size_t i;

	draw_steps(p, &l);
	if (p->wanted > 1 && p->done > 0 && p->done < p->wanted) {
		strbuf_addf(&b, "  %zu of %zu functions deployed", p->done, p->wanted);
		push_line(&l, &b);
	}
	ui_live(&p->context->ui, (const char *const *)l.v, l.n);
	for (i = 0; i < l.n; i++)
		free(l.v[i]);
}

static void free_step(struct progress_step *s)
{
	free(s->function);
	free(s);
}

static size_t find(const struct progress *p, const char *function)
{
	size_t i;

	for (i = 0; i < p->steps.n; i++)
		if (strcmp(p->steps.v[i]->function, function) == 0)
			break;
	return i;
}

static struct progress_step *begin(struct progress *p, const char *function, const char *what)
{
	size_t i = find(p, function);
	struct progress_step *s;

	if (i == p->steps.n) {
		s = xcalloc(1, sizeof(*s));
		s->function = xstrdup(function);
		vec_push(&p->steps, s);
	}
	s = p->steps.v[i];
	if (!s->what || strcmp(s->what, what) != 0) {
		s->what = what;
		s->since_ms = clock_monotonic_ms();
		s->limit_ms = s->sent = s->total = 0;
	}
	return s;
}

static void end(struct progress *p, const char *function)
{
	size_t i = find(p, function);

	if (i == p->steps.n)
		return;
	free_step(p->steps.v[i]);
	p->steps.n--;
	memmove(&p->steps.v[i], &p->steps.v[i + 1],
		(p->steps.n - i) * sizeof(struct progress_step *));
}

static void on_remote(struct progress *p, const struct event *ev)
{
	static const struct {
		const char *step, *what;
	} steps[] = {{"waiting", "waiting for the platform to build"},
		     {"uploading", "uploading to be built"},
		     {"building", "building on the platform"}};
	struct progress_step *s;
	size_t i;

	for (i = 0; i < countof(steps); i++)
		if (str_is(ev->text, steps[i].step)) {
			s = begin(p, ev->function, steps[i].what);
			s->limit_ms = ev->limit_ms;
		}
}

static void on_uploading(struct progress *p, const struct event *ev)
{
	struct progress_step *s = begin(p, ev->function, "uploading");

	s->sent = ev->bytes;
	s->total = ev->total;
}

void progress_event(struct progress *p, const struct event *ev)
{
	if (!p->context)
		return;
	switch (ev->type) {
	case EVENT_BUILD_STARTED: begin(p, ev->function, "building"); break;
	case EVENT_REMOTE: on_remote(p, ev); break;
	case EVENT_UPLOADING: on_uploading(p, ev); break;
	case EVENT_PLAN:
		p->wanted += str_is(ev->text, "create") || str_is(ev->text, "update");
		break;
	case EVENT_DEPLOYED:
	case EVENT_FAILED:
		p->done++;
		end(p, ev->function);
		break;
	case EVENT_BUILD_ENDED:
	case EVENT_BUILD_FAILED: end(p, ev->function); break;
	default: break;
	}
}

void progress_init(struct progress *p, struct context *c)
{
	*p = (struct progress){0};
	if (c->json || !ui_can_live(&c->ui))
		return;
	p->context = c;
	p->timer = loop_timer_start(context_loop(c), TICK_MS, TICK_MS, draw, p);
}

void progress_release(struct progress *p)
{
	size_t i;

	if (!p->context)
		return;
	loop_timer_stop(p->timer);
	ui_live(&p->context->ui, NULL, 0);
	for (i = 0; i < p->steps.n; i++)
		free_step(p->steps.v[i]);
	vec_release(&p->steps);
	*p = (struct progress){0};
}
