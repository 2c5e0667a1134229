#include "loop/batch.h"

#include <stdlib.h>
#include <uv.h>

/* A place for a job that was begun and is not taken yet: i % places. */
struct place {
	struct run *run;
	size_t i;
	bool ended;
};

struct run {
	struct loop *l;
	const struct loop_batch *b;
	struct place *places;
	unsigned threads;
	size_t places_n;
	size_t next, taken; /* the job to begin, the one to take */
	size_t working;
	bool failed, idle;
	struct err *e;
};

unsigned loop_processors(void)
{
	return uv_available_parallelism();
}

static void take_one(struct run *r)
{
	if (loop_interrupted(r->l)) {
		err_set(r->e, ERR_CANCELLED, "interrupted");
		r->failed = true;
	} else if (r->b->take(r->b->arg, r->taken, r->e) < 0) {
		r->failed = true;
	}
	r->taken++;
}

static void work(void *arg)
{
	struct place *p = arg;

	p->run->b->work(p->run->b->arg, p->i);
}

static void go_on(struct run *r);

static void on_done(void *arg)
{
	struct place *p = arg;

	p->ended = true;
	p->run->working--;
	go_on(p->run);
}

static void begin_more(struct run *r)
{
	while (!r->failed && r->next < r->b->n && r->working < r->threads &&
	       r->next - r->taken < r->places_n) {
		struct place *p = &r->places[r->next % r->places_n];

		*p = (struct place){.run = r, .i = r->next++};
		r->working++;
		loop_work(r->l, work, on_done, p);
	}
}

static void go_on(struct run *r)
{
	begin_more(r);
	while (!r->failed && r->taken < r->next && r->places[r->taken % r->places_n].ended)
		take_one(r);
	begin_more(r);
	r->idle = r->working == 0;
}

static int run_here(struct run *r)
{
	while (!r->failed && r->taken < r->b->n) {
		r->b->work(r->b->arg, r->taken);
		take_one(r);
	}
	return r->failed ? -1 : 0;
}

int loop_run_batch(struct loop *l, const struct loop_batch *b, struct err *e)
{
	struct run r = {.l = l, .b = b, .e = e};

	r.threads = b->threads ? b->threads : loop_processors();
	if (r.threads == 1 || b->n <= 1)
		return run_here(&r);
	r.places_n = b->ahead > r.threads ? b->ahead : r.threads;
	r.places = xcalloc(r.places_n, sizeof(*r.places));
	go_on(&r);
	if (!r.idle)
		loop_run_until(l, &r.idle);
	free(r.places);
	return r.failed ? -1 : 0;
}
