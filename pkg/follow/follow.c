#include "follow/follow.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/vec.h"
#include "follow/seen.h"

enum {
	WINDOW_MS = 16 * 60 * 1000, /* a function runs for 15 minutes at most */
	WINDOW_STEP_MS = 60 * 1000, /* how far the window moves at a time */
	SWEEP_MS = 5 * 1000,        /* a busy window is read whole at least so often */
	NEWEST = 30,                /* items of the first look */
	PAGE = 200,                 /* items of a list the server gives at once */
	MAX_PAGES = 1000,           /* of one sweep */
};

/* A list item that is not shown yet. */
struct found_item {
	struct json *item;
	size_t age; /* its place in the list, which has the newest start first */
};

struct follow {
	struct loop *loop;
	struct whisk *whisk;
	const struct follow_options *o;
	struct seen seen;    /* what started inside the window */
	uint64_t since_ms;   /* start of the window, by the local clock */
	int64_t gone;        /* seen ones that the server no longer counts */
	uint64_t last_sweep; /* monotonic */
	bool dirty;          /* something was new since the last sweep */
	bool away;
	VEC(struct found_item) found;
};

static int64_t member_int(const struct json *j, const char *name)
{
	int64_t v = 0;

	return json_int(json_get(j, name), &v) ? v : 0;
}

void activation_function(struct strbuf *out, const struct json *activation)
{
	struct str path = json_str(whisk_annotation(activation, "path"));
	size_t i = 0;

	while (i < path.n && path.p[i] != '/')
		i++;
	if (i < path.n)
		strbuf_addstr(out, str_from(path, i + 1));
	else
		strbuf_addstr(out, json_str(json_get(activation, "name")));
}

static bool wanted(const struct follow *f, const struct json *item)
{
	struct strbuf name = STRBUF_INIT;
	bool r = true;

	if (f->o->package) {
		strbuf_reset(&name);
		activation_function(&name, item);
		r = str_starts(strbuf_str(&name), f->o->package) &&
		    name.buf[strlen(f->o->package)] == '/';
	}
	strbuf_release(&name);
	return r;
}

static void keep(struct follow *f, const struct json *item)
{
	struct found_item found = {.item = json_clone(item), .age = f->found.n};

	vec_push(&f->found, found);
}

/* Takes over what is new on a page; returns how many that were. */
static size_t take_new(struct follow *f, const struct json *page, bool show)
{
	const struct json *item;
	size_t n = 0;

	for (item = json_first(page); item; item = json_next(item)) {
		if (!seen_add(&f->seen, json_str(json_get(item, "activationId")),
			      (uint64_t)member_int(item, "start")))
			continue;
		n++;
		if (show && wanted(f, item))
			keep(f, item);
	}
	return n;
}

static struct json *get_page(struct follow *f, unsigned limit, unsigned skip, struct err *e)
{
	struct whisk_activations q = {
		.name = f->o->function,
		.limit = limit,
		.skip = skip,
		.since_ms = f->since_ms,
	};
	struct json *page = whisk_list_activations(f->whisk, &q, e);

	if (page && !json_is(page, JSON_ARRAY)) {
		json_free(page);
		err_set(e, ERR_REMOTE, "the server's list of activations is no list");
		return NULL;
	}
	return page;
}

/* The whole window, page by page. */
static int sweep(struct follow *f, bool show, struct err *e)
{
	struct json *page;
	unsigned i;
	size_t n;

	for (i = 0; i < MAX_PAGES; i++) {
		page = get_page(f, PAGE, i * PAGE, e);
		if (!page)
			return -1;
		n = json_count(page);
		take_new(f, page, show);
		json_free(page);
		if (n < PAGE)
			break;
	}
	f->last_sweep = clock_monotonic_ms();
	f->dirty = false;
	return 0;
}

static int count_window(struct follow *f, int64_t *n, struct err *e)
{
	struct whisk_activations q = {.name = f->o->function, .since_ms = f->since_ms};
	struct json *j = whisk_count_activations(f->whisk, &q, e);

	if (!j)
		return -1;
	*n = member_int(j, "activations");
	json_free(j);
	return 0;
}

static void move_window(struct follow *f)
{
	uint64_t since = clock_realtime_ms() - WINDOW_MS;

	if (since < f->since_ms + WINDOW_STEP_MS)
		return;
	f->since_ms = since;
	seen_forget(&f->seen, since);
	f->gone = 0;
}

/* Finds what is new.  Everything it takes over stays in `found` when a later request fails. */
static int look(struct follow *f, struct err *e)
{
	struct json *page;
	int64_t counted;
	size_t n, all;

	move_window(f);
	page = get_page(f, NEWEST, 0, e);
	if (!page)
		return -1;
	all = json_count(page);
	n = take_new(f, page, true);
	json_free(page);
	f->dirty = f->dirty || n > 0;
	if (count_window(f, &counted, e) < 0)
		return -1;
	if ((n < NEWEST || all < NEWEST) && counted == (int64_t)f->seen.n - f->gone &&
	    !(f->dirty && clock_monotonic_ms() - f->last_sweep > SWEEP_MS))
		return 0;
	if (sweep(f, true, e) < 0 || count_window(f, &counted, e) < 0)
		return -1;
	if (counted < (int64_t)f->seen.n)
		f->gone = (int64_t)f->seen.n - counted;
	return 0;
}

/* Of those that ended in the same millisecond the one that started first. */
static int by_end(const void *a, const void *b)
{
	const struct found_item *x = a, *y = b;
	int64_t p = member_int(x->item, "end"), q = member_int(y->item, "end");

	if (p != q)
		return p < q ? -1 : 1;
	return (x->age < y->age) - (x->age > y->age);
}

/* 0 shown or gone for good, -1 with *e when it must be tried again. */
static int show_one(struct follow *f, const struct json *item, struct err *e)
{
	const char *id = json_cstr(json_get(item, "activationId"));
	struct json *record = whisk_get_activation(f->whisk, id ? id : "", e);

	if (!record && e->status == 404) {
		err_clear(e);
		return 0;
	}
	if (!record)
		return -1;
	f->o->on_record(f->o->arg, record);
	json_free(record);
	return 0;
}

static int show_found(struct follow *f, struct err *e)
{
	size_t i, done;

	if (f->found.n)
		qsort(f->found.v, f->found.n, sizeof(*f->found.v), by_end);
	for (done = 0; done < f->found.n; done++) {
		if (show_one(f, f->found.v[done].item, e) < 0)
			break;
		json_free(f->found.v[done].item);
	}
	for (i = done; i < f->found.n; i++)
		f->found.v[i - done] = f->found.v[i];
	f->found.n -= done;
	return f->found.n ? -1 : 0;
}

static void timer_fired(void *arg)
{
	bool *done = arg;

	*done = true;
}

static void pause_for(struct follow *f, uint64_t ms)
{
	bool done = loop_interrupted(f->loop) != 0;
	struct loop_timer *t;
	struct loop_cancel *c;

	if (done)
		return;
	t = loop_timer_start(f->loop, ms, 0, timer_fired, &done);
	c = loop_on_cancel(f->loop, timer_fired, &done);
	loop_run_until(f->loop, &done);
	loop_cancel_stop(c);
	loop_timer_stop(t);
}

static bool may_pass(const struct err *e)
{
	return e->code == ERR_NETWORK || e->status == 408 || e->status == 429 ||
	       e->status >= 500;
}

static void trouble(struct follow *f, const char *what)
{
	if ((what != NULL) != f->away && f->o->on_trouble)
		f->o->on_trouble(f->o->arg, what);
	f->away = what != NULL;
}

/* 1 something was shown, 0 nothing new or the server is away for now, -1 the end. */
static int poll_once(struct follow *f, struct err *e)
{
	size_t n;
	int r = look(f, e);

	n = f->found.n;
	if (r == 0)
		r = show_found(f, e);
	if (r == 0) {
		trouble(f, NULL);
		return n > 0;
	}
	if (e->code == ERR_CANCELLED || loop_interrupted(f->loop) || !may_pass(e))
		return -1;
	trouble(f, e->msg);
	err_clear(e);
	return 0;
}

/* What is there already is not new.  Asks until the server answers. */
static int begin(struct follow *f, struct err *e)
{
	f->since_ms = clock_realtime_ms() - WINDOW_MS;
	while (sweep(f, false, e) < 0) {
		if (loop_interrupted(f->loop) || !may_pass(e))
			return -1;
		trouble(f, e->msg);
		err_clear(e);
		pause_for(f, f->o->busy_ms);
	}
	trouble(f, NULL);
	if (f->o->on_ready)
		f->o->on_ready(f->o->arg);
	return 0;
}

int follow_run(struct loop *l, struct whisk *w, const struct follow_options *o, struct err *e)
{
	struct follow f = {.loop = l, .whisk = w, .o = o};
	uint64_t wait = o->busy_ms;
	int r = begin(&f, e);
	size_t i;

	while (r >= 0 && !loop_interrupted(l)) {
		r = poll_once(&f, e);
		wait = r > 0 ? o->busy_ms : wait + wait / 4;
		if (wait > o->idle_ms)
			wait = o->idle_ms;
		if (r >= 0)
			pause_for(&f, wait);
	}
	for (i = 0; i < f.found.n; i++)
		json_free(f.found.v[i].item);
	vec_release(&f.found);
	seen_release(&f.seen);
	if (loop_interrupted(l)) {
		err_clear(e);
		return 0;
	}
	return r < 0 ? -1 : 0;
}
