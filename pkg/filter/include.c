#include "filter/collect.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct item {
	const char *shown; /* as written, for messages */
	uint32_t line;
	const char *source; /* below the project's root */
	struct str name;    /* in the artifact; "" for the function's folder itself */
};

/* "'packages/p/f/.include' line 3: 'x' ..." */
static int refuse(struct collector *c, const struct item *item, const char *why)
{
	return err_set(c->e, ERR_PROJECT, "'%s/.include' line %u: '%s' %s", c->folder,
		       item->line, item->shown, why);
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
static const char *name_item(struct collector *c, struct str text, struct item *item)
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
static int find_item(struct collector *c, const struct item *item, struct fs_entry *entry)
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

static int add_folder(struct collector *c, const struct item *item)
{
	struct collect_folder f = {
		.c = c,
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

static int add_item(struct collector *c, struct str text, uint32_t line)
{
	struct item item = {.shown = collect_shown(c, text), .line = line};
	struct fs_entry entry;
	const char *why;
	int found;

	why = name_item(c, text, &item);
	if (why)
		return refuse(c, &item, why);
	found = find_item(c, &item, &entry);
	if (found < 0)
		return -1;
	if (found == FS_NOTHING)
		return refuse(c, &item, "does not exist");
	if (found == FS_OUTSIDE)
		return refuse(
			c, &item,
			"is reached through a link that leads out of the function's folder and "
			"lib/; put a copy in its place");
	if (entry.type == FS_DIR)
		return add_folder(c, &item);
	if (entry.type == FS_OTHER)
		return refuse(c, &item, "is a FIFO, socket or device");
	collect_add(c, item.source, item.name.p, &entry);
	return 0;
}

int collect_include(struct collector *c, struct str text)
{
	uint32_t line = 0, items = 0;
	struct str field;

	if (str_starts(text, "\xef\xbb\xbf"))
		text = str_from(text, 3);
	while (str_next(&text, '\n', &field)) {
		line++;
		field = str_trim(field);
		if (field.n == 0)
			continue;
		items++;
		if (add_item(c, field, line) < 0)
			return -1;
	}
	if (items == 0)
		return err_set(c->e, ERR_PROJECT,
			       "'%s/.include' is empty; list the files to deploy, one a line",
			       c->folder);
	if (c->list->files.n == 0)
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
