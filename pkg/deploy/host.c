#include "deploy/host.h"

#include <string.h>

#include "runtime/runtime.h"

/* It ends up in messages, and as a list of a few words. */
static bool is_kind(struct str kind)
{
	size_t i;

	for (i = 0; i < kind.n; i++)
		if (kind.p[i] <= ' ' || kind.p[i] > '~')
			return false;
	return kind.n > 0 && kind.n <= HOST_MAX_KIND;
}

static void take_kind(struct host_runtimes *h, const struct json *item)
{
	struct str kind = json_str(json_get(item, "kind"));
	const char *own;

	if (!is_kind(kind) || h->kinds.n >= HOST_MAX_KINDS)
		return;
	own = arena_strndup(&h->arena, kind.p, kind.n);
	vec_push(&h->kinds, own);
	if (json_is_true(json_get(item, "deprecated")))
		vec_push(&h->deprecated, own);
}

void host_runtimes_take(struct host_runtimes *h, const struct json *info)
{
	const struct json *language, *item;

	for (language = json_first(json_get(info, "runtimes")); language;
	     language = json_next(language))
		for (item = json_first(language); item; item = json_next(item))
			take_kind(h, item);
	if (h->kinds.n)
		vec_push(&h->kinds, NULL);
}

void host_runtimes_ask(struct host_runtimes *h, struct whisk *w)
{
	struct err ignored = ERR_INIT;
	struct json *info = whisk_host_info(w, WHISK_ONCE, &ignored);

	host_runtimes_take(h, info);
	json_free(info);
	err_clear(&ignored);
}

const char *const *host_kinds(const struct host_runtimes *h)
{
	return h->kinds.n ? h->kinds.v : NULL;
}

/* OpenWhisk notes the kind of what runs, with "default" made a version. */
static bool is_live_with(const struct live_function *f, struct str runtime)
{
	struct str kind;

	if (!f)
		return false;
	kind = json_str(whisk_annotation(f->item, "exec"));
	if (str_ends(runtime, ":default"))
		return kind.n && str_eq(runtime_language(kind), runtime_language(runtime));
	return kind.n && str_eq(kind, runtime);
}

static bool has_runtime(const struct function *f)
{
	return f->runtime && !f->docker && !function_is_sequence(f);
}

bool host_runtimes_matter(struct project *p, const struct live *live)
{
	const struct package *pkg;
	size_t i, j;

	for (i = 0; i < p->packages.n; i++) {
		pkg = p->packages.v[i];
		for (j = 0; j < pkg->functions.n; j++) {
			const struct function *f = pkg->functions.v[j];
			const char *name;

			if (!has_runtime(f))
				continue;
			name = function_full_name(p, f);
			if (!is_live_with(live_function(live, name), str_of(f->runtime)))
				return true;
		}
	}
	return false;
}

static bool is_deprecated(const struct host_runtimes *h, const char *kind)
{
	size_t i;

	for (i = 0; i < h->deprecated.n; i++)
		if (strcmp(h->deprecated.v[i], kind) == 0)
			return true;
	return false;
}

/* At the key `runtime`, or about the file whose name tells it. */
static void report(const struct project *p, const struct function *f, enum diag_level level,
		   struct diags *d, const char *text)
{
	if (f->at.runtime.line)
		diags_add(d, level, &p->config, f->at.runtime, "%s", text);
	else
		diags_add_path(d, level, f->source ? f->source : f->name, "%s", text);
}

static void check_function(const struct project *p, const struct function *f,
			   const struct host_runtimes *h, struct diags *d)
{
	struct str runtime = str_of(f->runtime);
	enum diag_level level = DIAG_ERROR;
	struct strbuf text = STRBUF_INIT;

	if (!runtime_is_known(runtime, host_kinds(h))) {
		runtime_describe_unknown(&text, runtime,
					 arena_printf(&d->arena, "'%s'", f->runtime),
					 host_kinds(h));
		strbuf_adds(&text, " (what the connected host lists)");
	} else if (is_deprecated(h, f->runtime)) {
		level = DIAG_WARNING;
		strbuf_addf(&text,
			    "the connected host will drop the runtime '%s'; take a newer one",
			    f->runtime);
	}
	if (text.len)
		report(p, f, level, d, text.buf);
	strbuf_release(&text);
}

void host_runtimes_check(const struct project *p, const struct host_runtimes *h,
			 struct diags *d)
{
	size_t i, j;

	for (i = 0; i < p->packages.n && host_kinds(h); i++) {
		const struct package *pkg = p->packages.v[i];

		for (j = 0; j < pkg->functions.n; j++)
			if (has_runtime(pkg->functions.v[j]))
				check_function(p, pkg->functions.v[j], h, d);
	}
}

void host_runtimes_release(struct host_runtimes *h)
{
	vec_release(&h->kinds);
	vec_release(&h->deprecated);
	arena_release(&h->arena);
}
