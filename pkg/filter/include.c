#include "filter/collect.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "'packages/p/f/.include' line 3: 'x' ..." */
static int refuse(struct collector *c, const struct include_item *item, const char *why)
{
	err_set(c->e, ERR_PROJECT, "'%s/.include' line %u: '%s' %s", c->folder, item->line,
		item->shown, why);
	if (c->explain)
		vec_push(&c->list->bad_items, arena_strdup(c->a, c->e->msg));
	return explain_go_on(c);
}

/* The part of path below dir, "" for dir itself; false when it is elsewhere. */
static bool below(struct str path, struct str dir, struct str *rest)
{
	*rest = str_from(path, dir.n + 1);
	if (path.n < dir.n || !str_eq((struct str){path.p, dir.n}, dir))
		return false;
	return path.n == dir.n || path.p[dir.n] == '/';
}

/* Sets source and name; NULL, or what is wrong with the item. */
static const char *name_item(struct collector *c, struct str text, struct include_item *item)
{
	struct str source, rest;

	if (memchr(text.p, '\0', text.n))
		return "has a NUL byte";
	if (text.p[0] == '/')
		return "is an absolute path; items are relative to the folder";
	item->source = path_resolve(c->a, str_of(c->folder), text);
	source = str_of(item->source);
	if (item->source && below(source, str_of(c->folder), &rest)) {
		item->name = rest;
	} else if (item->source && below(source, STR("lib"), &rest)) {
		item->name = path_base(source);
	} else {
		return "is neither in the function's folder nor in the project's lib/";
	}
	return NULL;
}

/* Where the item really is has to be in one of the two folders, links included. */
static int find_item(struct collector *c, const struct include_item *item,
		     struct fs_entry *entry)
{
	struct err ignored = ERR_INIT;
	int found = fs_lookup(c->root, c->folder_fd, item->source, entry, c->e), lib;

	if (found != FS_OUTSIDE)
		return found;
	lib = fs_open_below(c->root, -1, "lib", &ignored);
	err_clear(&ignored); /* no lib/ that could be used: outside it stays */
	if (lib < 0)
		return found;
	found = fs_lookup(c->root, lib, item->source, entry, c->e);
	(void)close(lib);
	return found;
}

static int add_folder(struct collector *c, const struct include_item *item)
{
	struct collect_folder f = {
		.c = c,
		.item = item,
		.source = str_of(item->source),
		.name = item->name,
		.is_top = item->name.n == 0,
	};
	int fd = fs_open_below(c->root, -1, item->source, c->e), r;

	if (fd < 0)
		return -1;
	r = collect_folder(&f, fd);
	(void)close(fd);
	return r;
}

static int add_found(struct collector *c, const struct include_item *item,
		     const struct fs_entry *entry)
{
	if (entry->type == FS_DIR)
		return add_folder(c, item);
	if (entry->type == FS_OTHER)
		return refuse(c, item, "is a FIFO, socket or device");
	if (!collect_is_readable(c, item->source, entry))
		return -1;
	collect_add(c, item->source, item->name.p, entry,
		    explain_line(c, ".include", item->line, str_of(item->shown)), item->line);
	return 0;
}

static int add_item(struct collector *c, const struct include_item *item)
{
	struct fs_entry entry;
	int found;

	if (item->wrong)
		return refuse(c, item, item->wrong);
	found = find_item(c, item, &entry);
	switch (found) {
	case FS_FOUND: return add_found(c, item, &entry) < 0 ? explain_go_on(c) : 0;
	case FS_NOTHING: return refuse(c, item, "does not exist");
	case FS_OUTSIDE:
		return refuse(
			c, item,
			"is reached through a link that leads out of the function's folder and "
			"lib/; put a copy in its place");
	default: return explain_go_on(c);
	}
}

static int compare_sources(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void read_items(struct collector *c, struct str text)
{
	uint32_t line = 0;
	struct str field;

	if (str_starts(text, "\xef\xbb\xbf"))
		text = str_from(text, 3);
	while (str_next(&text, '\n', &field)) {
		struct include_item item = {.line = line + 1};

		line++;
		field = str_trim(field);
		if (field.n == 0)
			continue;
		item.shown = collect_shown(c, field);
		item.wrong = name_item(c, field, &item);
		vec_push(&c->items, item);
		if (!item.wrong)
			vec_push(&c->sources, str_of(item.source));
	}
	if (c->sources.n)
		qsort(c->sources.v, c->sources.n, sizeof(*c->sources.v), compare_sources);
}

bool include_names(const struct collector *c, struct str source)
{
	return c->sources.n && bsearch(&source, c->sources.v, c->sources.n,
				       sizeof(*c->sources.v), compare_sources);
}

bool include_covers(const struct collector *c, struct str source)
{
	for (; source.n; source = path_dir(source))
		if (include_names(c, source))
			return true;
	return false;
}

bool include_reaches(const struct collector *c, struct str source)
{
	size_t low = 0, high = c->sources.n;
	struct str rest;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_cmp(c->sources.v[middle], source) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	/* Behind the folder come first those names that a byte before '/' follows. */
	for (; low < c->sources.n; low++) {
		if (below(c->sources.v[low], source, &rest))
			return true;
		if (c->sources.v[low].n <= source.n ||
		    memcmp(c->sources.v[low].p, source.p, source.n) != 0)
			return false;
	}
	return false;
}

int collect_include(struct collector *c, struct str text)
{
	size_t i;

	read_items(c, text);
	for (i = 0; i < c->items.n; i++)
		if (add_item(c, &c->items.v[i]) < 0)
			return -1;
	if (c->items.n == 0)
		return err_set(c->e, ERR_PROJECT,
			       "'%s/.include' is empty; list the files to deploy, one a line",
			       c->folder);
	if (c->list->files.n == 0 && !c->secrets.n && !c->kept.code)
		return err_set(c->e, ERR_PROJECT, "the folders in '%s/.include' have no files",
			       c->folder);
	return 0;
}

static int compare_files(const void *a, const void *b)
{
	const struct filter_file *x = a, *y = b;
	int r = str_cmp(x->name, y->name);

	return r ? r : str_cmp(x->path, y->path);
}

static int compare_name(const void *key, const void *file)
{
	return str_cmp(*(const struct str *)key, ((const struct filter_file *)file)->name);
}

static int refuse_same_name(struct collector *c, const struct filter_file *x,
			    const struct filter_file *y)
{
	return err_set(c->e, ERR_PROJECT,
		       "'%s' and '%s' would have the same name '%s' in the artifact of '%s'; "
		       "rename one of them",
		       collect_shown(c, x->path), collect_shown(c, y->path),
		       collect_shown(c, x->name), c->folder);
}

/* A file "x" beside a file "x/y", from two folders. */
static int check_parents(struct collector *c, const struct filter_file *f)
{
	const struct filter_file *other;
	struct str dir = path_dir(f->name);

	for (; dir.n; dir = path_dir(dir)) {
		other = bsearch(&dir, c->list->files.v, c->list->files.n,
				sizeof(*c->list->files.v), compare_name);
		if (other)
			return refuse_same_name(c, other, f);
	}
	return 0;
}

int collect_sort(struct collector *c)
{
	struct filter_file *v = c->list->files.v;
	size_t i, n = 0;

	if (c->list->files.n)
		qsort(v, c->list->files.n, sizeof(*v), compare_files);
	for (i = 0; i < c->list->files.n; i++) {
		if (n && str_eq(v[n - 1].name, v[i].name)) {
			if (!str_eq(v[n - 1].path, v[i].path))
				return refuse_same_name(c, &v[n - 1], &v[i]);
			continue; /* listed twice */
		}
		v[n++] = v[i];
	}
	c->list->files.n = n;
	for (i = 0; i < n; i++)
		if (check_parents(c, &v[i]) < 0)
			return -1;
	return 0;
}
