#include "command.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "build/build.h"
#include "cache/cache.h"
#include "project_flags.h"

struct why_options {
	struct project_flags project;
	bool yarn;
	struct cli_list pass_env;
};

static const struct cli_option why_options[] = {
	CLI_OPT(struct why_options, project.env, "env", 0, CLI_STRING, "FILE",
		"values for ${NAME} in project.yml, instead of the project's .env"),
	CLI_OPT(struct why_options, project.build_env, "build-env", 0, CLI_STRING, "FILE",
		"variables for builds"),
	CLI_OPT(struct why_options, yarn, "yarn", 0, CLI_FLAG, NULL,
		"as if built with yarn where npm would be used"),
	CLI_OPT(struct why_options, pass_env, "build-pass-env", 0, CLI_LIST, "NAME",
		"as if this variable were handed over to the build"),
	CLI_END,
};

/* "1.5 MiB", as the limit is given. */
static void add_bytes(struct strbuf *b, uint64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes / 1024;
	size_t i = 0;

	if (bytes < 1024) {
		strbuf_addf(b, "%llu bytes", (unsigned long long)bytes);
		return;
	}
	for (; value >= 1024 && i + 1 < countof(units); i++)
		value /= 1024;
	strbuf_addf(b, "%.1f %s", value, units[i]);
}

static void show_status(struct context *c, const struct cache *cache,
			const struct cache_usage *usage)
{
	struct strbuf size = STRBUF_INIT, limit = STRBUF_INIT;
	struct json *j;

	if (c->json) {
		j = json_new_object();
		json_set(j, "place", json_new_cstr(cache_place(cache)));
		json_set(j, "entries", json_new_int((int64_t)usage->entries));
		json_set(j, "bytes", json_new_int((int64_t)usage->bytes));
		json_set(j, "limit", json_new_int((int64_t)cache_limit(cache)));
		context_print_json(c, j);
		json_free(j);
		return;
	}
	add_bytes(&size, usage->bytes);
	add_bytes(&limit, cache_limit(cache));
	ui_outf(&c->ui, "%zu entr%s, %s of at most %s, in '%s'\n", usage->entries,
		usage->entries == 1 ? "y" : "ies", size.buf, limit.buf, cache_place(cache));
	strbuf_release(&size);
	strbuf_release(&limit);
}

static int run_status(struct context *c, void *options UNUSED,
		      const struct cli_list *args UNUSED, struct err *e)
{
	struct cache *cache = cache_open(e);
	struct cache_usage usage;
	int rc = -1;

	if (cache)
		rc = cache_usage(cache, &usage, e);
	if (rc == 0)
		show_status(c, cache, &usage);
	cache_close(cache);
	return rc;
}

static void show_cleared(struct context *c, const struct cache_usage *removed)
{
	struct strbuf size = STRBUF_INIT;
	struct json *j;

	if (c->json) {
		j = json_new_object();
		json_set(j, "entries", json_new_int((int64_t)removed->entries));
		json_set(j, "bytes", json_new_int((int64_t)removed->bytes));
		context_print_json(c, j);
		json_free(j);
		return;
	}
	add_bytes(&size, removed->bytes);
	ui_outf(&c->ui, "removed %zu entr%s, %s\n", removed->entries,
		removed->entries == 1 ? "y" : "ies", size.buf);
	strbuf_release(&size);
}

static int run_clear(struct context *c, void *options UNUSED,
		     const struct cli_list *args UNUSED, struct err *e)
{
	struct cache *cache = cache_open(e);
	struct cache_usage removed;
	int rc = -1;

	if (cache)
		rc = cache_clear(cache, &removed, e);
	if (rc == 0)
		show_cleared(c, &removed);
	cache_close(cache);
	return rc;
}

static struct json *why_json(const char *function, const struct build_why *why)
{
	static const char *const states[] = {[BUILD_IN_PLACE] = "unchanged",
					     [BUILD_STORED] = "cached",
					     [BUILD_NEEDED] = "build"};
	struct json *j = json_new_object(), *changes;
	const char *const *name;

	json_set(j, "function", json_new_cstr(function));
	json_set(j, "state", json_new_cstr(why->has_build ? states[why->state] : "none"));
	if (!why->has_build)
		return j;
	changes = json_new_array();
	for (name = why->changes; *name; name++)
		json_push(changes, json_new_cstr(*name));
	json_set(j, "key", json_new_cstr(why->key));
	json_set(j, "built_before", json_new_bool(why->known));
	json_set(j, "reason", why->why_not ? json_new_cstr(why->why_not) : json_new_null());
	json_set(j, "changes", changes);
	return j;
}

static const char *headline(const struct build_why *why)
{
	if (!why->has_build)
		return "has nothing to build";
	if (why->state == BUILD_IN_PLACE)
		return "would not be built: nothing changed since the last build";
	if (why->state == BUILD_STORED)
		return "would not be built: the cache has what the build would make";
	if (!why->known)
		return "would be built: it was not built here before";
	if (why->why_not)
		return "would be built: it is built each time";
	if (!why->ended)
		return "would be built: the last build did not end well";
	if (!*why->changes)
		return "would be built: what the last build made is not there any more";
	return "would be built: what it sees changed since the last build";
}

static void show_why(struct context *c, const char *function, const struct build_why *why)
{
	struct strbuf text = STRBUF_INIT;
	const char *const *name;

	strbuf_addf(&text, "%s: %s\n", function, headline(why));
	if (why->has_build && why->why_not)
		strbuf_addf(&text, "  because %s\n", why->why_not);
	for (name = why->changes; name && *name; name++)
		strbuf_addf(&text, "  %c %s\n", **name, *name + 1);
	if (why->has_build)
		strbuf_addf(&text, "  key %s\n", why->key);
	ui_out_text(&c->ui, strbuf_str(&text));
	strbuf_release(&text);
}

/* The only function of the project: all others are left out. */
static const struct function *only_function(const struct project *p)
{
	size_t i;

	for (i = 0; i < p->packages.n; i++)
		if (p->packages.v[i]->functions.n)
			return p->packages.v[i]->functions.v[0];
	return NULL;
}

static int find_why(struct context *c, const struct why_options *o, struct project *p,
		    struct err *e)
{
	const struct function *f = only_function(p);
	size_t i, n = o->pass_env.items.n;
	const char **names = arena_calloc(&p->arena, n + 1, sizeof(*names));
	struct build b = {.loop = context_loop(c), .project = p};
	struct build_why why;
	struct json *j;

	if (!f)
		return err_set(e, ERR_USAGE, "name one function: PKG/FN");
	for (i = 0; i < n; i++)
		names[i] = o->pass_env.items.v[i];
	b.options = (struct build_options){.yarn = o->yarn, .pass_env = names};
	if (build_find_why(&b, f, &why, e) < 0)
		return -1;
	if (!c->json) {
		show_why(c, function_full_name(p, f), &why);
		return 0;
	}
	j = why_json(function_full_name(p, f), &why);
	context_print_json(c, j);
	json_free(j);
	return 0;
}

static int run_why(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct why_options *o = opt;
	const char *name = args->items.v[0];
	struct project p;
	int rc;

	if (str_ends(str_of(name), "/") || strchr(name, ','))
		return err_set(e, ERR_USAGE, "'%s' is no function: name one as PKG/FN", name);
	if (!strchr(name, '/'))
		return err_set(e, ERR_USAGE,
			       "'%s' is no function of a package; for one without a package "
			       "say 'default/%s'",
			       name, name);
	project_init(&p);
	vec_push(&o->project.include.items, name);
	rc = project_read(c, &o->project, args->items.n > 1 ? args->items.v[1] : ".", &p, e);
	if (rc == 0)
		rc = find_why(c, o, &p, e);
	project_release(&p);
	vec_release(&o->project.include.items); /* of no option, so nobody else does */
	return rc;
}

static const struct command cmd_clear = {
	.name = "clear",
	.args = "",
	.summary = "remove everything that was built or compiled from the cache",
	.run = run_clear,
};

static const struct command cmd_cache_status = {
	.name = "status",
	.args = "",
	.summary = "show where the cache is and how much it holds",
	.run = run_status,
};

static const struct command cmd_why = {
	.name = "why",
	.args = "PKG/FN [DIR]",
	.summary = "show whether a function would be built now, and what changed",
	.help = "DIR is the project's folder, by default the current one.  Nothing is built;\n"
		"names of files, tools and variables are shown, never values.",
	.min_args = 1,
	.max_args = 2,
	.options = why_options,
	.options_size = sizeof(struct why_options),
	.run = run_why,
};

static const struct command *const sub[] = {&cmd_clear, &cmd_cache_status, &cmd_why, NULL};

const struct command cmd_cache = {
	.name = "cache",
	.args = "",
	.summary = "what was built and compiled, kept for the next time: status, clear, why",
	.sub = sub,
};
