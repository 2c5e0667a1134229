#include "platform/instance.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "fs/fs.h"
#include "platform/code.h"
#include "platform/outcome.h"

enum { START_MS = 30000, NAME_BYTES = 8 };

static const char incomplete[] =
	"The action did not initialize or run as expected. Log data might be missing.";
static const char no_init[] = "Cannot initialize function. Check logs for details.";

static void deliver(struct instance_host *h, struct call *c, struct invocation_end *end)
{
	end->cold = c->cold;
	end->end_ms = (int64_t)clock_realtime_ms();
	end->start_ms = c->start_ms ? c->start_ms : end->end_ms;
	end->init_ms = c->init_ms;
	end->wait_ms = end->start_ms - c->arrived_ms;
	h->calling++;
	c->in.done(c->in.arg, end);
	h->calling--;
	call_free(c);
}

void instance_refuse(struct instance_host *h, struct call *c, enum outcome outcome,
		     const char *text)
{
	struct strbuf scratch = STRBUF_INIT;
	struct invocation_end end = {0};

	outcome_set(&end, outcome, &scratch, "%s", text);
	deliver(h, c, &end);
	strbuf_release(&scratch);
}

/* Ends the call with what *end says so far. */
static void finish(struct instance *i, struct invocation_end *end)
{
	struct logs *logs = worker_logs(i->w);
	struct call *c = i->call;

	i->call = NULL;
	end->notice = i->notice;
	end->logs = logs_finish(logs, end->outcome >= OUTCOME_DEVELOPER ? incomplete : NULL,
				clock_realtime_ns(), &end->logs_n);
	deliver(i->host, c, end);
	logs_clear(logs);
}

static void fail(struct instance *i, struct invocation_end *end)
{
	instance_end(i);
	finish(i, end);
	i->host->changed(i->host->arg);
}

static void fail_with(struct instance *i, const char *text)
{
	struct invocation_end end = {0};

	outcome_set(&end, OUTCOME_DEVELOPER, &i->scratch, "%s", text);
	fail(i, &end);
}

static void removed(void *arg)
{
	struct instance *i = arg;

	i->host->gone(i->host->arg, i);
}

static void remove_folder(void *arg)
{
	struct instance *i = arg;
	struct err e = ERR_INIT;

	/* What cannot be removed now goes with the next start of the platform. */
	if (fs_remove_tree(AT_FDCWD, i->folder, &e) < 0)
		err_clear(&e);
}

static void leave_when_over(struct instance *i)
{
	if (i->w || i->jobs)
		return;
	i->jobs = true;
	loop_work(i->host->loop, remove_folder, removed, i);
}

static void begin_run(struct instance *i)
{
	struct call *c = i->call;

	if (!c->start_ms)
		c->start_ms = (int64_t)clock_realtime_ms();
	i->state = INSTANCE_RUN;
	call_write_run(c, i->host->ns, worker_request(i->w));
	worker_send(i->w, (uint64_t)c->in.timeout_ms);
}

static void begin_init_when_ready(struct instance *i)
{
	struct call *c = i->call;

	if (!i->ready || !i->unpacked)
		return;
	c->start_ms = (int64_t)clock_realtime_ms();
	i->state = INSTANCE_INIT;
	call_write_init(c, i->host->ns, worker_request(i->w));
	worker_send(i->w, (uint64_t)c->in.timeout_ms);
}

static void end_init(struct instance *i)
{
	i->call->init_ms = (int64_t)clock_realtime_ms() - i->call->start_ms;
	if (str_is(worker_answer(i->w), "{\"ok\":true}"))
		begin_run(i);
	else
		fail_with(i, "The function did not initialize properly.");
}

static void end_run(struct instance *i)
{
	struct invocation_end end = {0};

	outcome_of_answer(&end, worker_answer(i->w), worker_answer_size(i->w), &i->scratch);
	if (end.outcome >= OUTCOME_DEVELOPER) {
		fail(i, &end);
		return;
	}
	/* Busy until the caller has read logs and result, which the next call overwrites. */
	finish(i, &end);
	if (i->state != INSTANCE_RUN)
		return;
	i->state = INSTANCE_IDLE;
	i->idle_since = clock_monotonic_ms();
	if (i->retired)
		instance_end(i);
	i->host->changed(i->host->arg);
}

static void on_answer(struct instance *i)
{
	switch (i->state) {
	case INSTANCE_STARTING:
		i->ready = true;
		begin_init_when_ready(i);
		break;
	case INSTANCE_INIT: end_init(i); break;
	case INSTANCE_RUN: end_run(i); break;
	case INSTANCE_IDLE:
	case INSTANCE_ENDING: break;
	}
}

static void time_out(struct instance *i, struct invocation_end *end)
{
	long long limit = i->call->in.timeout_ms;

	if (i->state == INSTANCE_STARTING) {
		outcome_set(end, OUTCOME_WHISK, &i->scratch,
			    "the interpreter did not start within %d seconds", START_MS / 1000);
		return;
	}
	end->timed_out = true;
	outcome_set(end, OUTCOME_DEVELOPER, &i->scratch,
		    "The action exceeded its time limits of %lld milliseconds%s", limit,
		    i->state == INSTANCE_INIT ? " during initialization." : ".");
}

/* The worker is gone and has left the call without an answer. */
static void end_without_answer(struct instance *i)
{
	struct invocation_end end = {0};

	switch (worker_why(i->w)) {
	case WORKER_TIME: time_out(i, &end); break;
	case WORKER_MEMORY:
		outcome_set(&end, OUTCOME_DEVELOPER, &i->scratch,
			    "The action exhausted its memory and was aborted.");
		break;
	case WORKER_EXITED:
	case WORKER_UNREAD:
	case WORKER_STOPPED:
		outcome_set(&end, OUTCOME_DEVELOPER, &i->scratch, "%s",
			    i->state == INSTANCE_RUN ? "command exited" : no_init);
		break;
	}
	finish(i, &end);
}

/* It ended between two calls, and this one came in the moment before that was known. */
static bool was_not_begun(const struct instance *i)
{
	return worker_why(i->w) == WORKER_UNREAD && i->state == INSTANCE_RUN &&
	       !i->call->cold && !i->call->again;
}

static void give_back(struct instance *i)
{
	struct call *c = i->call;

	i->call = NULL;
	c->again = true;
	c->start_ms = 0;
	i->host->give_back(i->host->arg, c);
}

static void on_worker_end(struct instance *i)
{
	if (i->call && was_not_begun(i))
		give_back(i);
	else if (i->call)
		end_without_answer(i);
	i->w = NULL;
	i->state = INSTANCE_ENDING;
	i->host->changed(i->host->arg);
	leave_when_over(i);
}

static void on_event(void *arg, enum worker_event event)
{
	struct instance *i = arg;

	if (event == WORKER_ENDED)
		on_worker_end(i);
	else
		on_answer(i);
}

static void on_unpacked(void *arg, const struct err *e)
{
	struct instance *i = arg;

	i->jobs = false;
	i->unpacked = true;
	if (!i->w) {
		leave_when_over(i);
	} else if (i->state != INSTANCE_STARTING) {
		return; /* ended meanwhile */
	} else if (e->code) {
		logs_add(worker_logs(i->w), true, str_of(e->msg), false, clock_realtime_ns());
		fail_with(i, no_init);
	} else {
		begin_init_when_ready(i);
	}
}

static struct instance *instance_new(struct instance_host *h, const struct call *c,
				     const char *notice)
{
	struct instance *i = xcalloc(1, sizeof(*i));
	char name[2 * NAME_BYTES + 1];

	random_hex(name, NAME_BYTES);
	*i = (struct instance){
		.host = h,
		.package = xstrdup(c->in.package),
		.name = xstrdup(c->in.name),
		.revision = xstrdup(c->in.revision),
		.notice = notice ? xstrdup(notice) : NULL,
		.folder = xasprintf("%s/%s", h->run_dir, name),
		.dir = -1,
		.scratch = STRBUF_INIT,
	};
	return i;
}

void instance_free(struct instance *i)
{
	if (i->dir >= 0)
		(void)close(i->dir);
	strbuf_release(&i->scratch);
	free(i->package);
	free(i->name);
	free(i->revision);
	free(i->notice);
	free(i->folder);
	free(i);
}

static int make_folder(struct instance *i, struct err *e)
{
	if (mkdir(i->folder, 0700) < 0)
		return err_sys(e, "cannot make the folder '%s'", i->folder);
	i->dir = fs_open_dir(AT_FDCWD, i->folder, e);
	return i->dir < 0 ? -1 : 0;
}

static int start_worker(struct instance *i, const struct call *c, const char *program,
			struct err *e)
{
	const char *path = getenv("PATH");
	char *env[] = {
		xasprintf("HOME=%s", i->folder),
		xasprintf("PATH=%s", path ? path : "/usr/local/bin:/usr/bin:/bin"),
		xasprintf("__OW_API_HOST=%s", i->host->api_host),
	};
	const char *envp[] = {env[0], env[1], env[2], "LC_CTYPE=C.UTF-8", NULL};
	struct worker_spec spec = {
		.program = program,
		.launcher = i->host->launcher,
		.envp = envp,
		.cwd = i->dir,
		.log_limit = (size_t)c->in.logs_kb * 1024,
		.start_ms = START_MS,
		.on_event = on_event,
		.arg = i,
	};
	size_t n;

	i->w = worker_start(i->host->loop, &spec, e);
	for (n = 0; n < countof(env); n++)
		free(env[n]);
	return i->w ? 0 : -1;
}

struct instance *instance_start(struct instance_host *h, struct call *c, const char *program,
				const char *notice, struct err *e)
{
	struct instance *i = instance_new(h, c, notice);
	struct strbuf code = STRBUF_INIT;

	if (c->in.code(c->in.arg, &code, e) < 0 || make_folder(i, e) < 0)
		goto fail;
	if (start_worker(i, c, program, e) < 0) {
		remove_folder(i);
		goto fail;
	}
	c->cold = true;
	i->call = c;
	i->jobs = true;
	code_unpack(h->loop, i->dir, &code, c->in.binary, on_unpacked, i);
	return i;
fail:
	strbuf_release(&code);
	instance_free(i);
	return NULL;
}

void instance_run(struct instance *i, struct call *c)
{
	i->call = c;
	begin_run(i);
}

bool instance_is_usable(const struct instance *i)
{
	return i->state == INSTANCE_IDLE && worker_is_usable(i->w);
}

bool instance_is_of(const struct instance *i, const char *package, const char *name)
{
	return strcmp(i->name, name) == 0 && strcmp(i->package, package) == 0;
}

void instance_check_memory(struct instance *i)
{
	if (i->call)
		worker_check_memory(i->w, (uint64_t)i->call->in.memory_mb * 1024 * 1024);
}

void instance_end(struct instance *i)
{
	if (i->w)
		worker_stop(i->w);
	i->state = INSTANCE_ENDING;
}

void instance_abort(struct instance *i, const char *text)
{
	struct invocation_end end = {0};

	if (i->call) {
		outcome_set(&end, OUTCOME_DEVELOPER, &i->scratch, "%s", text);
		finish(i, &end);
	}
	instance_end(i);
}
