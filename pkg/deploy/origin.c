#include "deploy/origin.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "proc/proc.h"

enum { GIT_TIMEOUT_MS = 2000, GIT_OUTPUT_MAX = 1024 * 1024, COMMIT_DIGITS = 8 };

struct git {
	struct loop *loop;
	int root_fd;
	VEC(const char *) env;
};

/* Without the variables that would turn git to another repository, as in a hook. */
static void take_environment(struct git *g)
{
	char **v;

	for (v = environ; *v; v++)
		if (strncmp(*v, "GIT_", 4) != 0)
			vec_push(&g->env, *v);
	vec_push(&g->env, NULL);
}

/* Its output without the last line end; false when it failed. */
static bool ask(const struct git *g, const char *const *argv, struct strbuf *out)
{
	struct proc_spec spec = {
		.file = "git", .argv = argv, .envp = g->env.v, .cwd = g->root_fd};
	struct err ignored = ERR_INIT;
	struct proc_end end = {0};
	int r;

	*out = STRBUF_MAX(GIT_OUTPUT_MAX);
	r = proc_capture(g->loop, &spec, out, GIT_TIMEOUT_MS, &end, &ignored);
	err_clear(&ignored);
	if (r == 0 && end.status == 0)
		return true;
	strbuf_release(out);
	return false;
}

bool origin_add_repository(struct strbuf *out, struct str url)
{
	const char *scheme = url.n ? memmem(url.p, url.n, "://", 3) : NULL, *at, *colon, *slash;
	size_t head = scheme ? (size_t)(scheme - url.p) + 3 : 0;
	struct str rest = str_from(url, head);

	if (rest.n == 0 || str_starts(url, "file:") || !utf8_is_valid(url))
		return false;
	slash = memchr(rest.p, '/', rest.n);
	colon = memchr(rest.p, ':', rest.n);
	if (!scheme && (!colon || (slash && slash < colon)))
		return false; /* a path of this machine */
	at = memrchr(rest.p, '@', scheme && slash ? (size_t)(slash - rest.p) : rest.n);
	strbuf_add(out, url.p, head);
	if (at)
		rest = str_from(rest, (size_t)(at - rest.p) + 1);
	strbuf_addstr(out, rest);
	return true;
}

static void add_path(struct json *to, struct str prefix)
{
	prefix.n -= str_ends(prefix, "/");
	json_set(to, "projectPath", prefix.n ? json_new_str(prefix) : json_new_cstr("."));
}

static void add_repository(struct json *to, const struct git *g)
{
	static const char *const argv[] = {"git", "config", "--get", "remote.origin.url", NULL};
	struct strbuf url = STRBUF_INIT, told = STRBUF_INIT;

	if (ask(g, argv, &url) && origin_add_repository(&told, str_trim(strbuf_str(&url))))
		json_set(to, "repository", json_new_str(strbuf_str(&told)));
	strbuf_release(&url);
	strbuf_release(&told);
}

/* "# branch.oid HASH" among the headers; any other line is a file that is not as committed. */
static void add_commit(struct json *to, const struct git *g)
{
	static const char *const argv[] = {"git",      "--no-optional-locks",
					   "-c",       "core.fsmonitor=false",
					   "status",   "--porcelain=v2",
					   "--branch", "--",
					   ".",        NULL};
	struct str rest, line, hash = {NULL, 0};
	struct strbuf out = STRBUF_INIT, commit = STRBUF_INIT;
	bool dirty = false;

	if (!ask(g, argv, &out))
		return;
	rest = strbuf_str(&out);
	while (str_next(&rest, '\n', &line)) {
		if (str_starts(line, "# branch.oid "))
			hash = str_from(line, strlen("# branch.oid "));
		dirty = dirty || (line.n > 0 && line.p[0] != '#');
	}
	if (hash.n > COMMIT_DIGITS) { /* and not "(initial)" */
		strbuf_addf(&commit, "%.*s%s", COMMIT_DIGITS, hash.p, dirty ? "++" : "");
		if (hash.p[0] != '(')
			json_set(to, "commit", json_new_str(strbuf_str(&commit)));
	}
	strbuf_release(&commit);
	strbuf_release(&out);
}

struct json *origin_of(struct loop *l, int root_fd)
{
	static const char *const argv[] = {"git", "rev-parse", "--show-prefix", NULL};
	struct git g = {.loop = l, .root_fd = root_fd};
	struct json *origin = json_new_object();
	struct strbuf prefix = STRBUF_INIT;

	take_environment(&g);
	if (ask(&g, argv, &prefix)) {
		add_repository(origin, &g);
		add_commit(origin, &g);
		add_path(origin, str_trim(strbuf_str(&prefix)));
	}
	strbuf_release(&prefix);
	vec_release(&g.env);
	return origin;
}
