#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/fs.h"
#include "runtime/runtime.h"
#include "scan/scan_private.h"

static const char *did_you_mean(struct arena *a, const char *word, const char **names, size_t n)
{
	const char *near;

	names[n] = NULL;
	near = str_nearest(str_of(word), names);
	return near ? arena_printf(a, "; did you mean '%s'?", near) : "";
}

static void report_package(struct project *p, const struct package *pkg, struct diags *d)
{
	const char **names = xreallocarray(NULL, p->packages.n + 1, sizeof(*names));
	size_t i, n = 0;

	for (i = 0; i < p->packages.n; i++)
		if (p->packages.v[i]->on_disk)
			names[n++] = p->packages.v[i]->name;
	diags_add(d, DIAG_ERROR, &p->config, pkg->pos,
		  "the package '%s' has functions but no folder packages/%s/%s", pkg->name,
		  pkg->name, did_you_mean(&p->arena, pkg->name, names, n));
	free(names);
}

static const char *extension_of(const struct function *f)
{
	static const struct {
		const char *start, *extension;
	} known[] = {{"nodejs", "js"}, {"php", "php"}, {"go", "go"}};
	size_t i;

	for (i = 0; f->runtime && i < countof(known); i++)
		if (str_starts(str_of(f->runtime), known[i].start))
			return known[i].extension;
	return "py";
}

static void report_function(struct project *p, const struct function *f, struct diags *d)
{
	const struct package *pkg = f->package;
	const char **names = xreallocarray(NULL, pkg->functions.n + 1, sizeof(*names));
	size_t i, n = 0;

	for (i = 0; i < pkg->functions.n; i++)
		if (pkg->functions.v[i]->source_kind != SOURCE_NONE)
			names[n++] = pkg->functions.v[i]->name;
	diags_add(d, DIAG_ERROR, &p->config, f->pos,
		  "the function '%s' has no files: there is neither packages/%s/%s/ nor "
		  "packages/%s/%s.%s%s",
		  f->name, pkg->name, f->name, pkg->name, f->name, extension_of(f),
		  did_you_mean(&p->arena, f->name, names, n));
	free(names);
}

/* A sequence is nothing but its list; an image may have all it needs in it. */
static bool needs_source(const struct function *f)
{
	return !function_is_sequence(f) && !f->docker && !f->file &&
	       f->source_kind == SOURCE_NONE;
}

static bool report_file(struct project *p, const struct function *f, struct diags *d,
			const char *problem)
{
	diags_add(d, DIAG_ERROR, &p->config, f->at.file, "'file': %s", problem);
	return false;
}

/* False with a finding when the key `file` does not name a file of the project. */
static bool find_file(struct project *p, const struct function *f, const char *path,
		      struct diags *d)
{
	struct err e = ERR_INIT;
	struct stat st;
	int fd;

	if (!path || !*path)
		return report_file(p, f, d,
				   "it must be a path below the project's folder, written from "
				   "there");
	fd = fs_open_file(p->root_fd, -1, path, &st, &e);
	if (fd < 0)
		report_file(p, f, d,
			    f->file_filled_in ? "the path filled in here names no file of the "
						"project that can be read"
					      : e.msg);
	else
		(void)close(fd);
	err_clear(&e);
	return fd >= 0;
}

/* What project.yml names is no stray, nor the folder that it lies in. */
static void drop_strays(struct project *p, const char *path)
{
	size_t i, n = 0, length;

	for (i = 0; i < p->strays.n; i++) {
		length = strlen(p->strays.v[i]);
		if (strncmp(path, p->strays.v[i], length) != 0 ||
		    (path[length] != '/' && path[length] != '\0'))
			p->strays.v[n++] = p->strays.v[i];
	}
	p->strays.n = n;
}

/* The key `file` goes before what lies in packages/. */
static void take_file(struct project *p, struct function *f, const char *const *kinds,
		      struct diags *d)
{
	const char *path = path_resolve(&p->arena, STR(""), str_of(f->file));
	struct file_name name;

	if (!find_file(p, f, path, d))
		return;
	if (f->source_kind != SOURCE_NONE)
		diags_add(d, DIAG_WARNING, &p->config, f->at.file,
			  "'file' is taken, and '%s' is left out", f->source);
	scan_file_name(&p->arena, path_base(str_of(path)), kinds, &name);
	drop_strays(p, path);
	f->source = path;
	f->source_kind = SOURCE_FILE;
	f->empty = false;
	f->binary = name.binary;
	if (!f->runtime)
		f->runtime = name.runtime;
	if (!f->runtime && !f->docker && !runtime_of_file(str_of(path)))
		report_file(p, f, d, "its extension names no runtime; add the key 'runtime'");
}

static void check_sequence(const struct project *p, const struct function *f, struct diags *d)
{
	if (f->source_kind != SOURCE_NONE)
		diags_add(d, DIAG_ERROR, &p->config, f->at.sequence,
			  "the function '%s' is a sequence here and code in '%s'; remove one",
			  f->name, f->source);
}

/* Functions that only project.yml has are a finding of config/. */
static void check_binding(const struct project *p, const struct package *pkg, struct diags *d)
{
	size_t i;

	if (!pkg->binding.name)
		return;
	for (i = 0; i < pkg->functions.n; i++) {
		if (pkg->functions.v[i]->source_kind == SOURCE_NONE)
			continue;
		diags_add(
			d, DIAG_ERROR, &p->config, pkg->binding.pos,
			"the package '%s' stands for another one, but '%s' lies in its folder",
			pkg->name, pkg->functions.v[i]->source);
		return;
	}
}

/* Of a package that has no folder: one finding instead of one for every function. */
static bool lacks_folder(const struct package *pkg)
{
	size_t i;

	for (i = 0; !pkg->on_disk && i < pkg->functions.n; i++)
		if (needs_source(pkg->functions.v[i]))
			return true;
	return false;
}

static void check_package(struct project *p, const struct package *pkg,
			  const char *const *kinds, struct diags *d)
{
	bool lacks;
	size_t i;

	for (i = 0; i < pkg->functions.n; i++) {
		struct function *f = pkg->functions.v[i];

		if (function_is_sequence(f))
			check_sequence(p, f, d);
		else if (f->file)
			take_file(p, f, kinds, d);
	}
	check_binding(p, pkg, d);
	lacks = lacks_folder(pkg);
	if (lacks)
		report_package(p, pkg, d);
	for (i = 0; !lacks && i < pkg->functions.n; i++)
		if (needs_source(pkg->functions.v[i]))
			report_function(p, pkg->functions.v[i], d);
}

void scan_sources(struct project *p, const struct scan_options *o, struct diags *d)
{
	size_t i;

	for (i = 0; i < p->read_files.n; i++)
		drop_strays(p, p->read_files.v[i]);
	for (i = 0; i < p->packages.n; i++)
		check_package(p, p->packages.v[i], o->kinds, d);
}
