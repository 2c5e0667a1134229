#include "runtime/runtime.h"

#include <stdlib.h>

const struct runtime runtimes[] = {
	{"go:1.15", "go", false, true},
	{"go:1.17", "go", true, false},
	{"go:1.20", "go", false, false},
	{"go:1.24", "go", false, false},
	{"go:1.25", "go", false, false},
	{"nodejs:14", "nodejs", false, false},
	{"nodejs:18", "nodejs", true, false},
	{"nodejs:22", "nodejs", false, false},
	{"nodejs:24", "nodejs", false, false},
	{"nodejs-lambda:14", "nodejs", false, false},
	{"nodejs-lambda:18", "nodejs", false, false},
	{"php:8.0", "php", true, false},
	{"php:8.2", "php", false, false},
	{"php:8.3", "php", false, false},
	{"php:8.4", "php", false, false},
	{"php:8.5", "php", false, false},
	{"python:3.9", "python", false, false},
	{"python:3.11", "python", true, false},
	{"python:3.12", "python", false, false},
	{"python:3.13", "python", false, false},
	{NULL, NULL, false, false},
};

static const struct {
	const char *extension, *kind;
} extensions[] = {
	{".go", "go:default"},   {".js", "nodejs:default"}, {".ts", "nodejs:default"},
	{".php", "php:default"}, {".py", "python:default"},
};

static const struct {
	const char *language, *keywords;
} languages[] = {
	{"go", "go, golang"},
	{"nodejs", "javascript, js, typescript, ts"},
	{"php", "php"},
	{"python", "python, py"},
};

static const struct runtime *default_of(struct str language)
{
	const struct runtime *r;

	for (r = runtimes; r->kind; r++)
		if (r->is_default && str_is(language, r->language))
			return r;
	return NULL;
}

const struct runtime *runtime_find(struct str kind)
{
	const struct runtime *r;

	if (str_ends(kind, ":default"))
		return default_of(runtime_language(kind));
	for (r = runtimes; r->kind; r++)
		if (str_is(kind, r->kind))
			return r;
	return NULL;
}

unsigned runtime_glibc(struct str kind)
{
	static const struct {
		const char *kind;
		unsigned glibc;
	} images[] = {
		{"python:3.9", 28},  /* Debian buster */
		{"python:3.11", 31}, /* bullseye */
	};
	const struct runtime *r = runtime_find(kind);
	size_t i;

	for (i = 0; r && i < countof(images); i++)
		if (strcmp(r->kind, images[i].kind) == 0)
			return images[i].glibc;
	return 0;
}

unsigned runtime_python_minor(struct str kind)
{
	static const char prefix[] = "python:3.";
	const struct runtime *r = runtime_find(kind);
	uint64_t minor;

	if (!r || !str_starts(str_of(r->kind), prefix) ||
	    !str_to_u64(str_of(r->kind + sizeof(prefix) - 1), &minor))
		return 0;
	return (unsigned)minor;
}

struct str runtime_language(struct str kind)
{
	const char *colon = kind.n ? memchr(kind.p, ':', kind.n) : NULL;

	return colon ? (struct str){kind.p, (size_t)(colon - kind.p)} : kind;
}

/* ".py" alone is a name without an extension. */
static bool has_extension(struct str name, const char *extension)
{
	return name.n > strlen(extension) && str_ends(name, extension);
}

const char *runtime_of_file(struct str name)
{
	size_t i;

	for (i = 0; i < countof(extensions); i++)
		if (has_extension(name, extensions[i].extension))
			return extensions[i].kind;
	return NULL;
}

bool runtime_is_archive(struct str name)
{
	return has_extension(name, ".zip") || has_extension(name, ".jar");
}

const char *runtime_keywords(struct str language)
{
	size_t i;

	for (i = 0; i < countof(languages); i++)
		if (str_is(language, languages[i].language))
			return languages[i].keywords;
	return NULL;
}

/* Kind number i to show, or NULL at the end. */
static const char *kind_at(const char *const *kinds, size_t i)
{
	return kinds ? kinds[i] : runtimes[i].kind;
}

static bool is_shown(const char *const *kinds, size_t i, struct str language)
{
	if (!kinds && runtimes[i].deprecated)
		return false;
	return language.n == 0 || str_eq(language, runtime_language(str_of(kind_at(kinds, i))));
}

bool runtime_is_known(struct str kind, const char *const *kinds)
{
	struct str language = runtime_language(kind);
	size_t i;

	if (!kinds)
		return runtime_find(kind) != NULL;
	for (i = 0; kinds[i]; i++) {
		if (str_is(kind, kinds[i]))
			return true;
		if (str_ends(kind, ":default") &&
		    str_eq(language, runtime_language(str_of(kinds[i]))))
			return true;
	}
	return false;
}

/* The language itself, or the one that has it as another name; empty when there is none. */
static struct str language_meant(struct str word)
{
	struct str rest, keyword;
	size_t i;

	for (i = 0; i < countof(languages); i++) {
		if (str_is(word, languages[i].language))
			return word;
		rest = str_of(languages[i].keywords);
		while (str_next(&rest, ',', &keyword))
			if (str_eq(word, str_trim(keyword)))
				return str_of(languages[i].language);
	}
	return (struct str){NULL, 0};
}

/* The default of a language when it is one of them, else the newest that is. */
static const char *kind_of_language(struct str language, const char *const *kinds)
{
	const struct runtime *usual = default_of(language);
	const char *newest = NULL;
	size_t i;

	if (usual && runtime_is_known(str_of(usual->kind), kinds))
		return usual->kind;
	for (i = 0; kind_at(kinds, i); i++)
		if (is_shown(kinds, i, language))
			newest = kind_at(kinds, i);
	return newest;
}

const char *runtime_nearest(struct str kind, const char *const *kinds)
{
	struct str word = runtime_language(kind), language = language_meant(word);
	const char *nearest;
	const char **all;
	size_t i, n = 0;

	if (language.n && (word.n == kind.n || !str_eq(word, language)))
		return kind_of_language(language, kinds);
	while (kind_at(kinds, n))
		n++;
	all = xreallocarray(NULL, n + 1, sizeof(*all));
	for (i = 0; i <= n; i++)
		all[i] = kind_at(kinds, i);
	nearest = str_nearest(kind, all);
	free(all);
	return nearest;
}

void runtime_describe_unknown(struct strbuf *out, struct str kind, const char *shown,
			      const char *const *kinds)
{
	struct strbuf known = STRBUF_INIT;
	const char *nearest = NULL;

	if (kind.n)
		runtime_list(&known, runtime_language(kind), kinds);
	if (known.len == 0) {
		nearest = kind.n ? runtime_nearest(kind, kinds) : NULL;
		runtime_list(&known, (struct str){NULL, 0}, kinds);
	}
	strbuf_addf(out, "unknown runtime %s; ", shown);
	if (nearest)
		strbuf_addf(out, "did you mean '%s'? ", nearest);
	strbuf_addf(out, "known: %s", known.buf);
	strbuf_release(&known);
}

void runtime_list(struct strbuf *out, struct str language, const char *const *kinds)
{
	const char *separator = "";
	size_t i;

	for (i = 0; kind_at(kinds, i); i++) {
		if (!is_shown(kinds, i, language))
			continue;
		strbuf_adds(out, separator);
		strbuf_adds(out, kind_at(kinds, i));
		separator = ", ";
	}
}
