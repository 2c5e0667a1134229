#include "deploy/live.h"

#include <string.h>

/* A server that gives the same page again and again must not fill the memory. */
enum { MOST_PAGES = 500 };

static const char default_package[] = "default";

typedef void ask_fn(struct whisk *w, unsigned skip, whisk_list_fn *listed, void *arg);

/* One of the two lists, as far as it was asked for. */
struct listing {
	struct reader *reader;
	ask_fn *ask;
	void (*take)(struct live *live, const struct json *item);
	unsigned asked; /* pages */
	bool ended;     /* a page was not full */
};

struct reader {
	struct live *live;
	struct whisk *whisk;
	size_t waiting;
	bool idle;
	struct err failure; /* the first one */
};

static void learn_namespace(struct live *live, struct str ns)
{
	if (!live->namespace && ns.n > 0)
		live->namespace = arena_strndup(&live->arena, ns.p, ns.n);
}

/* An item's namespace is "ns", or "ns/p" for a function of the package p. */
static void take_function(struct live *live, const struct json *item)
{
	struct str rest = json_str(json_get(item, "namespace")), ns = {NULL, 0};
	const char *name = json_cstr(json_get(item, "name"));
	struct live_function *f;

	if (!name || !rest.p || !str_next(&rest, '/', &ns))
		return;
	f = arena_new(&live->arena, struct live_function);
	f->item = item;
	f->package = rest.n ? arena_strndup(&live->arena, rest.p, rest.n) : default_package;
	f->name = rest.n ? arena_printf(&live->arena, "%s/%s", f->package, name) : name;
	learn_namespace(live, ns);
	if (!names_add(&live->function_names, f))
		vec_push(&live->functions, f);
}

static void take_package(struct live *live, const struct json *item)
{
	const char *name = json_cstr(json_get(item, "name"));
	struct live_package *pkg;

	if (!name)
		return;
	pkg = arena_new(&live->arena, struct live_package);
	*pkg = (struct live_package){name, item};
	learn_namespace(live, json_str(json_get(item, "namespace")));
	if (!names_add(&live->package_names, pkg))
		vec_push(&live->packages, pkg);
}

static void page_came(void *arg, struct json *list, struct err *failure)
{
	struct listing *g = arg;
	struct reader *r = g->reader;
	const struct json *item;

	r->waiting--;
	r->idle = r->waiting == 0;
	if (!list) {
		if (r->failure.code == ERR_OK)
			err_move(&r->failure, failure);
		return;
	}
	vec_push(&r->live->lists, list);
	for (item = json_first(list); item; item = json_next(item))
		g->take(r->live, item);
	if (json_count(list) < WHISK_PAGE)
		g->ended = true;
}

static void ask_until(struct listing *g, unsigned pages)
{
	struct reader *r = g->reader;

	for (; !g->ended && g->asked < pages; g->asked++) {
		r->waiting++;
		r->idle = false;
		g->ask(r->whisk, g->asked * WHISK_PAGE, page_came, g);
	}
}

/* Nothing but the functions of p, and all of them. */
static bool is_exactly(const struct live *live, const struct project *p)
{
	const struct package *pkg;
	const char *base;
	size_t i;

	if (!p || live->functions.n != project_function_count(p))
		return false;
	for (i = 0; i < live->functions.n; i++) {
		base = strrchr(live->functions.v[i]->name, '/');
		base = base ? base + 1 : live->functions.v[i]->name;
		pkg = project_package(p, live->functions.v[i]->package);
		if (!pkg || !package_function(pkg, base))
			return false;
	}
	return true;
}

static int wait_for_pages(struct loop *l, struct reader *r, struct err *e)
{
	if (r->waiting)
		loop_run_until(l, &r->idle);
	if (r->failure.code == ERR_OK)
		return 0;
	err_move(e, &r->failure);
	return -1;
}

/*
 * The first page of both lists, then together as many as the project lets
 * expect, then one by one.
 */
static int read_pages(struct loop *l, struct reader *r, const struct project *p, struct err *e)
{
	struct listing functions = {.reader = r, .ask = whisk_list_functions};
	struct listing packages = {.reader = r, .ask = whisk_list_packages};
	bool cut = false;
	size_t expected = p ? (project_function_count(p) + WHISK_PAGE - 1) / WHISK_PAGE : 0;

	functions.take = take_function;
	packages.take = take_package;
	while (!functions.ended || !packages.ended) {
		if (functions.asked >= MOST_PAGES || packages.asked >= MOST_PAGES)
			return err_set(e, ERR_REMOTE,
				       "the server's list of functions does not end");
		ask_until(&packages, packages.asked + 1);
		if (functions.asked == 1 && expected > 1 && expected <= MOST_PAGES)
			ask_until(&functions, (unsigned)expected);
		else
			ask_until(&functions, functions.asked + 1);
		if (wait_for_pages(l, r, e) < 0)
			return -1;
		if (!functions.ended && is_exactly(r->live, p))
			functions.ended = cut = true;
	}
	r->live->whole = !cut;
	return 0;
}

int live_read(struct loop *l, struct whisk *w, const struct project *p, struct live *live,
	      struct err *e)
{
	struct reader r = {.live = live, .whisk = w, .failure = ERR_INIT};

	*live = (struct live){.arena = ARENA_INIT};
	return read_pages(l, &r, p, e);
}

const struct live_function *live_function(const struct live *live, const char *full_name)
{
	return names_find(&live->function_names, full_name);
}

const struct live_package *live_package(const struct live *live, const char *name)
{
	return names_find(&live->package_names, name);
}

void live_release(struct live *live)
{
	size_t i;

	for (i = 0; i < live->lists.n; i++)
		json_free(live->lists.v[i]);
	vec_release(&live->lists);
	vec_release(&live->functions);
	vec_release(&live->packages);
	names_release(&live->function_names);
	names_release(&live->package_names);
	arena_release(&live->arena);
}
