#include <stdlib.h>

#include "base/utf8.h"
#include "fs/fs.h"
#include "verify/python.h"
#include "verify/python_names.h"

/* Of a function: far more than programs have, and soon done. */
enum {
	MODULES_MAX = 500,
	NAMES_MAX = 20000, /* looked for, those of "from" included */
	NAME_MAX_BYTES = 1000,
	MISSING_MAX = 100,           /* told */
	TEXT_MAX = 64 * 1024 * 1024, /* bytes of the modules looked into */
};

/* A module of the user's to look into. */
struct visit {
	const struct filter_file *file;
	struct str
		folder; /* that relative imports start at: "a/" in a/b.py and a/__init__.py */
	enum python_when when;
};

struct walk {
	struct python_check *c;
	VEC(struct visit) visits;
	struct visit now;
	struct python_module module;
	struct str text;                  /* of the module */
	const struct diag_source *source; /* made for the first finding */
	VEC(unsigned) failed;             /* attempts of this module that failed */
	size_t names, missing, read;      /* so far, of the limits above */
	const struct filter_file *judged; /* by is_tricky(), the last time */
	bool tricky;
};

/* What becomes of a dotted name. */
struct answer {
	bool found;
	bool own;           /* of the user's files: there, or where it should be */
	bool unsure;        /* it may be there all the same */
	bool is_namespace;  /* has nothing but modules in it */
	struct str missing; /* "a.b" of "a.b.c" */
	const struct filter_file *foreign;
};

static void visit(struct walk *w, const struct filter_file *file, struct str folder)
{
	enum python_when when = w->now.when;
	size_t i;

	if (!file || when > PYTHON_MAYBE || w->visits.n >= MODULES_MAX)
		return;
	for (i = 0; i < w->visits.n; i++)
		if (w->visits.v[i].file == file)
			return;
	vec_push(&w->visits, ((struct visit){file, folder, when}));
}

static struct str below(const struct walk *w, struct str folder, struct str name)
{
	return str_of(arena_printf(&w->c->a, "%.*s%.*s/", STR_ARG(folder), STR_ARG(name)));
}

/* The part of `whole` up to the end of `part`, a slice of it. */
static struct str up_to(struct str whole, struct str part)
{
	return (struct str){whole.p, (size_t)(part.p + part.n - whole.p)};
}

static bool read_text(struct walk *w, const struct filter_file *file, struct arena *a,
		      struct str *text)
{
	if (w->read > TEXT_MAX || !sources_read(w->c->v, file, a, text))
		return false;
	w->read += text->n;
	return true;
}

static bool scan_tricky(struct walk *w, const struct filter_file *init)
{
	struct arena a = ARENA_INIT;
	struct python_module m;
	struct str text;
	bool tricky = true;

	if (read_text(w, init, &a, &text)) {
		python_scan(&a, text, (struct str){0}, &m);
		tricky = m.moves_path || m.opaque || m.unreadable;
		python_module_release(&m);
	}
	arena_release(&a);
	return tricky;
}

/* A package that does such things may find its parts anywhere. */
static bool is_tricky(struct walk *w, const struct filter_file *init)
{
	if (!init)
		return true;
	if (init != w->judged)
		w->tricky = scan_tricky(w, init);
	w->judged = init;
	return w->tricky;
}

/* Follows "b.c" of "a.b.c" below the user's own package a/. */
static struct answer look_in_own(struct walk *w, struct str folder, struct python_place place,
				 struct str whole, struct str rest)
{
	struct answer answer = {.found = true, .own = true};
	struct str part = {0};

	visit(w, place.source, folder);
	while (answer.found && str_next(&rest, '.', &part)) {
		struct python_place inner = python_path_look(&w->c->path, folder, part);

		if (inner.found <= PYTHON_FOREIGN) {
			answer.found = false;
			answer.missing = up_to(whole, part);
			answer.foreign = inner.foreign;
			answer.unsure =
				place.found == PYTHON_PACKAGE && is_tricky(w, place.source);
			return answer;
		}
		if (inner.found == PYTHON_PACKAGE || inner.found == PYTHON_NAMESPACE)
			folder = below(w, folder, part);
		visit(w, inner.source, folder);
		answer.is_namespace = inner.found == PYTHON_NAMESPACE;
		place = inner;
	}
	return answer;
}

/* The folders of sys.path: site-packages, then the function's own. */
static struct str place_at(const struct walk *w, size_t i)
{
	return i < w->c->path.sites.n ? w->c->path.sites.v[i] : (struct str){"", 0};
}

/*
 * The best that the folders have of `part` in the namespace `inner` ("google/");
 * *own: below which of the function's own folders it is.
 */
static struct python_place look_in_all(struct walk *w, struct str inner, struct str part,
				       struct str *own)
{
	struct python_place best = {PYTHON_NOWHERE, NULL, NULL};
	size_t i;

	for (i = 0; i <= w->c->path.sites.n; i++) {
		struct str in = place_at(w, i);
		struct python_place place;

		in = str_of(arena_printf(&w->c->a, "%.*s%.*s", STR_ARG(in), STR_ARG(inner)));
		place = python_path_look(&w->c->path, in, part);
		if (place.found <= best.found)
			continue;
		best = place;
		*own = i == w->c->path.sites.n ? in : (struct str){0};
	}
	return best;
}

/* Packages of a namespace lie in several folders; any may have the next part. */
static struct answer look_in_namespace(struct walk *w, struct str whole, struct str top,
				       struct str rest)
{
	struct answer answer = {.found = true, .own = true, .is_namespace = true};
	struct str inner = below(w, (struct str){"", 0}, top), part = {0}, own = {0};
	struct python_place place;

	while (rest.p) {
		struct str here = rest;

		(void)str_next(&rest, '.', &part);
		place = look_in_all(w, inner, part, &own);
		if (place.found <= PYTHON_FOREIGN)
			return (struct answer){.missing = up_to(whole, part),
					       .foreign = place.foreign};
		if (own.p && place.found != PYTHON_NAMESPACE)
			return look_in_own(w, own,
					   (struct python_place){.found = PYTHON_NAMESPACE},
					   whole, here);
		answer.is_namespace = place.found == PYTHON_NAMESPACE;
		if (!answer.is_namespace)
			return answer;
		inner = below(w, inner, part);
	}
	return answer;
}

static bool comes_with_python(const struct walk *w, struct str top)
{
	unsigned last;

	if (str_is(top, "__main__") || str_is(top, "main__"))
		return true;
	return python_stdlib_find(top, w->c->minor, &last) == STDLIB_THERE;
}

static struct answer look_on_path(struct walk *w, struct str whole, struct str top,
				  struct str rest)
{
	struct answer answer = {.missing = top};
	bool in_namespace = false, provided = python_runtime_has(top, w->c->minor);
	size_t i;

	for (i = 0; i <= w->c->path.sites.n; i++) {
		bool own = i == w->c->path.sites.n;
		struct str in = place_at(w, i);
		struct python_place place;

		if (own && provided)
			break;
		place = python_path_look(&w->c->path, in, top);
		if (place.foreign)
			answer.foreign = place.foreign;
		in_namespace |= place.found == PYTHON_NAMESPACE;
		if (place.found < PYTHON_FILE)
			continue;
		if (own)
			return look_in_own(
				w, place.found == PYTHON_PACKAGE ? below(w, in, top) : in,
				place, whole, rest);
		answer.found = true;
		return answer;
	}
	answer.found = provided;
	return in_namespace && !provided ? look_in_namespace(w, whole, top, rest) : answer;
}

static struct answer look(struct walk *w, struct str whole)
{
	struct answer answer = {.found = true};
	struct str rest = whole, top = {0};

	(void)str_next(&rest, '.', &top);
	if (comes_with_python(w, top))
		return answer;
	return look_on_path(w, whole, top, rest);
}

static bool has_failed(const struct walk *w, unsigned attempt)
{
	size_t i;

	for (i = 0; i < w->failed.n; i++)
		if (w->failed.v[i] == attempt)
			return true;
	return false;
}

static enum diag_level level_of(const struct walk *w, const struct python_import *import,
				bool unsure)
{
	if (import->when == PYTHON_LOADED && w->now.when == PYTHON_LOADED && !unsure &&
	    w->c->sure && !w->module.moves_path && !w->c->module.moves_path &&
	    !w->c->path.hooked)
		return DIAG_ERROR;
	return DIAG_WARNING;
}

static const struct diag_source *quoted(struct walk *w)
{
	if (!w->source)
		w->source = sources_quote(w->now.file, w->text, w->c->d);
	return w->source;
}

static void report(struct walk *w, const struct python_import *import, enum diag_level level,
		   const char *text)
{
	diags_add(w->c->d, level, quoted(w), (struct pos){import->line, import->column}, "%s",
		  text);
}

/* Every module that lies in some folder, for code that changes sys.path. */
static bool is_anywhere(const struct walk *w, struct str name)
{
	const struct filter_list *list = w->c->v->list;
	struct str top = {0};
	size_t i;

	(void)str_next(&name, '.', &top);
	for (i = 0; i < list->files.n; i++) {
		struct str rest = list->files.v[i].name, part;

		while (str_next(&rest, '/', &part))
			if (part.n >= top.n && memcmp(part.p, top.p, top.n) == 0 &&
			    (part.n == top.n || part.p[top.n] == '.'))
				return true;
	}
	return false;
}

static void report_missing(struct walk *w, const struct python_import *import,
			   const struct answer *answer)
{
	enum diag_level level = level_of(w, import, answer->unsure);
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "\"No module named '%.*s'\" %s; ", STR_ARG(answer->missing),
		    level == DIAG_ERROR ? "would end the function before it starts"
					: "would end it where it gets here");
	strbuf_adds(&text, python_missing_hint(w->c, answer->missing));
	report(w, import, level, text.buf);
	strbuf_release(&text);
}

static void fail(struct walk *w, const struct python_import *import,
		 const struct answer *answer)
{
	bool spare = import->when == PYTHON_SPARE;

	if (import->attempt && !spare)
		vec_push(&w->failed, import->attempt);
	if (import->when == PYTHON_CAUGHT || (spare && !has_failed(w, import->attempt)))
		return;
	if ((w->module.moves_path || w->c->module.moves_path) &&
	    is_anywhere(w, answer->missing))
		return;
	if (answer->foreign) /* said with the file */
		return;
	if (++w->missing <= MISSING_MAX)
		report_missing(w, import, answer);
	else if (w->missing == MISSING_MAX + 1)
		diags_add_path(w->c->d, DIAG_WARNING, w->c->v->function->source,
			       "more modules are missing; the first %d are named", MISSING_MAX);
}

/* "a.b", or "b" of an empty a. */
static struct str dotted(struct walk *w, struct str module, struct str name)
{
	return str_of(arena_printf(&w->c->a, "%.*s%s%.*s", STR_ARG(module), module.n ? "." : "",
				   STR_ARG(name)));
}

/* Name number i of a "from". */
static struct str name_at(const struct walk *w, const struct python_import *import, size_t i)
{
	return w->module.names.v[import->first_name + i];
}

/* The folder that the dots lead to; empty: that of the function. */
static struct str folder_of_dots(const struct walk *w, unsigned dots)
{
	struct str folder = w->now.folder;

	for (; dots > 1 && folder.n > 0; dots--) {
		folder.n--;
		folder = path_dir(folder);
		folder.n += folder.n > 0;
	}
	return folder;
}

/* "from . import x": in the function's folder there is nothing that it could be relative to. */
static void check_relative(struct walk *w, const struct python_import *import)
{
	const struct python_place package = {.found = PYTHON_NAMESPACE};
	struct str folder = folder_of_dots(w, import->dots), name;
	struct answer answer;
	size_t i;

	if (folder.n == 0) {
		if (import->when <= PYTHON_MAYBE)
			report(w, import, level_of(w, import, false),
			       "a relative import has nothing to be relative to: the runtime "
			       "loads the files beside the entry file as modules of their own; "
			       "leave the dots out");
		return;
	}
	answer = look_in_own(w, folder, package, import->module,
			     import->module.n ? import->module : (struct str){0});
	if (!answer.found) {
		fail(w, import, &answer);
		return;
	}
	for (i = 0; i < import->names; i++) {
		name = dotted(w, import->module, name_at(w, import, i));
		(void)look_in_own(w, folder, package, name, name);
	}
}

static void remember_loaded(struct walk *w, const struct python_import *import)
{
	size_t i;

	if (import->when != PYTHON_LOADED || w->now.when != PYTHON_LOADED)
		return;
	vec_push(&w->c->loaded, import->module);
	for (i = 0; i < import->names; i++)
		vec_push(&w->c->loaded, dotted(w, import->module, name_at(w, import, i)));
}

/* "from a import b" where a is the user's, or a namespace: b may be a module, too. */
static void follow_names(struct walk *w, const struct python_import *import,
			 const struct answer *of)
{
	struct answer answer;
	size_t i;

	for (i = 0; i < import->names; i++) {
		if (str_is(name_at(w, import, i), "*"))
			continue;
		answer = look(w, dotted(w, import->module, name_at(w, import, i)));
		if (!answer.found && of->is_namespace)
			fail(w, import, &answer);
	}
}

/* A later version's module, one that is gone, one of Windows: not to be had from the index. */
static bool check_stdlib(struct walk *w, const struct python_import *import)
{
	struct str rest = import->module, top = {0};
	const char *text = NULL;
	unsigned last;

	(void)str_next(&rest, '.', &top);
	switch (python_stdlib_find(top, w->c->minor, &last)) {
	case STDLIB_NOT:
	case STDLIB_THERE: return false;
	case STDLIB_LATER:
		text = arena_printf(&w->c->a, "Python 3.%u does not have '%.*s' yet",
				    w->c->minor, STR_ARG(top));
		break;
	case STDLIB_REMOVED:
		text = arena_printf(&w->c->a,
				    "'%.*s' is gone since Python 3.%u, and this is 3.%u",
				    STR_ARG(top), last + 1, w->c->minor);
		break;
	case STDLIB_WINDOWS:
		text = arena_printf(&w->c->a,
				    "'%.*s' does not exist on Linux, which the "
				    "platform is",
				    STR_ARG(top));
		break;
	}
	if (import->attempt && import->when != PYTHON_SPARE)
		vec_push(&w->failed, import->attempt);
	if (import->when <= PYTHON_MAYBE)
		report(w, import, level_of(w, import, false), text);
	return true;
}

static void check_import(struct walk *w, const struct python_import *import)
{
	struct answer answer;

	w->names += 1 + import->names;
	if (w->names > NAMES_MAX || import->module.n > NAME_MAX_BYTES)
		return;
	if (import->dots) {
		check_relative(w, import);
		return;
	}
	answer = look(w, import->module);
	if (answer.found) {
		remember_loaded(w, import);
		if (answer.own)
			follow_names(w, import, &answer);
	} else if (!check_stdlib(w, import)) {
		if (answer.foreign)
			remember_loaded(w, import);
		fail(w, import, &answer);
	}
}

/* Modules that are imported under a condition are judged like it. */
static void check_module(struct walk *w, const struct visit *now)
{
	const struct python_import *import;
	size_t i;

	w->now = *now;
	if (!read_text(w, now->file, &w->c->a, &w->text))
		return;
	python_scan(&w->c->a, w->text, (struct str){0}, &w->module);
	w->source = NULL;
	w->failed.n = 0;
	for (i = 0; i < w->module.imports.n; i++) {
		import = &w->module.imports.v[i];
		w->now.when = now->when > import->when ? now->when : import->when;
		check_import(w, import);
	}
	python_module_release(&w->module);
}

void python_check_imports(struct python_check *c)
{
	struct walk w = {.c = c};
	size_t i;

	visit(&w, c->entry, (struct str){"", 0});
	for (i = 0; i < w.visits.n; i++) {
		struct visit now = w.visits.v[i]; /* the array may move */

		check_module(&w, &now);
	}
	vec_release(&w.visits);
	vec_release(&w.failed);
}
