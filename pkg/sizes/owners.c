#include "sizes/owners.h"

#include <stdlib.h>
#include <string.h>

#include "fs/fs.h"
#include "sizes/record.h"
#include "verify/sources.h"

enum { DEEPEST = 64 };

static bool starts_with(struct str s, struct str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

/* Bytes up to and with the first folder of that name, which ends with '/'; 0 = none. */
static size_t behind_folder(struct str name, const char *folder)
{
	size_t n = strlen(folder), at = 0;
	const char *found;

	while (at < name.n && (found = memmem(name.p + at, name.n - at, folder, n))) {
		at = (size_t)(found - name.p) + n;
		if (found == name.p || found[-1] == '/')
			return at;
	}
	return 0;
}

enum sizes_kind owners_kind(struct str name, size_t *head)
{
	*head = behind_folder(name, "node_modules/");
	if (*head)
		return SIZES_NODE;
	*head = behind_folder(name, "site-packages/");
	return *head ? SIZES_PYTHON : SIZES_OWN;
}

/* The name with the part that begins at `head`, and its slash. */
static struct str through(struct str name, size_t head)
{
	const char *slash = head < name.n ? memchr(name.p + head, '/', name.n - head) : NULL;

	return slash ? (struct str){name.p, (size_t)(slash - name.p) + 1} : name;
}

/* As far as the name goes along with the folder. */
static size_t shared_folder(struct str name, struct str folder)
{
	size_t i, shared = 0;

	for (i = 0; i < name.n && i < folder.n && name.p[i] == folder.p[i]; i++)
		if (name.p[i] == '/')
			shared = i + 1;
	return shared;
}

/* The folder, or file, that a file stands for when no RECORD names it. */
static struct str unit_of(const struct owners *o, struct str name, enum sizes_kind *kind,
			  size_t *head)
{
	struct str unit;

	*kind = owners_kind(name, head);
	if (*kind == SIZES_OWN)
		return through(name, shared_folder(name, o->deep));
	unit = through(name, *head);
	if (*kind == SIZES_NODE && name.p[*head] == '@')
		unit = through(name, unit.n);
	return unit;
}

static size_t add_package(struct owners *o, const struct sizes_package *p)
{
	vec_push(&o->s->packages, *p);
	return o->s->packages.n;
}

/* ---- what RECORD files say ---- */

static void own(struct owners *o, struct str name, size_t owner)
{
	const struct filter_file *file = sources_find(o->q->list, name);
	size_t i = file ? (size_t)(file - o->q->list->files.v) : 0;

	if (file && o->of[i] == 0)
		o->of[i] = owner;
}

/* An absolute path, and one that leads out of the artifact, is no file of it. */
static void read_rows(struct owners *o, struct str site, struct str text, size_t owner)
{
	struct strbuf path = STRBUF_INIT;
	struct arena a = ARENA_INIT;
	const char *name;

	while (record_next(&text, &path)) {
		name = path.len ? path_resolve(&a, site, strbuf_str(&path)) : NULL;
		if (name)
			own(o, str_of(name), owner);
	}
	arena_release(&a);
	strbuf_release(&path);
}

/* "numpy" and "1.26.4" of "numpy-1.26.4.dist-info". */
static void split_info(struct str info, struct sizes_package *p)
{
	const char *dash;

	info.n -= sizeof(".dist-info") - 1;
	dash = memchr(info.p, '-', info.n);
	p->name = dash ? (struct str){info.p, (size_t)(dash - info.p)} : info;
	p->version = dash ? str_from(info, p->name.n + 1) : (struct str){"", 0};
}

static void take_record(struct owners *o, size_t i)
{
	const struct filter_file *file = &o->q->list->files.v[i];
	struct str folder = path_dir(file->name), site = path_dir(folder);
	struct sizes_package p = {.kind = SIZES_PYTHON};
	struct strbuf text = STRBUF_INIT;
	struct err e = ERR_INIT;
	size_t owner, j;

	split_info(path_base(folder), &p);
	p.unit = (struct str){folder.p, folder.n + 1};
	owner = add_package(o, &p);
	if (fs_read_below(o->q->root, -1, file->path.p, RECORD_MAX, &text, &e) == 0)
		read_rows(o, site, strbuf_str(&text), owner);
	for (j = sources_lower_bound(o->q->list, p.unit);
	     j < o->q->list->files.n && starts_with(o->q->list->files.v[j].name, p.unit); j++)
		o->of[j] = owner;
	err_clear(&e);
	strbuf_release(&text);
}

static void take_records(struct owners *o)
{
	size_t i;

	for (i = 0; i < o->q->list->files.n; i++)
		if (str_ends(o->q->list->files.v[i].name, ".dist-info/RECORD"))
			take_record(o, i);
}

/* ---- what they do not say ---- */

/* A compiled file that came after its package: the owner of "x.py" for
 * "__pycache__/x.cpython-311.pyc". */
static size_t owner_of_source(const struct owners *o, struct str name)
{
	struct str folder = path_dir(name), base = path_base(name), stem;
	const struct filter_file *source;
	char *path;

	if (!str_ends(name, ".pyc") || !str_is(path_base(folder), "__pycache__"))
		return 0;
	folder = path_dir(folder);
	if (!str_next(&base, '.', &stem))
		return 0;
	path = xasprintf("%.*s%s%.*s.py", STR_ARG(folder), folder.n ? "/" : "", STR_ARG(stem));
	source = sources_find(o->q->list, str_of(path));
	free(path);
	return source ? o->of[source - o->q->list->files.v] : 0;
}

/* The only owner of files in the folder so far; 0 when there are several, or none. */
static size_t only_owner(const struct owners *o, struct str unit)
{
	const struct filter_list *list = o->q->list;
	size_t i, owner = 0;

	if (!str_ends(unit, "/"))
		return 0;
	for (i = sources_lower_bound(list, unit);
	     i < list->files.n && starts_with(list->files.v[i].name, unit); i++) {
		if (o->of[i] && owner && o->of[i] != owner)
			return 0;
		if (o->of[i])
			owner = o->of[i];
	}
	return owner;
}

static size_t add_unit(struct owners *o, struct str unit, enum sizes_kind kind, size_t head)
{
	struct sizes_package p = {.kind = kind, .unit = unit, .name = str_from(unit, head)};

	if (kind != SIZES_OWN && str_ends(p.name, "/"))
		p.name.n--;
	return add_package(o, &p);
}

/* Files are sorted, so those of one unit are neighbours. */
static void take_rest(struct owners *o)
{
	const struct filter_list *list = o->q->list;
	struct str last = {0}, unit;
	size_t i, owner = 0, head;
	enum sizes_kind kind;

	for (i = 0; i < list->files.n; i++) {
		if (o->of[i] == 0)
			o->of[i] = owner_of_source(o, list->files.v[i].name);
		if (o->of[i])
			continue;
		unit = unit_of(o, list->files.v[i].name, &kind, &head);
		if (!last.p || !str_eq(unit, last)) {
			owner = only_owner(o, unit);
			if (owner == 0)
				owner = add_unit(o, unit, kind, head);
			last = unit;
		}
		o->of[i] = owner;
	}
}

/* ---- the function's own ---- */

struct heap {
	struct str unit;
	uint64_t size;
};

/* The largest unit of the function's own files, and how large all are. */
static struct heap largest_own(const struct owners *o, uint64_t *all)
{
	struct heap largest = {{"", 0}, 0}, h = largest;
	size_t i, head;

	*all = 0;
	for (i = 0; i < o->q->list->files.n; i++) {
		const struct filter_file *file = &o->q->list->files.v[i];
		struct str unit;

		if (o->of[i] || owners_kind(file->name, &head) != SIZES_OWN)
			continue;
		unit = through(file->name, shared_folder(file->name, o->deep));
		if (!str_eq(unit, h.unit))
			h = (struct heap){unit, 0};
		h.size += file->size;
		*all += file->size;
		if (h.size > largest.size)
			largest = h;
	}
	return largest;
}

static void go_deep(struct owners *o)
{
	struct heap h;
	uint64_t all;
	size_t i;

	o->deep = (struct str){"", 0};
	for (i = 0; i < DEEPEST; i++) {
		h = largest_own(o, &all);
		if (!str_ends(h.unit, "/") || h.size <= all / 4 * 3)
			return;
		o->deep = h.unit;
	}
}

void owners_find(struct owners *o)
{
	o->of = xcalloc(o->q->list->files.n + 1, sizeof(*o->of));
	take_records(o);
	go_deep(o);
	take_rest(o);
}

void owners_release(struct owners *o)
{
	free(o->of);
	o->of = NULL;
}
