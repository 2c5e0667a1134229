#include "platform/invoker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "fs/fs.h"
#include "platform/instance.h"
#include "platform/python.h"
#include "runtime/runtime.h"
#include "sandbox/sandbox.h"

/* launchers/python.py, put into the program by the Makefile. */
extern const unsigned char embed_python_py[];
extern const size_t embed_python_py_size;

enum { DEFAULT_IDLE_MS = 600000, LEAST_WORKERS = 8, MOST_PER_FUNCTION = 8 };

static const char stopped[] = "the local platform was stopped";

struct invoker {
	struct instance_host host;
	char *run_dir, *launcher, *api_host, *ns;
	unsigned max_workers, max_per_function;
	uint64_t idle_ms;
	struct pythons *pythons;
	struct call *first, **end; /* waiting, oldest first */
	VEC(struct instance *) instances;
	struct loop_timer *sampler, *reaper;
	bool sampling, reaping; /* the timer runs */
	bool scheduling, again, deferred;
	bool closing, closed;
};

/* Instances that hold a place; those that are ending do not. */
static unsigned count_live(const struct invoker *v, const struct call *of)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < v->instances.n; i++) {
		const struct instance *it = v->instances.v[i];

		if (it->state != INSTANCE_ENDING &&
		    (!of || instance_is_of(it, of->in.package, of->in.name)))
			n++;
	}
	return n;
}

static bool has_revision(const struct instance *i, const struct call *c)
{
	return strcmp(i->revision, c->in.revision) == 0 &&
	       instance_is_of(i, c->in.package, c->in.name);
}

/* The one that was busy last: its memory is warm, and the others may grow old and end. */
static struct instance *find_idle(const struct invoker *v, const struct call *c)
{
	struct instance *best = NULL;
	size_t i;

	for (i = 0; i < v->instances.n; i++) {
		struct instance *it = v->instances.v[i];

		if (instance_is_usable(it) && has_revision(it, c) &&
		    (!best || it->idle_since > best->idle_since))
			best = it;
	}
	return best;
}

/* Ends the instance that was idle longest, of c's function only or of any. */
static bool evict(struct invoker *v, const struct call *c, bool same_function)
{
	struct instance *oldest = NULL;
	size_t i;

	for (i = 0; i < v->instances.n; i++) {
		struct instance *it = v->instances.v[i];

		if (it->state == INSTANCE_IDLE &&
		    (!same_function || instance_is_of(it, c->in.package, c->in.name)) &&
		    (!oldest || it->idle_since < oldest->idle_since))
			oldest = it;
	}
	if (oldest)
		instance_end(oldest);
	return oldest != NULL;
}

static bool make_room(struct invoker *v, const struct call *c)
{
	if (count_live(v, c) >= v->max_per_function)
		return evict(v, c, true);
	return count_live(v, NULL) < v->max_workers || evict(v, c, false);
}

static void on_sample(void *arg)
{
	struct invoker *v = arg;
	bool busy = false;
	size_t i;

	for (i = 0; i < v->instances.n; i++) {
		busy |= v->instances.v[i]->call != NULL;
		instance_check_memory(v->instances.v[i]);
	}
	v->sampling = busy;
	if (busy)
		loop_timer_again(v->sampler, SANDBOX_SAMPLE_MS);
}

static void sample_from_now_on(struct invoker *v)
{
	if (v->sampling)
		return;
	v->sampling = true;
	loop_timer_again(v->sampler, SANDBOX_SAMPLE_MS);
}

static void refuse(struct invoker *v, struct call *c, const struct err *e)
{
	instance_refuse(&v->host, c, OUTCOME_WHISK, e->msg);
}

static void start_instance(struct invoker *v, struct call *c, const struct python *python)
{
	struct err e = ERR_INIT;
	struct instance *i = instance_start(&v->host, c, python->program, python->notice, &e);

	if (i) {
		vec_push(&v->instances, i);
		sample_from_now_on(v);
		return;
	}
	if (e.sys == ENOENT)
		pythons_forget(v->pythons, c->in.kind); /* uninstalled since it was found */
	refuse(v, c, &e);
	err_clear(&e);
}

static void refuse_kind(struct invoker *v, struct call *c, const struct python *python)
{
	char *problem = xstrdup(python->problem);

	pythons_forget(v->pythons, c->in.kind);
	instance_refuse(&v->host, c, OUTCOME_DEVELOPER, problem);
	free(problem);
}

/* True when the call has left the queue for good. */
static bool place(struct invoker *v, struct call *c)
{
	struct instance *idle = find_idle(v, c);
	const struct python *python;

	if (idle) {
		instance_run(idle, c);
		sample_from_now_on(v);
		return true;
	}
	python = pythons_get(v->pythons, c->in.kind);
	if (python->state == PYTHON_UNKNOWN)
		return false;
	if (python->state == PYTHON_MISSING)
		refuse_kind(v, c, python);
	else if (make_room(v, c))
		start_instance(v, c, python);
	else
		return false;
	return true;
}

static void enqueue(struct invoker *v, struct call *c)
{
	c->next = NULL;
	*v->end = c;
	v->end = &c->next;
}

/* Puts c in at *link. */
static void insert(struct invoker *v, struct call **link, struct call *c)
{
	c->next = *link;
	*link = c;
	if (!c->next)
		v->end = &c->next;
}

static struct call *take_out(struct invoker *v, struct call **link)
{
	struct call *c = *link;

	*link = c->next;
	if (!c->next)
		v->end = link;
	return c;
}

/* Oldest first; one that finds no place does not hold up those of other functions. */
static void place_waiting(struct invoker *v)
{
	struct call **link = &v->first, *c;

	while (*link) {
		c = take_out(v, link);
		if (place(v, c))
			continue;
		/* Nothing was called back, so the queue is as it was. */
		insert(v, link, c);
		link = &c->next;
	}
}

/* Callbacks of calls may bring new calls and end instances: these wait for the next round. */
static void schedule(struct invoker *v)
{
	v->again = true;
	if (v->scheduling || v->host.calling || v->closing)
		return;
	v->scheduling = true;
	while (v->again) {
		v->again = false;
		place_waiting(v);
	}
	v->scheduling = false;
}

static void close_when_over(struct invoker *v)
{
	v->closed = v->closing && v->instances.n == 0 && !v->deferred &&
		    !pythons_are_searching(v->pythons);
}

static void run_deferred(void *arg)
{
	struct invoker *v = arg;

	v->deferred = false;
	schedule(v);
	close_when_over(v);
}

static void schedule_soon(struct invoker *v)
{
	if (v->deferred)
		return;
	v->deferred = true;
	loop_defer(v->host.loop, run_deferred, v);
}

/* How long until the next idle instance is to end; ends those that are due. */
static uint64_t reap(struct invoker *v)
{
	uint64_t now = clock_monotonic_ms(), next = UINT64_MAX, age;
	size_t i;

	for (i = 0; i < v->instances.n; i++) {
		struct instance *it = v->instances.v[i];

		if (it->state != INSTANCE_IDLE)
			continue;
		age = now - it->idle_since;
		if (age >= v->idle_ms)
			instance_end(it);
		else if (v->idle_ms - age < next)
			next = v->idle_ms - age;
	}
	return next;
}

static void on_reap(void *arg)
{
	struct invoker *v = arg;
	uint64_t next = reap(v);

	v->reaping = next != UINT64_MAX;
	if (v->reaping)
		loop_timer_again(v->reaper, next);
}

static void on_changed(void *arg)
{
	struct invoker *v = arg;

	schedule(v);
	if (!v->reaping && !v->closing) {
		v->reaping = true;
		loop_timer_again(v->reaper, v->idle_ms);
	}
}

static void on_python(void *arg)
{
	struct invoker *v = arg;

	schedule(v);
	close_when_over(v);
}

static void on_gone(void *arg, struct instance *gone)
{
	struct invoker *v = arg;
	size_t i;

	for (i = 0; v->instances.v[i] != gone; i++)
		;
	v->instances.v[i] = v->instances.v[--v->instances.n];
	instance_free(gone);
	close_when_over(v);
}

static void on_give_back(void *arg, struct call *c)
{
	struct invoker *v = arg;

	if (v->closing)
		instance_refuse(&v->host, c, OUTCOME_DEVELOPER, stopped);
	else
		insert(v, &v->first, c);
}

static void start_timers(struct invoker *v)
{
	struct loop *l = v->host.loop;

	v->sampler = loop_timer_start(l, SANDBOX_SAMPLE_MS, 0, on_sample, v);
	v->reaper = loop_timer_start(l, v->idle_ms, 0, on_reap, v);
	v->sampling = v->reaping = true;
}

/* Whatever an earlier server left behind is gone, and the launcher is there. */
static int prepare_folder(struct invoker *v, const char *run_dir, struct err *e)
{
	struct str launcher = {(const char *)embed_python_py, embed_python_py_size};

	if (fs_remove_tree(AT_FDCWD, run_dir, e) < 0 ||
	    fs_make_dirs(AT_FDCWD, run_dir, 0700, e) < 0)
		return -1;
	v->run_dir = realpath(run_dir, NULL);
	if (!v->run_dir)
		return err_sys(e, "cannot find the folder '%s'", run_dir);
	v->launcher = xasprintf("%s/python.py", v->run_dir);
	return fs_write_atomic(AT_FDCWD, v->launcher, launcher, 0400, e);
}

static void release(struct invoker *v)
{
	vec_release(&v->instances);
	free(v->run_dir);
	free(v->launcher);
	free(v->api_host);
	free(v->ns);
	free(v);
}

static void set_limits(struct invoker *v, const struct invoker_options *o)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned twice = cores > 0 && cores < 1024 ? 2 * (unsigned)cores : 2;

	v->max_per_function = twice < MOST_PER_FUNCTION ? twice : MOST_PER_FUNCTION;
	v->max_workers = twice > LEAST_WORKERS ? twice : LEAST_WORKERS;
	if (o->max_workers)
		v->max_workers = o->max_workers;
	v->idle_ms = o->idle_ms ? o->idle_ms : DEFAULT_IDLE_MS;
}

/* So that the first call need not wait for it. */
static void look_for_interpreters(struct invoker *v)
{
	const struct runtime *r;

	for (r = runtimes; r->kind; r++)
		if (strcmp(r->language, "python") == 0)
			(void)pythons_get(v->pythons, r->kind);
}

struct invoker *invoker_new(struct loop *l, const struct invoker_options *o, struct err *e)
{
	struct invoker *v = xcalloc(1, sizeof(*v));

	v->end = &v->first;
	v->api_host = xstrdup(o->api_host);
	v->ns = xstrdup(o->namespace);
	set_limits(v, o);
	if (prepare_folder(v, o->run_dir, e) < 0) {
		release(v);
		return NULL;
	}
	v->host = (struct instance_host){
		.loop = l,
		.run_dir = v->run_dir,
		.launcher = v->launcher,
		.api_host = v->api_host,
		.ns = v->ns,
		.changed = on_changed,
		.gone = on_gone,
		.give_back = on_give_back,
		.arg = v,
	};
	v->pythons = pythons_new(l, on_python, v);
	start_timers(v);
	look_for_interpreters(v);
	return v;
}

void invoker_free(struct invoker *v)
{
	size_t i;

	v->closing = true;
	while (v->first)
		instance_refuse(&v->host, take_out(v, &v->first), OUTCOME_DEVELOPER, stopped);
	for (i = 0; i < v->instances.n; i++)
		instance_abort(v->instances.v[i], stopped);
	pythons_stop(v->pythons);
	loop_timer_stop(v->sampler);
	loop_timer_stop(v->reaper);
	close_when_over(v);
	if (!v->closed)
		loop_run_until(v->host.loop, &v->closed);
	pythons_free(v->pythons);
	release(v);
}

void invoker_run(struct invoker *v, const struct invocation *in)
{
	struct call *c = call_new(in);
	struct instance *idle = v->first || v->closing ? NULL : find_idle(v, c);

	if (v->closing) {
		instance_refuse(&v->host, c, OUTCOME_DEVELOPER, stopped);
	} else if (idle) {
		instance_run(idle, c);
		sample_from_now_on(v);
	} else {
		enqueue(v, c);
		schedule_soon(v);
	}
}

void invoker_retire(struct invoker *v, const char *package, const char *name)
{
	size_t i;

	for (i = 0; i < v->instances.n; i++) {
		struct instance *it = v->instances.v[i];

		if (!instance_is_of(it, package, name))
			continue;
		it->retired = true;
		if (it->state == INSTANCE_IDLE)
			instance_end(it);
	}
	schedule_soon(v);
}

struct json *invoker_describe(struct invoker *v)
{
	struct json *kinds = json_new_array();

	pythons_describe(v->pythons, kinds);
	return kinds;
}
