#include "bytecode/bytecode.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build/environment.h"
#include "bytecode/compile.h"
#include "bytecode/modules.h"
#include "loop/batch.h"

extern char **environ;

/* Also part of what an entry is made of: another number, another kind of entry. */
static const char format[] = "dofn bytecode 1";

/* What runs with one version of Python. */
struct dialect {
	struct interpreter python;
	VEC(struct missing) missing;
};

struct bytecode {
	struct loop *loop;
	struct project *project;
	unsigned jobs;
	struct arena arena;
	bool sought;         /* the cache, when it was needed first */
	struct cache *cache; /* NULL: there is none */
	VEC(struct dialect) dialects;
};

struct bytecode *bytecode_new(struct loop *l, struct project *p, unsigned jobs)
{
	struct bytecode *b = xcalloc(1, sizeof(*b));

	*b = (struct bytecode){.loop = l, .project = p};
	b->jobs = jobs ? jobs : loop_processors();
	return b;
}

void bytecode_free(struct bytecode *b)
{
	size_t i;

	if (!b)
		return;
	for (i = 0; i < b->dialects.n; i++)
		vec_release(&b->dialects.v[i].missing);
	vec_release(&b->dialects);
	cache_close(b->cache);
	arena_release(&b->arena);
	free(b);
}

/* Found or not, it is looked for once. */
static struct dialect *add_dialect(struct bytecode *b, const char *version)
{
	struct dialect d = {.python.version = version};
	const struct interpreter_search s = {
		.loop = b->loop,
		.arena = &b->arena,
		.cache = b->cache,
		.env = build_environment(&b->arena, environ, b->project->build_environment,
					 NULL)};

	interpreter_find(&d.python, &s);
	vec_push(&b->dialects, d);
	return &b->dialects.v[b->dialects.n - 1];
}

static bool has_cache(struct bytecode *b)
{
	struct err ignored = ERR_INIT;

	if (!b->sought)
		b->cache = cache_open(&ignored);
	err_clear(&ignored);
	b->sought = true;
	return b->cache;
}

/* NULL: nothing can be compiled for that runtime. */
static struct dialect *dialect_of(struct bytecode *b, const char *runtime)
{
	const char *version = modules_version(&b->arena, runtime);
	struct dialect *d = NULL;
	size_t i;

	if (!version || !has_cache(b))
		return NULL;
	for (i = 0; i < b->dialects.n && !d; i++)
		if (strcmp(b->dialects.v[i].python.version, version) == 0)
			d = &b->dialects.v[i];
	if (!d)
		d = add_dialect(b, version);
	return d->python.identity ? d : NULL;
}

static void id_of(const struct dialect *d, const unsigned char hash[SHA256_SIZE],
		  char id[SHA256_HEX])
{
	struct sha256 *h = sha256_new();
	unsigned char sum[SHA256_SIZE];

	sha256_add(h, format, sizeof(format));
	sha256_add(h, d->python.identity, strlen(d->python.identity) + 1);
	sha256_add(h, hash, SHA256_SIZE);
	sha256_end(h, sum);
	sha256_hex(sum, id);
}

static void want(const struct bytecode *b, struct dialect *d, const struct bytecode_files *f,
		 size_t i)
{
	struct missing m = {.path = f->list->files.v[i].path};
	int fd;

	id_of(d, f->hashes[i], m.id);
	fd = cache_get(b->cache, &compile_entries, m.id);
	if (fd >= 0) {
		(void)close(fd);
		return;
	}
	memcpy(m.hash, f->hashes[i], SHA256_SIZE);
	vec_push(&d->missing, m);
}

void bytecode_want(struct bytecode *b, const struct bytecode_files *f)
{
	struct dialect *d = dialect_of(b, f->runtime);
	size_t i;

	for (i = 0; d && i < f->list->files.n; i++)
		if (modules_has(f->list, i, d->python.version))
			want(b, d, f, i);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct missing *)a)->id, ((const struct missing *)b)->id);
}

/* Each source once, whichever functions have it. */
static void drop_repeated(struct dialect *d)
{
	size_t i, n = 0;

	qsort(d->missing.v, d->missing.n, sizeof(*d->missing.v), by_id);
	for (i = 0; i < d->missing.n; i++)
		if (n == 0 || strcmp(d->missing.v[i].id, d->missing.v[n - 1].id) != 0)
			d->missing.v[n++] = d->missing.v[i];
	d->missing.n = n;
}

static void compile_dialect(const struct bytecode *b, struct dialect *d)
{
	struct compile c = {.loop = b->loop,
			    .cache = b->cache,
			    .python = &d->python,
			    .root = b->project->root_fd,
			    .jobs = b->jobs};

	drop_repeated(d);
	c.sources = d->missing.v;
	c.n = d->missing.n;
	compile_run(&c);
	d->missing.n = 0;
}

int bytecode_compile(struct bytecode *b, struct err *e)
{
	struct cache_usage removed;
	struct err ignored = ERR_INIT;
	bool compiled = false;
	size_t i;

	for (i = 0; i < b->dialects.n && !loop_interrupted(b->loop); i++)
		if (b->dialects.v[i].missing.n > 0) {
			compile_dialect(b, &b->dialects.v[i]);
			compiled = true;
		}
	if (loop_interrupted(b->loop))
		return err_set(e, ERR_CANCELLED, "interrupted while Python compiled modules");
	if (compiled && cache_trim(b->cache, &removed, &ignored) < 0)
		err_clear(&ignored); /* the next one tries again */
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct filter_file *x = a, *y = b;

	return str_cmp(x->name, y->name);
}

/* Whether one of the first n, which are sorted, has the name, or that of its folder. */
static bool is_taken(const struct filter_list *list, size_t n, struct str name)
{
	const struct filter_file key = {.name = name}, folder = {.name = path_dir(name)};

	return bsearch(&key, list->files.v, n, sizeof(key), by_name) ||
	       bsearch(&folder, list->files.v, n, sizeof(key), by_name);
}

/* Bytes of an entry; 0 when there is none. */
static uint64_t size_of(const struct bytecode *b, const char *id)
{
	int fd = cache_get(b->cache, &compile_entries, id);
	struct stat st;
	bool good = fd >= 0 && fstat(fd, &st) == 0;

	if (fd >= 0)
		(void)close(fd);
	return good ? (uint64_t)st.st_size : 0;
}

size_t bytecode_add(struct bytecode *b, const struct bytecode_files *f)
{
	struct dialect *d = dialect_of(b, f->runtime);
	struct filter_list *list = f->list;
	size_t i, n = list->files.n;
	char id[SHA256_HEX];

	for (i = 0; d && i < n; i++) {
		struct filter_file file = {0};

		if (!modules_has(list, i, d->python.version))
			continue;
		file.name = str_of(modules_bytecode_name(&b->arena, list->files.v[i].name,
							 d->python.version));
		id_of(d, f->hashes[i], id);
		file.size = size_of(b, id);
		if (file.size == 0 || is_taken(list, n, file.name))
			continue;
		file.bytecode = arena_strdup(&b->arena, id);
		vec_push(&list->files, file);
	}
	qsort(list->files.v, list->files.n, sizeof(*list->files.v), by_name);
	return list->files.n - n;
}

int bytecode_open(const struct bytecode *b, const struct filter_file *file)
{
	return cache_get(b->cache, &compile_entries, file->bytecode);
}
