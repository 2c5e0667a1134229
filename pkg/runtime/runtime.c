#include "runtime/runtime.h"

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

const char *runtime_nearest(struct str kind)
{
	const char *kinds[countof(runtimes)];
	const struct runtime *bare = default_of(kind);
	size_t i;

	if (bare)
		return bare->kind; /* "python" */
	for (i = 0; i < countof(runtimes); i++)
		kinds[i] = runtimes[i].kind;
	return str_nearest(kind, kinds);
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
