#include "platform/firing.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "platform/invoke.h"
#include "platform/params.h"
#include "project/project.h"

bool firing_split(struct arena *a, const char *function, const char **package,
		  const char **name)
{
	const char *slash = strchr(function, '/');
	struct str before = {function, slash ? (size_t)(slash - function) : 0};

	*name = slash ? slash + 1 : function;
	*package = str_is(before, "default") ? "" : arena_strndup(a, function, before.n);
	return name_is_valid(str_of(*name)) && (!slash || name_is_valid(before));
}

static bool start(struct api *a, struct target *t, const struct json *body)
{
	struct strbuf args = STRBUF_INIT;
	struct err e = ERR_INIT;
	char transaction[33], id[ACTIVATION_ID];
	struct invoke_request q = {.target = t, .transaction = transaction};
	bool full;

	random_hex(transaction, 16);
	params_write_args(&args, t->params, body);
	q.payload = strbuf_str(&args);
	full = invoke_start(a, &q, id, &e) < 0 && e.status == 429;
	err_clear(&e);
	strbuf_release(&args);
	return !full;
}

/*
 * A call without an answer, as any that does not wait.  One that such a call
 * would refuse (the function is gone, or has fixed the body's parameters since
 * the trigger was made) is none, and over.
 */
bool firing_fire(void *arg, const struct trigger_row *row)
{
	struct api *a = arg;
	struct arena mem = ARENA_INIT;
	struct err e = ERR_INIT;
	struct json *body = row->body ? json_parse(str_of(row->body), &e) : NULL;
	const char *package, *name;
	struct target *t = NULL;
	bool over = true;

	if (firing_split(&mem, row->function, &package, &name))
		t = target_get(&a->targets, package, name, &e);
	if (t && !(t->fixed && params_collide(t->fixed, body)))
		over = start(a, t, body);
	target_unref(t);
	json_free(body);
	err_clear(&e);
	arena_release(&mem);
	return over;
}

static int64_t shifted_now(void *arg)
{
	const struct api *a = arg;

	return (int64_t)clock_realtime_ms() + a->o.clock_shift_ms;
}

int api_start_triggers(struct api *a, struct err *e)
{
	struct scheduler_options o = {
		.loop = a->o.loop,
		.entities = a->o.entities,
		.now = shifted_now,
		.fire = firing_fire,
		.arg = a,
	};

	a->scheduler = scheduler_new(&o, e);
	return a->scheduler ? 0 : -1;
}

void api_stop_triggers(struct api *a)
{
	scheduler_free(a->scheduler);
	a->scheduler = NULL;
}
