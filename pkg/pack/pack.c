#include "pack/pack.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "bytecode/bytecode.h"
#include "cache/cache.h"
#include "fs/fs.h"
#include "fs/stat_cache.h"
#include "pack/make.h"
#include "runtime/runtime.h"
#include "sizes/sizes.h"
#include "verify/verify.h"

static int fail_runtime(const struct function *f, struct err *e)
{
	return err_set(
		e, ERR_PROJECT,
		"'%s': its files do not tell the runtime; set 'runtime:' in project.yml, "
		"e.g. 'runtime: python:default'",
		f->source);
}

int pack_fail_size(const struct project *p, const struct function *f,
		   const struct filter_list *list, struct err *e)
{
	struct sizes_question q = {.root = p->root_fd, .function = f, .list = list};
	struct strbuf largest = STRBUF_INIT;
	struct sizes sizes;

	q.runtime = pack_kind(f, list);
	sizes_find(&sizes, &q);
	sizes_describe(&largest, &sizes);
	err_set(e, ERR_PROJECT,
		"'%s' is too large: the platform takes %d MiB of code, which is %d MiB of a "
		"zip; largest are %s; leave out what the function does not need with "
		"'.ignore'; 'dofn files --sizes' tells more",
		f->source, PACK_MAX_CODE >> 20, PACK_MAX_BINARY >> 20, largest.buf);
	e->sys = EFBIG;
	sizes_release(&sizes);
	strbuf_release(&largest);
	return -1;
}

bool pack_is_too_large(const struct err *e)
{
	return e->code == ERR_PROJECT && e->sys == EFBIG;
}

/* guessed: what the files tell, or NULL. */
static const char *kind_of(const struct function *f, const char *guessed)
{
	if (f->docker)
		return "blackbox";
	return f->runtime ? f->runtime : guessed;
}

/* An entry file decides over whatever else lies there (functions.md 2.6, platform.md 3.3). */
const char *pack_runtime(const struct filter_list *list)
{
	static const char *const entries[] = {"__main__.py", "index.js", "index.php"};
	const char *kind;
	size_t i, j;

	for (i = 0; i < countof(entries); i++)
		for (j = 0; j < list->files.n; j++)
			if (str_is(list->files.v[j].name, entries[i]))
				return runtime_of_file(str_of(entries[i]));
	for (j = 0; j < list->files.n; j++) {
		kind = runtime_of_file(path_base(list->files.v[j].name));
		if (kind)
			return kind;
	}
	return NULL;
}

const char *pack_kind(const struct function *f, const struct filter_list *list)
{
	return kind_of(f, pack_runtime(list));
}

static int check_several(const struct function *f, const struct filter_list *list,
			 struct artifact *a, struct err *e)
{
	a->runtime = pack_kind(f, list);
	if (!a->runtime)
		return fail_runtime(f, e);
	a->zipped = a->binary = true;
	return 0;
}

/* What is no file, and why, in the words of who opens it. */
static int stat_single(struct project *p, const char *path, struct fs_stamp *stamp,
		       struct err *e)
{
	struct fs_entry entry;
	struct stat st;
	int found = fs_lookup(p->root_fd, -1, path, &entry, e), fd;

	if (found < 0)
		return -1;
	if (found == FS_FOUND && entry.type == FS_FILE) {
		*stamp = entry.stamp;
		return 0;
	}
	fd = fs_open_file(p->root_fd, -1, path, &st, e);
	if (fd < 0)
		return -1;
	(void)close(fd);
	*stamp = fs_stamp_of(&st);
	return 0;
}

/* A function that is one file, as the list that a folder would give. */
static int list_single(struct project *p, const struct function *f, struct filter_list *list,
		       struct err *e)
{
	struct filter_file file = {.path = str_of(f->source),
				   .name = path_base(str_of(f->source))};

	if (stat_single(p, f->source, &file.stamp, e) < 0)
		return -1;
	if (filter_check_single(p->root_fd, f->source, e) < 0)
		return -1;
	file.size = file.stamp.size;
	vec_push(&list->files, file);
	return 0;
}

static int fail_no_code(struct project *p, const struct function *f, struct err *e)
{
	return err_set(e, ERR_PROJECT,
		       "function '%s' is in project.yml but has no code; add "
		       "'packages/%s/%s' or remove its entry",
		       function_full_name(p, f), f->package->name, f->name);
}

int pack_files(struct project *p, const struct function *f, struct filter_list *list,
	       struct err *e)
{
	switch (f->source_kind) {
	case SOURCE_FILE: return list_single(p, f, list, e);
	case SOURCE_FOLDER: return filter_collect(&p->arena, p->root_fd, f->source, list, e);
	default: return fail_no_code(p, f, e);
	}
}

int pack_explain(struct project *p, const struct function *f, struct filter_list *list,
		 struct err *e)
{
	struct filter_decision only = {.verdict = FILTER_IN,
				       .why = "the function is this file"};

	switch (f->source_kind) {
	case SOURCE_FILE:
		if (list_single(p, f, list, e) < 0)
			return -1;
		only.path = only.name = list->files.v[0].name;
		vec_push(&list->decisions, only);
		return 0;
	case SOURCE_FOLDER: return filter_explain(&p->arena, p->root_fd, f->source, list, e);
	default: return fail_no_code(p, f, e);
	}
}

static int check_single(struct project *p, const struct function *f,
			const struct filter_list *list, struct artifact *a, struct err *e)
{
	const struct filter_file *file = &list->files.v[0];
	struct str name = path_base(file->name);

	a->runtime = kind_of(f, runtime_of_file(name));
	if (!a->runtime)
		return fail_runtime(f, e);
	a->binary = runtime_is_archive(name);
	if (file->size > (a->binary ? PACK_MAX_BINARY : PACK_MAX_CODE))
		return pack_fail_size(p, f, list, e);
	return 0;
}

static int check_list(struct project *p, const struct function *f,
		      const struct filter_list *list, struct artifact *a, struct err *e)
{
	size_t i;

	a->files = list->files.n;
	a->remarks[0] = list->stale;
	for (i = 0; i < list->notes.n; i++)
		vec_push(&a->notes, list->notes.v[i]);
	if ((list->files.n == 1 ? check_single(p, f, list, a, e)
				: check_several(f, list, a, e)) < 0)
		return -1;
	if (!p->no_verify)
		verify_function(&(struct verify){p->root_fd, f, list, a->runtime},
				&a->findings);
	return 0;
}

int pack_check(struct project *p, const struct function *f, const struct filter_list *list,
	       struct artifact *a, struct err *e)
{
	struct spool spool;
	int rc;

	*a = (struct artifact){0};
	spool_init(&spool, NULL, 1 << 20);
	rc = check_list(p, f, list, a, e);
	if (rc == 0 && !a->zipped)
		rc = single_make(p, f, list, &spool, a, e);
	spool_release(&spool);
	if (rc < 0)
		artifact_release(a);
	return rc;
}

void packer_init(struct packer *k, struct loop *loop, struct project *p, unsigned threads)
{
	*k = (struct packer){.loop = loop, .project = p, .threads = threads};
	spool_init(&k->spool, NULL, PACK_MEMORY);
}

void packer_remember(struct packer *k)
{
	struct err e = ERR_INIT;

	k->folder = cache_find_place(&e);
	spool_init(&k->spool, k->folder, PACK_MEMORY);
	err_clear(&e);
}

void packer_compile(struct packer *k)
{
	if (!k->project->no_bytecode)
		k->bytecode = bytecode_new(k->loop, k->project, k->threads);
}

void packer_release(struct packer *k)
{
	if (!k->loop)
		return;
	bytecode_free(k->bytecode);
	stat_cache_close(k->known);
	spool_release(&k->spool);
	free(k->folder);
	*k = (struct packer){0};
}

/* All it has is in the image. */
static int read_image(const struct function *f, struct artifact *a)
{
	a->runtime = kind_of(f, NULL);
	sha256_of("", 0, a->content);
	return 0;
}

static int look(struct packer *k, const struct function *f, struct artifact *a, struct err *e)
{
	*a = (struct artifact){0};
	if (f->docker && f->source_kind == SOURCE_NONE)
		return read_image(f, a);
	if (pack_files(k->project, f, &a->list, e) == 0 &&
	    check_list(k->project, f, &a->list, a, e) == 0)
		return 0;
	artifact_release(a);
	return -1;
}

int pack_read(struct packer *k, const struct function *f, struct artifact *a, struct err *e)
{
	if (look(k, f, a, e) < 0)
		return -1;
	if (a->files == 0 || content_digest(k, a, e) == 0)
		return 0;
	artifact_release(a);
	return -1;
}

/* Only archives have a place for it. */
static bool takes_bytecode(const struct packer *k, const struct artifact *a)
{
	return k->bytecode && a->zipped && a->hashes;
}

static struct bytecode_files bytecode_files_of(struct filter_list *list,
					       const struct artifact *a)
{
	return (struct bytecode_files){
		.runtime = a->runtime, .list = list, .hashes = a->hashes};
}

void pack_want(struct packer *k, const struct artifact *a)
{
	struct filter_list list = a->list;
	const struct bytecode_files files = bytecode_files_of(&list, a);

	if (takes_bytecode(k, a))
		bytecode_want(k->bytecode, &files);
}

int pack_compile(struct packer *k, struct err *e)
{
	return k->bytecode ? bytecode_compile(k->bytecode, e) : 0;
}

static void drop_bytecode(struct filter_list *list)
{
	size_t i, n = 0;

	for (i = 0; i < list->files.n; i++)
		if (!list->files.v[i].bytecode)
			list->files.v[n++] = list->files.v[i];
	list->files.n = n;
}

static int make_archive(struct packer *k, struct artifact *a, struct err *e)
{
	const struct bytecode_files files = bytecode_files_of(&a->list, a);
	size_t added = takes_bytecode(k, a) ? bytecode_add(k->bytecode, &files) : 0;
	int rc = archive_make(k, a, e);

	if (added == 0 || rc == 0)
		return rc;
	drop_bytecode(&a->list);
	if (!pack_is_too_large(e))
		return rc;
	err_clear(e);
	a->remarks[1] = "with bytecode it is larger than the platform takes: goes without, and "
			"compiles what it imports at every cold start";
	return archive_make(k, a, e);
}

int pack_make(struct packer *k, const struct function *f, struct artifact *a, struct err *e)
{
	int rc;

	if (a->files == 0) { /* an image */
		sha256_of("", 0, a->digest);
		return 0;
	}
	if (!a->zipped)
		return single_make(k->project, f, &a->list, &k->spool, a, e);
	rc = make_archive(k, a, e);
	if (rc == 0)
		return 0;
	if (pack_is_too_large(e)) {
		err_clear(e);
		return pack_fail_size(k->project, f, &a->list, e);
	}
	return e->code == ERR_CANCELLED ? -1 : err_wrap(e, "packing '%s'", f->source);
}

int pack_function(struct packer *k, const struct function *f, struct artifact *a, struct err *e)
{
	if (look(k, f, a, e) < 0)
		return -1;
	if (pack_make(k, f, a, e) == 0)
		return 0;
	artifact_release(a);
	return -1;
}

void artifact_release(struct artifact *a)
{
	filter_list_release(&a->list);
	vec_release(&a->notes);
	diags_release(&a->findings);
	free(a->hashes);
	a->hashes = NULL;
}
