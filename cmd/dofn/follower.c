#include "follower.h"

#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/vec.h"
#include "proc/proc.h"

enum { STOP_GRACE_MS = 2000 };

struct follower {
	struct context *context;
	struct proc *proc;
	bool stopping, ended;
};

/* What it says about itself ("following the logs") is known to who started it. */
static void on_line(void *arg, enum proc_stream stream, struct str line, bool more)
{
	struct follower *f = arg;
	struct strbuf text = STRBUF_INIT;

	if (stream == PROC_STDERR) {
		ui_say(&f->context->ui, "%.*s", STR_ARG(line));
		return;
	}
	strbuf_addstr(&text, line);
	if (!more)
		strbuf_addc(&text, '\n');
	ui_out_text(&f->context->ui, strbuf_str(&text));
	strbuf_release(&text);
}

static void on_end(void *arg, const struct proc_end *end UNUSED)
{
	struct follower *f = arg;

	f->proc = NULL;
	f->ended = true;
	if (!f->stopping && !loop_interrupted(f->context->loop))
		ui_warn(&f->context->ui, "the logs are no longer followed");
}

/* Keys go by the environment: arguments are for everyone on the machine to read. */
static const char *const *make_environment(const struct connection_flags *flags,
					   struct arena *a)
{
	VEC(const char *) list = {0};
	const char **env;
	size_t i;

	for (i = 0; environ[i]; i++)
		if (!flags->apihost || (!str_starts(str_of(environ[i]), "DOFN_APIHOST=") &&
					!str_starts(str_of(environ[i]), "DOFN_AUTH=")))
			vec_push(&list, environ[i]);
	if (flags->apihost)
		vec_push(&list, arena_printf(a, "DOFN_APIHOST=%s", flags->apihost));
	if (flags->auth)
		vec_push(&list, arena_printf(a, "DOFN_AUTH=%s", flags->auth));
	env = arena_calloc(a, list.n + 1, sizeof(*env));
	if (list.n)
		memcpy(env, list.v, list.n * sizeof(*env));
	vec_release(&list);
	return env;
}

struct follower *follower_start(struct context *c, const struct connection_flags *flags,
				struct err *e)
{
	const char *argv[] = {"dofn", "activations", "logs", "--follow", "--quiet",
			      NULL,   NULL,          NULL,   NULL};
	struct proc_spec spec = {.argv = argv, .cwd = -1, .on_line = on_line, .on_end = on_end};
	struct arena a = ARENA_INIT;
	struct follower *f;
	size_t n = 5;

	spec.file = context_program(c, e);
	if (!spec.file)
		return NULL;
	if (flags->insecure)
		argv[n++] = "--insecure";
	if (c->json) {
		argv[n++] = "--output";
		argv[n] = "json";
	}
	f = xcalloc(1, sizeof(*f));
	f->context = c;
	spec.arg = f;
	spec.envp = make_environment(flags, &a);
	f->proc = proc_start(context_loop(c), &spec, e);
	arena_release(&a);
	if (!f->proc) {
		free(f);
		f = NULL;
	}
	return f;
}

void follower_stop(struct follower *f)
{
	if (!f)
		return;
	f->stopping = true;
	if (f->proc)
		proc_stop(f->proc, STOP_GRACE_MS);
	loop_run_until(f->context->loop, &f->ended);
	free(f);
}
