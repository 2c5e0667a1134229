#include "verify/scripts.h"

#include <strings.h>

#include "fs/fs.h"
#include "runtime/runtime.h"
#include "verify/sources.h"
#include "json/json.h"

/*
 * These languages are searched as text, comments and strings included: what is
 * not even there is missing for certain, which is all that is said.
 */
struct script {
	const struct verify *v;
	struct diags *d;
	struct arena a;
	const struct filter_file *entry;
	struct str text; /* of it */
};

static bool is_single(const struct script *s)
{
	return s->v->list->files.n == 1;
}

static const char *wanted(const struct script *s, const char *usual)
{
	return s->v->function->main ? s->v->function->main : usual;
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* Moves *rest behind the next name of the text; a run of other bytes goes first. */
static bool next_word(struct str *rest, struct str *word)
{
	size_t n = 0;

	while (rest->n > 0 && !is_name(rest->p[0]))
		*rest = str_from(*rest, 1);
	while (n < rest->n && is_name(rest->p[n]))
		n++;
	*word = (struct str){rest->p, n};
	*rest = str_from(*rest, n);
	return n > 0;
}

static bool same_word(struct str word, const char *text)
{
	return word.n == strlen(text) && strncasecmp(word.p, text, word.n) == 0;
}

static bool has_word(struct str text, const char *wanted_word)
{
	struct str word;

	while (next_word(&text, &word))
		if (same_word(word, wanted_word))
			return true;
	return false;
}

/* "function main": two names one after the other, however they are spaced. */
static bool has_pair(struct str text, const char *first, const char *second)
{
	struct str word;
	bool before = false;

	while (next_word(&text, &word)) {
		if (before && same_word(word, second))
			return true;
		before = same_word(word, first);
	}
	return false;
}

static bool has_any(struct str text, const char *const *words)
{
	for (; *words; words++)
		if (has_word(text, *words))
			return true;
	return false;
}

/* The text of the entry: false when it is no text, or not there. */
static bool read_entry(struct script *s)
{
	return s->entry && !runtime_is_archive(path_base(s->entry->name)) &&
	       sources_read(s->v, s->entry, &s->a, &s->text) &&
	       !memchr(s->text.p ? s->text.p : "", 0, s->text.n);
}

static void no_function(struct script *s, const char *name)
{
	diags_add_path(s->d, DIAG_ERROR, s->entry->path.p,
		       "has no '%s', which the runtime calls; add it, or name another function "
		       "with 'main:' in project.yml",
		       name);
}

/* The file that a main of package.json leads to, as Node.js looks for it. */
static const struct filter_file *node_file(struct script *s, struct str name)
{
	static const char *const ends[] = {
		"",      ".js",       ".mjs",       ".cjs",       ".json",
		".node", "/index.js", "/index.mjs", "/index.cjs", "/index.json"};
	const struct filter_file *file = NULL;
	const char *path = path_resolve(&s->a, (struct str){"", 0}, name);
	size_t i;

	for (i = 0; path && i < countof(ends) && !file; i++) {
		const char *whole = arena_printf(&s->a, "%s%s", path, ends[i]);

		file = sources_find(s->v->list, str_of(*whole == '/' ? whole + 1 : whole));
	}
	return file;
}

/* The main of package.json; empty when it has none or is none. */
static struct str package_main(struct script *s)
{
	const struct filter_file *file = sources_find(s->v->list, STR("package.json"));
	struct str text, name = {0};
	struct err e = ERR_INIT;
	struct json *package;

	if (!file || !sources_read(s->v, file, &s->a, &text))
		return name;
	package = json_parse(text, &e);
	if (package && json_is(json_get(package, "main"), JSON_STRING))
		name = arena_str(&s->a, json_str(json_get(package, "main")));
	json_free(package);
	err_clear(&e);
	return name;
}

static void find_node_entry(struct script *s)
{
	struct str name = package_main(s);

	if (name.n) {
		s->entry = node_file(s, name);
		if (!s->entry)
			diags_add_path(
				s->d, DIAG_WARNING, s->v->function->source,
				"package.json has '%.*s' as its main, which is not among "
				"the files",
				STR_ARG(name));
		return;
	}
	s->entry = sources_find(s->v->list, STR("index.mjs"));
	if (!s->entry)
		s->entry = sources_find(s->v->list, STR("index.js"));
	if (!s->entry && !sources_find(s->v->list, STR("package.json")))
		diags_add_path(
			s->d, DIAG_ERROR, s->v->function->source,
			"has no index.js, index.mjs or package.json, with which a function "
			"of the runtime '%s' starts",
			s->v->runtime);
}

/* "main: file.function" names the file, too. */
static void find_named_entry(struct script *s, struct str file)
{
	const char *path = arena_printf(&s->a, "%.*s.js", STR_ARG(file));

	s->entry = sources_find(s->v->list, str_of(path));
	if (s->entry)
		return;
	s->entry = sources_find(s->v->list,
				str_of(arena_printf(&s->a, "%.*s.mjs", STR_ARG(file))));
	if (!s->entry)
		diags_add_path(
			s->d, DIAG_WARNING, s->v->function->source,
			"'main: %s' in project.yml asks for '%s', which is not among the "
			"files",
			s->v->function->main, path);
}

/* What a module exports may be made elsewhere. */
static bool node_is_unsure(struct str text)
{
	static const char *const words[] = {"require", "import", "eval", "Function", NULL};

	return has_any(text, words);
}

static void check_node(struct script *s)
{
	const char *name = wanted(s, "main");
	const char *dot = strrchr(name, '.');

	if (is_single(s))
		s->entry = &s->v->list->files.v[0];
	else if (dot)
		find_named_entry(s, (struct str){name, (size_t)(dot - name)});
	else
		find_node_entry(s);
	name = dot ? dot + 1 : name;
	if (read_entry(s) && !has_word(s->text, name) && !node_is_unsure(s->text))
		no_function(s, name);
}

static bool php_is_unsure(struct str text)
{
	static const char *const words[] = {"include",      "include_once", "require",
					    "require_once", "eval",         NULL};

	return has_any(text, words);
}

static void check_php(struct script *s)
{
	const char *name = wanted(s, "main");

	s->entry = is_single(s) ? &s->v->list->files.v[0]
				: sources_find(s->v->list, STR("index.php"));
	if (!s->entry)
		diags_add_path(s->d, DIAG_ERROR, s->v->function->source,
			       "has no index.php, with which a function of the runtime '%s' "
			       "starts",
			       s->v->runtime);
	if (is_single(s) || !sources_has_folder(s->v->list, STR("vendor/")))
		if (read_entry(s) && !has_pair(s->text, "function", name) &&
		    !php_is_unsure(s->text))
			no_function(s, name);
}

/* The runtime makes "Main" of "main" and takes other names as they are. */
static void check_go(struct script *s)
{
	const char *name = wanted(s, "Main");
	const char *exported = strcmp(name, "main") == 0 ? "Main" : name;

	if (!is_single(s))
		return; /* built elsewhere, from any of the files */
	s->entry = &s->v->list->files.v[0];
	if (!str_ends(s->entry->name, ".go") || !read_entry(s))
		return;
	if (!has_pair(s->text, "package", "main"))
		diags_add_path(s->d, DIAG_ERROR, s->entry->path.p,
			       "is not of 'package main', of which the runtime calls '%s'",
			       exported);
	if (!has_pair(s->text, "func", exported))
		no_function(s, exported);
}

static void run(const struct verify *v, struct diags *d, void (*check)(struct script *s))
{
	struct script s = {.v = v, .d = d};

	check(&s);
	arena_release(&s.a);
}

void node_verify(const struct verify *v, struct diags *d)
{
	run(v, d, check_node);
}

void php_verify(const struct verify *v, struct diags *d)
{
	run(v, d, check_php);
}

void go_verify(const struct verify *v, struct diags *d)
{
	run(v, d, check_go);
}
