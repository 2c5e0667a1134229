#include "verify/python.h"

#include "base/utf8.h"
#include "fs/fs.h"
#include "runtime/runtime.h"
#include "zip/zip.h"

/* The platform takes no more (platform.md 1.4). */
enum { ARCHIVE_MAX = 48 * 1024 * 1024 };

/* What the platform unpacks at most. */
static const struct zip_limits limits = {
	.max_bytes = 512ull << 20,
	.max_entries = 100000,
};

/* The page tells what 3.9 and 3.11 have; ":default" is what the server makes of it. */
static bool is_sure(const char *runtime)
{
	return str_is(str_of(runtime), "python:3.9") ||
	       str_is(str_of(runtime), "python:3.11") ||
	       runtime_python_minor(str_of(runtime)) == 11;
}

static void report(struct python_check *c, enum diag_level level, const char *text)
{
	diags_add_path(c->d, level, c->v->function->source, "%s", text);
}

static struct str wanted_main(const struct python_check *c)
{
	return str_of(c->v->function->main ? c->v->function->main : "main");
}

/* The functions that could be meant, for the message: "'handler', 'run'". */
static const char *candidates(struct python_check *c)
{
	struct strbuf b = STRBUF_INIT;
	const char *text;
	size_t i;

	for (i = 0; i < c->module.functions.n && i < 3; i++)
		strbuf_addf(&b, "%s'%.*s'", i ? ", " : "", STR_ARG(c->module.functions.v[i]));
	text = arena_strdup(&c->a, b.buf);
	strbuf_release(&b);
	return text;
}

static void report_no_main(struct python_check *c)
{
	struct str wanted = wanted_main(c);
	const char *path = c->entry->path.p;
	const char *others = candidates(c);

	if (*others)
		diags_add_path(c->d, DIAG_ERROR, path,
			       "has no function '%.*s', which the runtime calls; it has %s: "
			       "rename one, or name it with 'main:' in project.yml",
			       STR_ARG(wanted), others);
	else
		diags_add_path(c->d, DIAG_ERROR, path,
			       "has no function '%.*s', which the runtime calls",
			       STR_ARG(wanted));
}

static void check_main(struct python_check *c)
{
	struct str wanted = wanted_main(c);

	if (c->module.unreadable)
		return;
	if (!c->module.defines && !c->module.opaque)
		report_no_main(c);
	else if (c->module.is_async && c->module.defines)
		diags_add_path(c->d, DIAG_WARNING, c->entry->path.p,
			       "'%.*s' is an 'async def', and the runtime does not await it: "
			       "call asyncio.run() in a plain function",
			       STR_ARG(wanted));
}

/* A single file that is no UTF-8 is the packer's business. */
static bool read_entry(struct python_check *c)
{
	if (!sources_read(c->v, c->entry, &c->a, &c->text) ||
	    (c->single && !utf8_is_valid(c->text)))
		return false;
	python_scan(&c->a, c->text, wanted_main(c), &c->module);
	return true;
}

/* bin/ is where a virtualenv on Linux has it. */
static bool has_activation(const struct python_check *c)
{
	return sources_find(c->v->list, STR("virtualenv/bin/activate_this.py")) ||
	       sources_find(c->v->list, STR("virtualenv/Scripts/activate_this.py"));
}

static void check_virtualenv(struct python_check *c)
{
	const char *source = c->v->function->source;

	if (!c->path.has_virtualenv)
		return;
	if (!has_activation(c))
		report(c, DIAG_ERROR,
		       arena_printf(
			       &c->a,
			       "'%s/virtualenv' has no 'bin/activate_this.py', and the "
			       "function will not start; make it with 'virtualenv', not with "
			       "'python3 -m venv'",
			       source));
	if (c->path.other.n)
		report(c, DIAG_WARNING,
		       arena_printf(&c->a,
				    "'%s/virtualenv' has packages of Python %.*s, and the "
				    "runtime is '%s'%s",
				    source, STR_ARG(c->path.other), c->v->runtime,
				    c->path.sites.n ? "" : ": they will not be found"));
}

/* The runtime renames __main__.py to main__.py (platform.md 3.3). */
static const struct filter_file *find_entry(const struct verify *v)
{
	const struct filter_file *entry;

	if (v->list->files.n == 1)
		return &v->list->files.v[0];
	entry = sources_find(v->list, STR("__main__.py"));
	return entry ? entry : sources_find(v->list, STR("main__.py"));
}

static void check_source(struct python_check *c)
{
	python_path_init(&c->path, c->v, &c->a, c->minor);
	if (!c->single)
		check_virtualenv(c);
	if (read_entry(c)) {
		check_main(c);
		if (c->minor && !c->module.unreadable)
			python_check_imports(c);
	}
	if (!c->single)
		python_check_native(c);
}

static int look_for_main(void *arg, const struct zip_entry *entry, struct str data UNUSED,
			 struct err *e UNUSED)
{
	bool *found = arg;

	*found |= strcmp(entry->name, "__main__.py") == 0 ||
		  strcmp(entry->name, "main__.py") == 0;
	return 0;
}

/* Only a zip that is read to its end tells that it lacks the file; another may be a rare one.
 */
static void check_entries(struct python_check *c, struct str code)
{
	const char *path = c->v->function->source;
	struct err why = ERR_INIT;
	bool found = false;

	if (zip_read(code, &limits, look_for_main, &found, &why) < 0)
		diags_add_path(c->d, DIAG_WARNING, path, "may not be usable: %s", why.msg);
	else if (!found)
		diags_add_path(
			c->d, DIAG_ERROR, path,
			"holds no '__main__.py' at its top, with which a Python function "
			"starts");
	err_clear(&why);
}

/* An archive that the user made; also one without an extension. */
static void check_archive(struct python_check *c)
{
	struct strbuf code = STRBUF_INIT;
	struct err e = ERR_INIT;

	if (fs_read_below(c->v->root, -1, c->entry->path.p, ARCHIVE_MAX, &code, &e) == 0) {
		if (str_starts(strbuf_str(&code), "PK"))
			check_entries(c, strbuf_str(&code));
		else
			report(c, DIAG_ERROR, "is no zip archive");
	}
	err_clear(&e);
	strbuf_release(&code);
}

/* Not the text of a program: an archive by its name, or bytes without an extension. */
static bool is_archive(struct python_check *c)
{
	struct str name = path_base(c->entry->name), text;

	if (!c->single || runtime_is_archive(name))
		return c->single;
	if (name.n > 1 && memchr(name.p + 1, '.', name.n - 1))
		return false;
	return sources_read(c->v, c->entry, &c->a, &text) && !utf8_is_valid(text);
}

static void check(struct python_check *c)
{
	if (!c->entry)
		report(c, DIAG_ERROR,
		       "has several files but no '__main__.py', with which a Python function "
		       "starts; rename the file that has the entry function");
	else if (is_archive(c))
		check_archive(c);
	else
		check_source(c);
}

void python_verify(const struct verify *v, struct diags *d)
{
	struct python_check c = {
		.v = v,
		.d = d,
		.minor = runtime_python_minor(str_of(v->runtime)),
		.sure = is_sure(v->runtime),
		.single = v->list->files.n == 1,
		.entry = find_entry(v),
	};

	check(&c);
	python_module_release(&c.module);
	python_path_release(&c.path);
	vec_release(&c.loaded);
	arena_release(&c.a);
}
