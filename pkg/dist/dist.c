#include "dist/dist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "fs/fs.h"
#include "pack/refusal.h"
#include "json/json.h"

/* A function with files. */
struct reading {
	const struct function *function;
	struct artifact artifact;
};

struct dist {
	const struct build *build;
	int folder;
	struct packer packer;
	struct json *manifest;
	struct refusals refused;
	VEC(struct reading) functions;
};

/* The real place of what may not exist yet: its part that exists, resolved, and the rest.
 * NULL with errno when there is none; ".." behind what does not exist leads nowhere. */
static char *find_place(struct arena *a, const char *path)
{
	const char *top = *path == '/' ? "/" : ".";
	struct str there = str_of(path), rest;
	char *real = realpath(path, NULL), *place;

	while (!real && errno == ENOENT && there.n > 0) {
		there = path_dir(there);
		real = realpath(there.n ? arena_strndup(a, there.p, there.n) : top, NULL);
	}
	if (!real)
		return NULL;
	rest = str_from(str_of(path), there.n);
	while (str_starts(rest, "/"))
		rest = str_from(rest, 1);
	while (str_ends(rest, "/"))
		rest.n--;
	place = arena_printf(a, "%s%s%.*s", real, rest.n ? "/" : "", STR_ARG(rest));
	free(real);
	errno = ENOENT;
	return rest.n == 0 || path_is_below(rest) ? place : NULL;
}

static bool is_in(const char *place, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(place, folder, n) == 0 && (place[n] == '\0' || place[n] == '/');
}

int dist_check_folder(const struct project *p, const char *folder, struct err *e)
{
	struct arena a = ARENA_INIT;
	const char *place = find_place(&a, folder);
	int rc = 0;

	if (!place)
		rc = err_sys(e, "cannot use the folder '%s'", folder);
	else if (strcmp(place, p->real) == 0 ||
		 is_in(place, arena_printf(&a, "%s/packages", p->real)) ||
		 is_in(place, arena_printf(&a, "%s/lib", p->real)))
		rc = err_set(e, ERR_USAGE,
			     "'%s' is among the project's sources; give a folder of its own, "
			     "such as '%s/dist'",
			     folder, p->root);
	arena_release(&a);
	return rc;
}

static void tell_notes(struct sink *sink, const char *name, const struct artifact *a)
{
	size_t i;

	for (i = 0; i < a->notes.n; i++)
		sink_warning(sink, name, "%s", a->notes.v[i]);
}

static void tell_packed(struct sink *sink, const char *name, const struct artifact *a)
{
	const struct event ev = {.type = EVENT_PACKED,
				 .function = name,
				 .bytes = a->bytes,
				 .count = a->files,
				 .text = str_of(a->digest)};
	size_t i;

	for (i = 0; i < countof(a->remarks); i++)
		if (a->remarks[i])
			sink_note(sink, name, "%s", a->remarks[i]);
	sink_emit(sink, &ev);
}

/* ".py" of "x.py"; empty without one. */
static const char *extension_of(const char *name)
{
	const char *dot = strrchr(path_base(str_of(name)).p, '.');

	return dot ? dot : "";
}

/* Of the file that is written: a folder with one file is sent as that file. */
static const char *artifact_extension(const struct artifact *a)
{
	return a->zipped ? ".zip" : extension_of(a->list.files.v[0].name.p);
}

static void describe(struct dist *d, const struct function *f, const struct artifact *a,
		     const char *path)
{
	struct json *j = json_new_object();

	json_set(j, "function", json_new_cstr(function_full_name(d->build->project, f)));
	json_set(j, "file", json_new_cstr(path));
	json_set(j, "kind", json_new_cstr(a->runtime));
	json_set(j, "main", f->main ? json_new_cstr(f->main) : json_new_null());
	json_set(j, "binary", json_new_bool(a->binary));
	json_set(j, "bytes", json_new_int((int64_t)a->bytes));
	json_set(j, "sha256", json_new_cstr(a->digest));
	json_set(j, "files", json_new_int((int64_t)a->files));
	json_push(d->manifest, j);
}

struct code {
	const struct spool *spool;
	const struct artifact *artifact;
	int fd;
};

static int write_piece(void *arg, struct str piece, struct err *e)
{
	const struct code *c = arg;

	return fs_write_all(c->fd, piece) == 0 ? 0 : err_sys(e, "cannot write");
}

static int write_code(void *arg, int fd)
{
	struct code *c = arg;
	struct err e = ERR_INIT;
	int rc;

	c->fd = fd;
	rc = spool_each(c->spool, c->artifact->at, c->artifact->bytes, write_piece, c, &e);
	if (rc < 0)
		errno = e.sys ? e.sys : EIO;
	err_clear(&e);
	return rc;
}

static int write_artifact(struct dist *d, const struct function *f, const struct artifact *a,
			  struct err *e)
{
	struct project *p = d->build->project;
	struct code code = {.spool = &d->packer.spool, .artifact = a};
	/* The manifest tells by digests what is whole, so the disk need not be waited for. */
	const struct fs_new file = {
		.mode = 0644, .quick = true, .write = write_code, .arg = &code};
	const char *path = arena_printf(&p->arena, "%s/%s%s", f->package->name, f->name,
					artifact_extension(a));

	if (fs_make_dirs(d->folder, f->package->name, 0755, e) < 0 ||
	    fs_write_new(d->folder, path, &file, e) < 0)
		return -1;
	describe(d, f, a, path);
	return 0;
}

/* Takes note of a function with files. */
static int read_files(struct dist *d, const struct function *f, const char *name, struct err *e)
{
	struct reading r = {.function = f};

	if (pack_read(&d->packer, f, &r.artifact, e) < 0)
		return -1;
	tell_notes(d->build->sink, name, &r.artifact);
	refusals_add(&d->refused, d->build->sink, name, &r.artifact);
	pack_want(&d->packer, &r.artifact);
	vec_push(&d->functions, r);
	return 0;
}

static int check_interrupt(const struct dist *d, struct err *e)
{
	if (loop_interrupted(d->build->loop))
		return err_set(e, ERR_CANCELLED, "interrupted; not all functions were built");
	return 0;
}

static int read_function(struct dist *d, const struct function *f, struct err *e)
{
	const struct build *b = d->build;
	const char *name = function_full_name(b->project, f);

	if (f->source_kind == SOURCE_NONE) {
		sink_note(b->sink, name, "has no files of its own: nothing to build");
		return 0;
	}
	if (read_files(d, f, name, e) < 0 && !refusals_take(&d->refused, b->sink, name, f, e))
		return -1;
	return check_interrupt(d, e);
}

/* Code that has errors is made too: to see whether it can be. */
static int make_and_write(struct dist *d, struct reading *r, const char *name, struct err *e)
{
	struct artifact *a = &r->artifact;
	int rc = pack_make(&d->packer, r->function, a, e);

	if (rc == 0)
		tell_packed(d->build->sink, name, a);
	if (rc == 0 && d->refused.errors == 0 && d->refused.too_large == 0)
		rc = write_artifact(d, r->function, a, e);
	artifact_release(a);
	spool_reset(&d->packer.spool);
	return rc;
}

static int write_function(struct dist *d, struct reading *r, struct err *e)
{
	const char *name = function_full_name(d->build->project, r->function);

	if (make_and_write(d, r, name, e) < 0 &&
	    !refusals_take(&d->refused, d->build->sink, name, r->function, e))
		return -1;
	return check_interrupt(d, e);
}

static int read_functions(struct dist *d, struct err *e)
{
	const struct project *p = d->build->project;
	size_t i, j;

	for (i = 0; i < p->packages.n; i++)
		for (j = 0; j < p->packages.v[i]->functions.n; j++)
			if (read_function(d, p->packages.v[i]->functions.v[j], e) < 0)
				return -1;
	return d->refused.errors ? 0 : pack_compile(&d->packer, e);
}

static int write_functions(struct dist *d, struct err *e)
{
	size_t i;

	for (i = 0; i < d->functions.n; i++)
		if (write_function(d, &d->functions.v[i], e) < 0)
			return -1;
	return refusals_check(&d->refused, e);
}

static int build_functions(const struct build *b, struct err *e)
{
	const struct project *p = b->project;
	const struct function **fs =
		xcalloc(project_function_count(p), sizeof(struct function *));
	size_t i, j, n = 0;
	int rc;

	for (i = 0; i < p->packages.n; i++)
		for (j = 0; j < p->packages.v[i]->functions.n; j++)
			fs[n++] = p->packages.v[i]->functions.v[j];
	rc = build_all(b, fs, n, e);
	free(fs);
	return rc;
}

static int write_manifest(const struct dist *d, struct err *e)
{
	struct strbuf text = STRBUF_INIT;
	int rc;

	json_write_pretty(&text, d->manifest);
	strbuf_addc(&text, '\n');
	rc = fs_write_atomic(d->folder, "manifest.json", strbuf_str(&text), 0644, e);
	strbuf_release(&text);
	return rc;
}

static void release_functions(struct dist *d)
{
	size_t i;

	for (i = 0; i < d->functions.n; i++)
		artifact_release(&d->functions.v[i].artifact);
	vec_release(&d->functions);
}

static int open_folder(const char *folder, struct err *e)
{
	if (fs_make_dirs(AT_FDCWD, folder, 0755, e) < 0)
		return -1;
	return fs_open_dir(AT_FDCWD, folder, e);
}

int dist_write(const struct build *b, const char *folder, struct json **manifest, struct err *e)
{
	struct dist d = {.build = b, .folder = open_folder(folder, e)};
	int rc = -1;

	*manifest = NULL;
	if (d.folder < 0)
		return -1;
	d.manifest = json_new_array();
	packer_init(&d.packer, b->loop, b->project, b->options.jobs);
	packer_remember(&d.packer);
	packer_compile(&d.packer);
	if (build_functions(b, e) == 0 && read_functions(&d, e) == 0 &&
	    write_functions(&d, e) == 0 && write_manifest(&d, e) == 0)
		rc = 0;
	release_functions(&d);
	packer_release(&d.packer);
	(void)close(d.folder);
	if (rc == 0)
		*manifest = d.manifest;
	else
		json_free(d.manifest);
	return rc;
}
