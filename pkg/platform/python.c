#include "platform/python.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "proc/proc.h"

enum {
	ASK_MS = 10000,
	STALE_MS = 1000,  /* that there is none is not believed for longer */
	OLDEST_MINOR = 7, /* what the launcher needs */
	MAX_CANDIDATES = 16,
};

static const char question[] =
	"import sys; print(sys.version_info[0], sys.version_info[1], sys.executable)";
static const char only_python[] = "the local platform runs only Python functions so far";

struct candidate {
	char *path;
	dev_t dev;
	ino_t ino;
	bool exact_name;
};

/* One kind; while it is unknown, the search for it. */
struct entry {
	struct entry *next;
	struct pythons *all;
	struct python answer;
	char *kind, *program, *notice, *problem;
	uint64_t minor; /* asked for; 0 = any */
	uint64_t settled_ms;
	VEC(struct candidate) candidates;
	size_t at;
	struct proc *proc;
	struct loop_timer *timeout;
	struct strbuf reply;
	uint64_t other_minor; /* of a Python 3 that will do, in `program` */
};

struct pythons {
	struct loop *l;
	struct entry *first, **end;
	size_t searching;
	bool stopping;
	void (*changed)(void *arg);
	void *arg;
};

struct pythons *pythons_new(struct loop *l, void (*changed)(void *arg), void *arg)
{
	struct pythons *all = xcalloc(1, sizeof(*all));

	all->l = l;
	all->end = &all->first;
	all->changed = changed;
	all->arg = arg;
	return all;
}

static void release_candidates(struct entry *p)
{
	size_t i;

	for (i = 0; i < p->candidates.n; i++)
		free(p->candidates.v[i].path);
	vec_release(&p->candidates);
}

static void entry_free(struct entry *p)
{
	release_candidates(p);
	strbuf_release(&p->reply);
	free(p->kind);
	free(p->program);
	free(p->notice);
	free(p->problem);
	free(p);
}

static void settle(struct entry *p, enum python_state state)
{
	release_candidates(p);
	strbuf_release(&p->reply);
	p->settled_ms = clock_monotonic_ms();
	p->answer = (struct python){
		.kind = p->kind,
		.state = state,
		.program = p->program,
		.notice = p->notice,
		.problem = p->problem,
	};
}

static void end_search(struct entry *p)
{
	struct pythons *all = p->all;

	if (p->program && p->other_minor) {
		p->notice = xasprintf("no Python 3.%d in PATH for %s: it runs with Python "
				      "3.%d (%s)",
				      (int)p->minor, p->kind, (int)p->other_minor, p->program);
	} else if (!p->program) {
		p->problem = xasprintf("there is no Python in PATH to run '%s': install it "
				       "(on Debian the package python3)",
				       p->kind);
	}
	settle(p, p->program ? PYTHON_FOUND : PYTHON_MISSING);
	all->searching--;
	all->changed(all->arg);
}

/* "3 11 /usr/bin/python3.11" */
static bool parse_reply(struct str reply, uint64_t *minor, struct str *program)
{
	struct str rest = reply, field;
	uint64_t major;

	if (!str_next(&rest, ' ', &field) || !str_to_u64(field, &major) || major != 3)
		return false;
	if (!str_next(&rest, ' ', &field) || !str_to_u64(field, minor))
		return false;
	*program = rest;
	return rest.n > 0 && rest.p[0] == '/' && *minor >= OLDEST_MINOR && *minor < 1000;
}

/* True when it is what was asked for. The first other Python 3 is kept for want of a better. */
static bool consider_reply(struct entry *p)
{
	struct str program;
	uint64_t minor;
	bool wanted;

	if (!parse_reply(str_trim(strbuf_str(&p->reply)), &minor, &program))
		return false;
	wanted = p->minor == 0 || minor == p->minor;
	if (!wanted && p->program)
		return false;
	free(p->program);
	p->program = xstrndup(program.p, program.n);
	p->other_minor = wanted ? 0 : minor;
	return wanted;
}

static void ask_next(struct entry *p);

static void on_line(void *arg, enum proc_stream stream, struct str line, bool more)
{
	struct entry *p = arg;

	if (stream == PROC_STDOUT && !more && p->reply.len == 0)
		strbuf_addstr(&p->reply, line);
}

static void on_end(void *arg, const struct proc_end *end)
{
	struct entry *p = arg;

	p->proc = NULL;
	loop_timer_stop(p->timeout);
	p->timeout = NULL;
	if (end->status == 0 && consider_reply(p))
		end_search(p);
	else
		ask_next(p);
}

static void on_timeout(void *arg)
{
	struct entry *p = arg;

	proc_stop(p->proc, 0);
}

static bool ask(struct entry *p, const char *path)
{
	const char *argv[] = {path, "-I", "-c", question, NULL};
	struct proc_spec spec = {
		.file = path,
		.argv = argv,
		.cwd = -1,
		.on_line = on_line,
		.on_end = on_end,
		.arg = p,
		.max_output = 65536,
	};
	struct err e = ERR_INIT;

	strbuf_reset(&p->reply);
	p->proc = proc_start(p->all->l, &spec, &e);
	err_clear(&e); /* a candidate that cannot be run is none */
	if (p->proc)
		p->timeout = loop_timer_start(p->all->l, ASK_MS, 0, on_timeout, p);
	return p->proc != NULL;
}

static void ask_next(struct entry *p)
{
	while (p->at < p->candidates.n && !p->all->stopping)
		if (ask(p, p->candidates.v[p->at++].path))
			return;
	end_search(p);
}

/* /bin and /usr/bin are often the same folder. */
static bool is_known(const struct entry *p, const struct candidate *c)
{
	size_t i;

	for (i = 0; i < p->candidates.n; i++)
		if (p->candidates.v[i].dev == c->dev && p->candidates.v[i].ino == c->ino &&
		    p->candidates.v[i].exact_name == c->exact_name)
			return true;
	return false;
}

static void add_candidate(struct entry *p, char *path, bool exact_name)
{
	struct candidate c = {.path = path, .exact_name = exact_name};
	struct stat st;

	if (!path)
		return;
	if (path[0] != '/' || stat(path, &st) < 0) {
		free(path);
		return;
	}
	c.dev = st.st_dev;
	c.ino = st.st_ino;
	if (p->candidates.n == MAX_CANDIDATES || is_known(p, &c))
		free(path);
	else
		vec_push(&p->candidates, c);
}

/* Every one in PATH, as the first may be a shim without that version. */
static void add_candidates(struct entry *p, const char *name, bool exact_name)
{
	const char *path = getenv("PATH");
	struct str rest = str_of(path ? path : "/usr/bin:/bin"), field;
	char *folder;

	while (str_next(&rest, ':', &field)) {
		folder = xstrndup(field.p, field.n);
		add_candidate(p, proc_find(name, folder), exact_name);
		free(folder);
	}
}

static void search(void *arg)
{
	struct entry *p = arg;
	char *name;

	if (p->minor) {
		name = xasprintf("python3.%d", (int)p->minor);
		add_candidates(p, name, true);
		free(name);
	}
	add_candidates(p, "python3", false);
	ask_next(p);
}

/* "python:3.11" gives 11; "python:3" and "python:default" any, 0. */
static uint64_t minor_of(struct str version)
{
	uint64_t minor;

	if (!str_starts(version, "3.") || !str_to_u64(str_from(version, 2), &minor) ||
	    minor > 999)
		return 0;
	return minor;
}

static bool is_python(const char *kind)
{
	return str_starts(str_of(kind), "python:");
}

static struct entry *entry_new(struct pythons *all, const char *kind)
{
	struct entry *p = xcalloc(1, sizeof(*p));

	p->all = all;
	p->kind = xstrdup(kind);
	p->reply = STRBUF_INIT;
	p->answer = (struct python){.kind = p->kind};
	*all->end = p;
	all->end = &p->next;
	if (!is_python(kind)) {
		p->problem = xasprintf("%s, not '%s'", only_python, kind);
		settle(p, PYTHON_MISSING);
		return p;
	}
	p->minor = minor_of(str_from(str_of(kind), sizeof("python:") - 1));
	all->searching++;
	loop_defer(all->l, search, p);
	return p;
}

static bool is_stale(const struct entry *p)
{
	return p->answer.state == PYTHON_MISSING &&
	       clock_monotonic_ms() - p->settled_ms > STALE_MS;
}

const struct python *pythons_get(struct pythons *all, const char *kind)
{
	struct entry *p = all->first;

	while (p && strcmp(p->kind, kind) != 0)
		p = p->next;
	if (p && !is_stale(p))
		return &p->answer;
	pythons_forget(all, kind);
	return &entry_new(all, kind)->answer;
}

void pythons_forget(struct pythons *all, const char *kind)
{
	struct entry **link = &all->first, *p;

	while ((p = *link)) {
		if (p->answer.state == PYTHON_UNKNOWN || strcmp(p->kind, kind) != 0) {
			link = &p->next;
			continue;
		}
		*link = p->next;
		entry_free(p);
	}
	all->end = link;
}

static char *describe(const struct python *p)
{
	switch (p->state) {
	case PYTHON_UNKNOWN: return xasprintf("%s: being looked for", p->kind);
	case PYTHON_MISSING: return xasprintf("%s: %s", p->kind, p->problem);
	case PYTHON_FOUND: break;
	}
	return p->notice ? xstrdup(p->notice) : xasprintf("%s: %s", p->kind, p->program);
}

void pythons_describe(const struct pythons *all, struct json *array)
{
	const struct entry *p;
	char *text;

	for (p = all->first; p; p = p->next) {
		if (!is_python(p->kind))
			continue;
		text = describe(&p->answer);
		json_push(array, json_new_cstr(text));
		free(text);
	}
	json_push(array, json_new_cstr(only_python));
}

void pythons_stop(struct pythons *all)
{
	struct entry *p;

	all->stopping = true;
	for (p = all->first; p; p = p->next)
		if (p->proc)
			proc_stop(p->proc, 0);
}

bool pythons_are_searching(const struct pythons *all)
{
	return all->searching > 0;
}

void pythons_free(struct pythons *all)
{
	struct entry *p;

	while ((p = all->first)) {
		all->first = p->next;
		entry_free(p);
	}
	free(all);
}
