#include "pack/pack.h"

#include <errno.h>
#include <unistd.h>

#include "base/utf8.h"
#include "fs/fs.h"
#include "pack/largest.h"
#include "pack/python.h"
#include "runtime/runtime.h"
#include "zip/zip.h"

/* What of PACK_MAX_CODE is left when base64 makes four characters of three bytes. */
enum { MAX_BINARY = PACK_MAX_CODE / 4 * 3 };

static int fail_runtime(const struct function *f, struct err *e)
{
	return err_set(
		e, ERR_PROJECT,
		"'%s': its files do not tell the runtime; set 'runtime:' in project.yml, "
		"e.g. 'runtime: python:default'",
		f->source);
}

static int fail_size(const struct function *f, const struct filter_list *list, struct err *e)
{
	struct strbuf largest = STRBUF_INIT;

	largest_describe(&largest, list);
	err_set(e, ERR_PROJECT,
		"'%s' is too large: the platform takes %d MiB of code, which is %d MiB of a "
		"zip; "
		"largest are %s; leave out what the function does not need with '.ignore'",
		f->source, PACK_MAX_CODE >> 20, MAX_BINARY >> 20, largest.buf);
	strbuf_release(&largest);
	return -1;
}

static uint64_t first_bad_line(struct str text)
{
	uint64_t line = 1;
	size_t n;

	while (text.n > 0 && (n = utf8_sequence(text)) > 0) {
		line += *text.p == '\n';
		text = str_from(text, n);
	}
	return line;
}

static int fail_encoding(const struct filter_file *file, struct str code, struct err *e)
{
	struct strbuf shown = STRBUF_INIT;

	utf8_add_printable(&shown, file->path);
	err_set(e, ERR_PROJECT,
		"'%s' is not UTF-8 in line %llu; save it as UTF-8, or keep it in a function's "
		"folder with a second file, which goes as a zip",
		shown.buf, (unsigned long long)first_bad_line(code));
	strbuf_release(&shown);
	return -1;
}

/* The name of a program without an extension is its whole name: what a build left. */
static bool has_extension(struct str name)
{
	return name.n > 1 && memchr(name.p + 1, '.', name.n - 1);
}

/*
 * Text goes as it is, byte for byte; an archive goes as it is, as base64.  So
 * does a compiled program, the only thing without an extension that is no text.
 */
static int judge_single(const struct filter_file *file, struct artifact *a, struct err *e)
{
	struct str name = path_base(file->name), code = strbuf_str(&a->code);

	a->binary = runtime_is_archive(name);
	if (a->binary || utf8_is_valid(code))
		return 0;
	a->binary = !has_extension(name);
	return a->binary ? 0 : fail_encoding(file, code, e);
}

static bool is_python(const struct artifact *a)
{
	return str_is(runtime_language(str_of(a->runtime)), "python");
}

/* guessed: what the files tell, or NULL. */
static const char *kind_of(const struct function *f, const char *guessed)
{
	if (f->docker)
		return "blackbox";
	return f->runtime ? f->runtime : guessed;
}

static int pack_single(struct project *p, const struct function *f,
		       const struct filter_list *list, struct artifact *a, struct err *e)
{
	const struct filter_file *file = &list->files.v[0];

	a->runtime = kind_of(f, runtime_of_file(path_base(file->name)));
	if (!a->runtime)
		return fail_runtime(f, e);
	if (file->size > PACK_MAX_CODE)
		return fail_size(f, list, e);
	if (fs_read_below(p->root_fd, -1, file->path.p, PACK_MAX_CODE, &a->code, e) < 0 ||
	    judge_single(file, a, e) < 0)
		return -1;
	if (a->binary && a->code.len > MAX_BINARY)
		return fail_size(f, list, e);
	if (a->binary && is_python(a))
		return python_check_archive(p, file, a, e);
	return 0;
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

static int add_file(struct project *p, struct zip_writer *w, const struct filter_file *file,
		    struct err *e)
{
	struct stat st;
	int fd = fs_open_file(p->root_fd, -1, file->path.p, &st, e);
	int rc;

	if (fd < 0)
		return -1;
	rc = zip_add_fd(w, file->name.p, file->executable, fd, (uint64_t)st.st_size, e);
	(void)close(fd);
	return rc;
}

static int write_zip(struct project *p, const struct filter_list *list, struct strbuf *out,
		     struct err *e)
{
	struct zip_writer *w = zip_writer_new(zip_fixed_time(), MAX_BINARY, e);
	size_t i;

	if (!w)
		return -1;
	for (i = 0; i < list->files.n; i++)
		if (add_file(p, w, &list->files.v[i], e) < 0) {
			zip_writer_free(w);
			return -1;
		}
	return zip_writer_end(w, out, e);
}

static int check_several(struct project *p, const struct function *f,
			 const struct filter_list *list, struct artifact *a, struct err *e)
{
	a->runtime = kind_of(f, pack_runtime(list));
	if (!a->runtime)
		return fail_runtime(f, e);
	if (is_python(a) && python_check(p, f, list, a, e) < 0)
		return -1;
	a->zipped = a->binary = true;
	return 0;
}

static int pack_several(struct project *p, const struct function *f,
			const struct filter_list *list, struct artifact *a, struct err *e)
{
	if (check_several(p, f, list, a, e) < 0)
		return -1;
	if (write_zip(p, list, &a->code, e) == 0)
		return 0;
	if (e->sys == EFBIG) {
		err_clear(e);
		return fail_size(f, list, e);
	}
	return err_wrap(e, "packing '%s'", f->source);
}

/* A function that is one file, as the list that a folder would give. */
static int list_single(struct project *p, const struct function *f, struct filter_list *list,
		       struct err *e)
{
	struct filter_file file = {.path = str_of(f->source),
				   .name = path_base(str_of(f->source))};
	struct stat st;
	int fd = fs_open_file(p->root_fd, -1, f->source, &st, e);

	if (fd < 0)
		return -1;
	(void)close(fd);
	if (filter_check_single(p->root_fd, f->source, e) < 0)
		return -1;
	file.size = (uint64_t)st.st_size;
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

static void take_notes(struct artifact *a, const struct filter_list *list)
{
	size_t i;

	for (i = 0; i < list->notes.n; i++)
		vec_push(&a->notes, list->notes.v[i]);
}

int pack_check(struct project *p, const struct function *f, const struct filter_list *list,
	       struct artifact *a, struct err *e)
{
	int rc;

	*a = (struct artifact){.code = STRBUF_INIT, .files = list->files.n};
	take_notes(a, list);
	rc = list->files.n == 1 ? pack_single(p, f, list, a, e)
				: check_several(p, f, list, a, e);
	if (rc < 0)
		artifact_release(a);
	return rc;
}

/* All it has is in the image. */
static int pack_image(const struct function *f, struct artifact *a)
{
	*a = (struct artifact){.code = STRBUF_INIT, .runtime = kind_of(f, NULL)};
	sha256_of("", 0, a->digest);
	return 0;
}

int pack_function(struct project *p, const struct function *f, struct artifact *a,
		  struct err *e)
{
	struct filter_list list = {0};
	int rc;

	if (f->docker && f->source_kind == SOURCE_NONE)
		return pack_image(f, a);
	rc = pack_files(p, f, &list, e);
	*a = (struct artifact){.code = STRBUF_INIT, .files = list.files.n};
	if (rc == 0) {
		take_notes(a, &list);
		rc = list.files.n == 1 ? pack_single(p, f, &list, a, e)
				       : pack_several(p, f, &list, a, e);
	}
	if (rc == 0)
		sha256_of(a->code.buf, a->code.len, a->digest);
	else
		artifact_release(a);
	filter_list_release(&list);
	return rc;
}

void artifact_release(struct artifact *a)
{
	strbuf_release(&a->code);
	vec_release(&a->notes);
}
