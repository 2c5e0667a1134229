#include "remote/remote.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/fs.h"
#include "pack/pack.h"
#include "runtime/runtime.h"
#include "zip/zip.h"

const char slice_python_script[] =
	"#!/bin/bash\n"
	"# The packages of requirements.txt, for builders that run nothing but a script.\n"
	"set -e\n"
	"version=$(python3 -c 'import sys; print(\"%d.%d\" % sys.version_info[:2])')\n"
	"virtualenv --without-pip virtualenv\n"
	"pip install -r requirements.txt "
	"--target \"virtualenv/lib/python$version/site-packages\"\n";

static int by_name(const void *a, const void *b)
{
	const struct slice_file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static const char *folder_of(const struct slice *s)
{
	const struct function *f = s->function;

	return arena_printf(&s->project->arena, "packages/%s/%s", f->package->name, f->name);
}

/* Those of a folder, under their own names; `list` is of filter_sources(). */
static void take_list(struct slice *s, const struct filter_list *list)
{
	struct slice_file file = {0};
	size_t i;

	for (i = 0; i < list->files.n; i++) {
		file.name = list->files.v[i].name.p;
		file.path = list->files.v[i].path.p;
		file.executable = list->files.v[i].executable;
		vec_push(&s->files, file);
	}
	for (i = 0; i < list->notes.n; i++)
		vec_push(&s->notes, list->notes.v[i]);
}

static int take_folder(struct slice *s, const char *folder, struct err *e)
{
	struct filter_list list;

	if (filter_sources(&s->project->arena, s->project->root_fd, folder, &list, e) < 0)
		return -1;
	take_list(s, &list);
	if (!s->runtime && strcmp(folder, "lib") != 0)
		s->runtime = pack_runtime(&list);
	filter_list_release(&list);
	return 0;
}

/* A single file gets a folder, where there is room for a build.sh. */
static void take_file(struct slice *s)
{
	struct str base = path_base(str_of(s->function->source));
	struct slice_file file = {.path = s->function->source};

	file.name = path_join(&s->project->arena, str_of(folder_of(s)), base);
	vec_push(&s->files, file);
	if (!s->runtime)
		s->runtime = runtime_of_file(base);
}

static bool has_file(const struct slice *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->files.n; i++)
		if (strcmp(s->files.v[i].name, name) == 0)
			return true;
	return false;
}

static bool is_identifier(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return n > 0 && s[n] == '\0';
}

/* The build.sh that the builder lacks; NULL with *e. */
static const char *make_script(struct slice *s, enum remote_how how, struct err *e)
{
	const char *main = s->function->main ? s->function->main : "Main", *needed;
	struct arena *a = &s->project->arena;

	if (how == REMOTE_GO) {
		if (is_identifier(main))
			return arena_printf(a, "#!/bin/bash\nset -e\n/bin/defaultBuild %s\n",
					    main);
		err_set(e, ERR_PROJECT, "'main' of '%s' is no name of a function of Go",
			s->function->name);
		return NULL;
	}
	needed = arena_printf(a, "%s/requirements.txt", folder_of(s));
	if (has_file(s, needed))
		return slice_python_script;
	err_set(e, ERR_PROJECT,
		"'%s' is needed for a remote build; list the packages in it, or set "
		"'localBuild: true' for the function in project.yml",
		needed);
	return NULL;
}

static int add_script(struct slice *s, enum remote_how how, struct err *e)
{
	struct slice_file file = {.executable = true};
	const char *text;

	if (how == REMOTE_OWN)
		return 0;
	text = make_script(s, how, e);
	if (!text)
		return -1;
	file.name = arena_printf(&s->project->arena, "%s/build.sh", folder_of(s));
	file.data = str_of(text);
	file.size = file.data.n;
	vec_push(&s->files, file);
	return 0;
}

static int hash_content(const struct slice *s, struct slice_file *f,
			unsigned char digest[SHA256_SIZE], struct err *e)
{
	struct stat st;
	int fd = fs_open_file(s->project->root_fd, -1, f->path, &st, e), r;

	if (fd < 0)
		return -1;
	r = fs_hash_rest(fd, digest, &f->size);
	if (r < 0)
		err_sys(e, "cannot read '%s'", f->path);
	(void)close(fd);
	return r;
}

static int hash_file(struct slice *s, struct slice_file *f, char hex[SHA256_HEX], struct err *e)
{
	unsigned char digest[SHA256_SIZE];

	if (!f->path) {
		sha256_of(f->data.p, f->data.n, hex);
	} else {
		if (hash_content(s, f, digest, e) < 0)
			return -1;
		sha256_hex(digest, hex);
	}
	s->bytes += f->size;
	return 0;
}

static int digest_files(struct slice *s, struct err *e)
{
	struct strbuf sum = STRBUF_INIT;
	char hex[SHA256_HEX];
	size_t i;
	int r = 0;

	strbuf_adds(&sum, "slice 1\n");
	for (i = 0; i < s->files.n; i++) {
		r = hash_file(s, &s->files.v[i], hex, e);
		if (r < 0)
			break;
		strbuf_addf(&sum, "%s %d %s", hex, s->files.v[i].executable,
			    s->files.v[i].name);
		strbuf_addc(&sum, '\0');
	}
	sha256_of(sum.buf, sum.len, s->digest);
	strbuf_release(&sum);
	return r;
}

static int list_files(struct slice *s, enum remote_how how, struct err *e)
{
	const struct function *f = s->function;

	if (f->source_kind == SOURCE_FILE)
		take_file(s);
	else if (take_folder(s, f->source, e) < 0)
		return -1;
	if (!s->runtime)
		return err_set(e, ERR_PROJECT,
			       "the runtime of '%s' cannot be told from its files; set "
			       "'runtime' in project.yml",
			       f->source);
	if (s->project->has_lib && take_folder(s, "lib", e) < 0)
		return -1;
	if (add_script(s, how, e) < 0)
		return -1;
	qsort(s->files.v, s->files.n, sizeof(*s->files.v), by_name);
	return digest_files(s, e);
}

int slice_list(struct project *p, const struct function *f, enum remote_how how,
	       struct slice *s, struct err *e)
{
	*s = (struct slice){.project = p, .function = f, .runtime = f->runtime};
	if (list_files(s, how, e) == 0)
		return 0;
	slice_release(s);
	return -1;
}

void slice_release(struct slice *s)
{
	vec_release(&s->files);
	vec_release(&s->notes);
}

static int add_file(struct zip_writer *w, const struct slice *s, const struct slice_file *f,
		    struct err *e)
{
	struct stat st;
	int fd, r;

	if (!f->path)
		return zip_add_data(w, f->name, f->executable, f->data, e);
	fd = fs_open_file(s->project->root_fd, -1, f->path, &st, e);
	if (fd < 0)
		return -1;
	r = zip_add_fd(w, f->name, f->executable, fd, f->size, e);
	(void)close(fd);
	return r;
}

static int add_configuration(struct zip_writer *w, const struct slice *s,
			     const struct slice_owner *owner, char key[SHA256_HEX],
			     struct err *e)
{
	struct strbuf text = STRBUF_INIT, encrypted = STRBUF_INIT, hex = STRBUF_INIT;
	unsigned char raw[AES_KEY_SIZE];
	int r;

	random_bytes(raw, sizeof(raw));
	sha256_hex(raw, key);
	slice_configuration(s, owner, &text);
	aes_encrypt(&encrypted, raw, strbuf_str(&text));
	hex_encode(&hex, strbuf_str(&encrypted));
	r = zip_add_data(w, "project.yml", false, strbuf_str(&hex), e);
	strbuf_release(&text);
	strbuf_release(&encrypted);
	strbuf_release(&hex);
	return r;
}

static int explain(const struct slice *s, struct err *e)
{
	if (e->sys != EFBIG)
		return err_wrap(e, "packing '%s' for its remote build", s->function->name);
	err_clear(e);
	return err_set(e, ERR_PROJECT,
		       "'%s' has %llu bytes of files, too many for a remote build (%d MiB "
		       "packed); leave files out with .ignore",
		       s->function->source, (unsigned long long)s->bytes,
		       SLICE_MAX_BYTES >> 20);
}

int slice_write(const struct slice *s, const struct slice_owner *owner, struct strbuf *zip,
		char key[SHA256_HEX], struct err *e)
{
	const struct zip_options o = {
		.time = zip_fixed_time(), .max = SLICE_MAX_BYTES, .keep = SIZE_MAX};
	struct zip_writer *w = zip_writer_new(&o, e);
	size_t i;

	if (!w)
		return -1;
	for (i = 0; i < s->files.n; i++)
		if (add_file(w, s, &s->files.v[i], e) < 0)
			break;
	if (i < s->files.n || add_configuration(w, s, owner, key, e) < 0) {
		zip_writer_free(w);
		return explain(s, e);
	}
	return zip_writer_end_whole(w, zip, e) < 0 ? explain(s, e) : 0;
}
