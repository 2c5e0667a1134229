#include "sizes/sizes.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/fs.h"
#include "runtime/runtime.h"
#include "sizes/owners.h"
#include "verify/binary.h"
#include "verify/python_names.h"
#include "verify/sources.h"
#include "json/json.h"

enum { LINES_MAX = 8, PACKAGE_JSON_MAX = 1024 * 1024 };

/* A file on its way into a part. */
struct item {
	const struct filter_file *file;
	struct sizes_package *package;
	size_t head; /* bytes of its name in front of its package's */
};

static bool is_one_of(struct str s, const char *const *list)
{
	while (*list && !str_is(s, *list))
		list++;
	return *list != NULL;
}

static bool ends_with_one_of(struct str s, const char *const *list)
{
	while (*list && !str_ends(s, *list))
		list++;
	return *list != NULL;
}

/* ---- lines for .ignore ---- */

/* As a pattern that means this text and no other; NULL when a line cannot hold it. */
static const char *as_pattern(struct arena *a, struct str text)
{
	struct strbuf b = STRBUF_INIT;
	const char *line = NULL;
	size_t i;

	for (i = 0; i < text.n; i++) {
		if ((unsigned char)text.p[i] < ' ' || text.p[i] == 127)
			break;
		if (strchr("*?[\\", text.p[i]) ||
		    (i == 0 && (text.p[i] == '#' || text.p[i] == '!')) ||
		    (i + 1 == text.n && text.p[i] == ' '))
			strbuf_addc(&b, '\\');
		strbuf_addc(&b, text.p[i]);
	}
	if (i == text.n)
		line = arena_strndup(a, b.buf, b.len);
	strbuf_release(&b);
	return line;
}

static void add_line(struct sizes_sum *part, const char *line)
{
	size_t i;

	for (i = 0; i < part->lines.n; i++)
		if (strcmp(part->lines.v[i], line) == 0)
			return;
	if (part->lines.n < LINES_MAX)
		vec_push(&part->lines, line);
}

/* Leaves out `what` wherever it is below the first folder of the file's package. */
static void ignore_below(struct arena *a, struct sizes_sum *part, const struct item *it,
			 const char *what)
{
	struct str name = it->file->name;
	const char *slash = memchr(name.p + it->head, '/', name.n - it->head);
	size_t n = slash ? (size_t)(slash - name.p) + 1 : name.n;
	const char *pattern;

	if (slash && it->package->kind == SIZES_NODE && name.p[it->head] == '@') {
		slash = memchr(name.p + n, '/', name.n - n);
		n = slash ? (size_t)(slash - name.p) + 1 : name.n;
	}
	pattern = as_pattern(a, (struct str){name.p, n});
	if (pattern && slash)
		pattern = arena_printf(a, "%s**/%s", pattern, what);
	if (pattern)
		add_line(part, pattern);
}

/* ---- which part a file is ---- */

static void count(struct sizes_sum *sum, const struct filter_file *file, uint64_t packed)
{
	sum->files++;
	sum->size += file->size;
	sum->packed += packed;
}

/* The first folder of the file below its package that is of the list. */
static struct str find_folder(const struct item *it, const char *const *list)
{
	struct str rest = str_from(path_dir(it->file->name), it->head), one;

	while (rest.n && str_next(&rest, '/', &one))
		if (is_one_of(one, list))
			return one;
	return (struct str){"", 0};
}

static bool take_folder(struct arena *a, const struct item *it, enum sizes_part part,
			const char *const *list, uint64_t packed)
{
	struct sizes_sum *sum = &it->package->parts[part];
	struct str folder = find_folder(it, list);

	if (folder.n == 0)
		return false;
	count(sum, it->file, packed);
	ignore_below(a, sum, it, arena_printf(a, "%.*s/", STR_ARG(folder)));
	return true;
}

static bool take_tests(struct arena *a, const struct item *it, uint64_t packed)
{
	/* Python has packages with a "test" that is no test: django.test. */
	static const char *const python[] = {"tests", NULL};
	static const char *const node[] = {"test", "tests", "__tests__", NULL};

	return take_folder(a, it, SIZES_TESTS, it->package->kind == SIZES_NODE ? node : python,
			   packed);
}

/* Folders of that name with code are no documentation: botocore/docs, yaml/dist/doc. */
static bool take_docs(struct arena *a, const struct item *it, uint64_t packed)
{
	static const char *const names[] = {"doc", "docs", "example", "examples", NULL};
	static const char *const code[] = {".py",   ".so",   ".js",  ".cjs", ".mjs",
					   ".json", ".node", ".pyc", NULL};
	bool taken = take_folder(a, it, SIZES_DOCS, names, packed);

	if (taken && ends_with_one_of(it->file->name, code))
		it->package->docs_have_code = true;
	return taken;
}

static bool take_ending(struct arena *a, const struct item *it, uint64_t packed)
{
	static const struct {
		const char *end, *ignore;
		enum sizes_part part;
	} endings[] = {
		{".pyc", "*.pyc", SIZES_BYTECODE},  {".pyi", "*.pyi", SIZES_STUBS},
		{".d.ts", "*.d.ts", SIZES_STUBS},   {".d.mts", "*.d.mts", SIZES_STUBS},
		{".d.cts", "*.d.cts", SIZES_STUBS}, {".js.map", "*.map", SIZES_MAPS},
		{".mjs.map", "*.map", SIZES_MAPS},  {".cjs.map", "*.map", SIZES_MAPS},
		{".ts.map", "*.map", SIZES_MAPS},   {".css.map", "*.map", SIZES_MAPS},
	};
	struct sizes_sum *sum;
	size_t i;

	for (i = 0; i < countof(endings); i++)
		if (str_ends(it->file->name, endings[i].end)) {
			sum = &it->package->parts[endings[i].part];
			count(sum, it->file, packed);
			ignore_below(a, sum, it, endings[i].ignore);
			return true;
		}
	return false;
}

static bool read_at(void *arg, uint64_t offset, void *to, size_t n)
{
	const int *fd = arg;
	size_t done = 0;
	ssize_t got = 1;

	if (offset > INT64_MAX - n)
		return false;
	for (; done < n && got > 0; done += got > 0 ? (size_t)got : 0)
		got = pread(*fd, (char *)to + done, n - done, (off_t)(offset + done));
	return done == n;
}

static void take_debug(const struct sizes_question *q, const struct item *it)
{
	struct sizes_sum *sum = &it->package->parts[SIZES_DEBUG];
	struct str base = path_base(it->file->name);
	struct err e = ERR_INIT;
	struct stat st;
	uint64_t bytes;
	int fd;

	if (!str_ends(base, ".so") && !str_ends(base, ".node") &&
	    !memmem(base.p, base.n, ".so.", 4))
		return;
	fd = fs_open_file(q->root, -1, it->file->path.p, &st, &e);
	err_clear(&e);
	if (fd < 0)
		return;
	bytes = binary_debug_bytes(read_at, &fd, it->file->size);
	(void)close(fd);
	sum->size += bytes;
	sum->files += bytes > 0;
}

static void take_file(struct sizes *s, const struct sizes_question *q, size_t i,
		      struct sizes_package *p)
{
	const struct filter_file *file = &q->list->files.v[i];
	uint64_t packed = q->packed ? q->packed[i] : 0;
	struct item it = {.file = file, .package = p};

	(void)owners_kind(file->name, &it.head);
	count(&p->all, file, packed);
	s->files++;
	s->size += file->size;
	if (p->kind != SIZES_OWN &&
	    (take_tests(&s->arena, &it, packed) || take_docs(&s->arena, &it, packed)))
		return;
	if (!take_ending(&s->arena, &it, packed))
		take_debug(q, &it);
}

/* ---- what is known about packages ---- */

static struct json *read_package_json(const struct sizes_question *q)
{
	const struct filter_file *file = sources_find(q->list, STR("package.json"));
	struct strbuf text = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct json *j = NULL;

	if (file && fs_read_below(q->root, -1, file->path.p, PACKAGE_JSON_MAX, &text, &e) == 0)
		j = json_parse(strbuf_str(&text), &e);
	err_clear(&e);
	strbuf_release(&text);
	return j;
}

static void describe_packages(struct sizes *s, const struct sizes_question *q)
{
	unsigned minor = q->runtime ? runtime_python_minor(str_of(q->runtime)) : 0;
	struct json *j = read_package_json(q);
	size_t i;

	for (i = 0; i < s->packages.n; i++) {
		struct sizes_package *p = &s->packages.v[i];

		if (p->kind == SIZES_PYTHON)
			p->provided = python_runtime_brings(p->name, minor, &p->major);
		if (p->kind == SIZES_NODE)
			p->development = json_getn(json_get(j, "devDependencies"), p->name) &&
					 !json_getn(json_get(j, "dependencies"), p->name);
	}
	json_free(j);
}

static bool has_include(const struct sizes_question *q)
{
	char *path = xasprintf("%s/.include", q->function->source);
	struct fs_entry entry;
	struct err e = ERR_INIT;
	bool found = q->function->source_kind == SOURCE_FOLDER &&
		     fs_lookup(q->root, -1, path, &entry, &e) == FS_FOUND;

	err_clear(&e);
	free(path);
	return found;
}

static int by_size(const void *a, const void *b)
{
	const struct sizes_package *x = a, *y = b;

	if (x->all.packed != y->all.packed)
		return x->all.packed > y->all.packed ? -1 : 1;
	if (x->all.size != y->all.size)
		return x->all.size > y->all.size ? -1 : 1;
	return str_cmp(x->unit, y->unit);
}

void sizes_find(struct sizes *s, const struct sizes_question *q)
{
	struct owners o = {.s = s, .q = q};
	size_t i;

	*s = (struct sizes){.measured = q->packed != NULL, .included = has_include(q)};
	owners_find(&o);
	for (i = 0; i < q->list->files.n; i++)
		take_file(s, q, i, &s->packages.v[o.of[i] - 1]);
	owners_release(&o);
	describe_packages(s, q);
	if (s->packages.n)
		qsort(s->packages.v, s->packages.n, sizeof(*s->packages.v), by_size);
}

void sizes_release(struct sizes *s)
{
	size_t i, j;

	for (i = 0; i < s->packages.n; i++)
		for (j = 0; j < SIZES_PARTS; j++)
			vec_release(&s->packages.v[i].parts[j].lines);
	vec_release(&s->packages);
	arena_release(&s->arena);
}
