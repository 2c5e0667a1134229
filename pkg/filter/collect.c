#include "filter/collect.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"

enum { NOTE_LINES = 10 };

const char *filter_never(struct str path, bool directory)
{
	struct str base = path_base(path);

	if (str_is(base, ".git"))
		return "git's own data";
	if (directory)
		return str_is(base, ".deployed") || str_is(base, ".nimbella")
			       ? "state of a deployer"
			       : NULL;
	if (str_is(base, ".gitignore"))
		return "a file for git";
	if (str_is(base, ".DS_Store"))
		return "a file of the macOS Finder";
	if (str_ends(base, "~") || str_ends(base, ".swp") || str_ends(base, ".swx") ||
	    str_starts(base, ".#"))
		return "an editor's backup";
	return NULL;
}

/* What steers the build and the packing, at the top of the function's folder. */
static bool is_control_file(struct str path)
{
	static const char *const names[] = {".ignore",   ".include",         "build.sh",
					    "build.cmd", "__deployer__.zip", ".built"};
	size_t i;

	for (i = 0; i < countof(names); i++)
		if (str_is(path, names[i]))
			return true;
	return false;
}

const char *collect_shown(struct collector *c, struct str text)
{
	struct strbuf b = STRBUF_INIT;
	const char *s;

	utf8_add_printable(&b, text);
	s = arena_strndup(c->a, b.buf, b.len);
	strbuf_release(&b);
	return s;
}

void collect_note(struct collector *c, const char *text)
{
	vec_push(&c->list->notes, text);
}

void collect_add(struct collector *c, const char *path, const char *name,
		 const struct fs_entry *entry)
{
	struct filter_file f = {
		.path = str_of(path),
		.name = str_of(name),
		.executable = (entry->mode & 0111) != 0,
		.size = entry->size,
		.mtime = entry->mtime,
	};

	vec_push(&c->list->files, f);
}

static void note_env(struct collector *c, const char *source, struct str path)
{
	const char *shown = collect_shown(c, str_of(source));

	if (c->included)
		collect_note(c,
			     arena_printf(c->a,
					  "'%s' goes into the artifact with its folder; list "
					  "files in .include to leave it out",
					  shown));
	else
		collect_note(c,
			     arena_printf(c->a,
					  "'%s' goes into the artifact; a line '%s' in .ignore "
					  "leaves it out",
					  shown, collect_shown(c, path)));
}

/* True when the entry of f's folder stays out. */
static bool is_left_out(struct collect_folder *f, const struct fs_entry *entry)
{
	bool directory = entry->type == FS_DIR;
	const struct filter_rule *rule;

	if (filter_never(entry->path, directory))
		return true;
	if (f->is_top && !directory && is_control_file(entry->path))
		return true;
	if (!directory && venv_is_machinery(f, entry->path))
		return true;
	rule = f->is_top ? ignore_match(&f->c->ignore, entry->path, directory) : NULL;
	if (!rule || rule->negated)
		return false;
	f->c->left_out++;
	return true;
}

static int visit(void *arg, const struct fs_entry *entry, struct err *e)
{
	struct collect_folder *f = arg;
	struct collector *c = f->c;
	const char *source;

	if (is_left_out(f, entry))
		return 1;
	if (entry->type == FS_DIR || entry->type == FS_LINK)
		return 0; /* a link here is one that fs_walk() refuses, with both ends */
	source = path_join(c->a, f->source, entry->path);
	if (entry->type == FS_OTHER)
		return err_set(
			e, ERR_PROJECT,
			"'%s' is a FIFO, socket or device and cannot go into the artifact; "
			"remove it or leave it out with a line in .ignore",
			collect_shown(c, str_of(source)));
	if (str_is(path_base(entry->path), ".env"))
		note_env(c, source, entry->path);
	collect_add(c, source, path_join(c->a, f->name, entry->path), entry);
	return 0;
}

int collect_folder(struct collect_folder *f, int fd)
{
	struct fs_walk w = {
		.root = fd,
		.boundary = f->c->root,
		.shown = arena_strndup(f->c->a, f->source.p, f->source.n),
		.visit = visit,
		.arg = f,
	};

	return fs_walk(&w, f->c->e);
}

/* doctl matched paths from the project's root, so these meant something else or nothing there.
 */
static bool differs_from_doctl(const struct filter_rule *r)
{
	return r->anchored && !str_starts(r->pattern, "**/");
}

static void note_anchored(struct collector *c)
{
	struct strbuf lines = STRBUF_INIT;
	size_t i, n = 0;

	for (i = 0; i < c->ignore.rules.n; i++) {
		if (!differs_from_doctl(&c->ignore.rules.v[i]))
			continue;
		if (++n <= NOTE_LINES)
			strbuf_addf(&lines, "%s%u", n > 1 ? ", " : "",
				    c->ignore.rules.v[i].line);
	}
	if (n > NOTE_LINES)
		strbuf_addf(&lines, " and %zu more", n - NOTE_LINES);
	if (n)
		collect_note(c,
			     arena_printf(c->a,
					  "'%s/.ignore' line%s %s: a pattern with a '/' counts "
					  "from the function's folder; doctl counted from the "
					  "project's folder",
					  c->folder, n > 1 ? "s" : "", lines.buf));
	strbuf_release(&lines);
}

/* Whether the folder has this file; -1 when it cannot be told. */
static int has_file(struct collector *c, const char *name)
{
	struct fs_entry entry;
	struct stat st;
	int found = fs_lookup(c->folder_fd, c->root, name, &entry, c->e);

	if (found < 0)
		return err_wrap(c->e, "in '%s'", c->folder);
	if (found == FS_NOTHING && fstatat(c->folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return err_set(c->e, ERR_PROJECT,
			       "'%s/%s' is a link to nothing; mend or remove it", c->folder,
			       name);
	/* Outside counts as there: opening it gives the error with both ends. */
	return found != FS_NOTHING;
}

static int read_list(struct collector *c, const char *name, struct strbuf *text)
{
	const char *path = path_join(c->a, str_of(c->folder), str_of(name));
	size_t i, lines = 0;

	if (fs_read_below(c->root, -1, path, IGNORE_MAX_BYTES, text, c->e) < 0)
		return -1;
	for (i = 0; i < text->len; i++)
		lines += text->buf[i] == '\n';
	if (lines >= IGNORE_MAX_LINES)
		return err_set(c->e, ERR_PROJECT, "'%s' has more than %d lines", path,
			       IGNORE_MAX_LINES);
	return 0;
}

static int collect_included(struct collector *c)
{
	struct strbuf text = STRBUF_INIT;
	int r = read_list(c, ".include", &text);

	c->included = true;
	if (r == 0)
		r = collect_include(c, strbuf_str(&text));
	strbuf_release(&text);
	return r;
}

static int collect_not_ignored(struct collector *c, bool has_ignore)
{
	struct collect_folder top = {.c = c, .source = str_of(c->folder), .is_top = true};
	struct strbuf text = STRBUF_INIT;
	int r = has_ignore ? read_list(c, ".ignore", &text) : 0;

	if (r == 0) {
		ignore_parse(&c->ignore, strbuf_str(&text));
		note_anchored(c);
		r = collect_folder(&top, c->folder_fd);
	}
	if (r == 0 && c->list->files.n == 0)
		r = err_set(c->e, ERR_PROJECT,
			    c->left_out ? "'%s/.ignore' leaves out every file"
					: "'%s' has no files to deploy",
			    c->folder);
	strbuf_release(&text);
	return r;
}

static int collect_all(struct collector *c)
{
	int has_include = has_file(c, ".include"), has_ignore = -1, has_source = -1;

	if (has_include >= 0)
		has_ignore = has_file(c, ".ignore");
	if (has_ignore >= 0)
		has_source = has_file(c, ".source");
	if (has_source < 0)
		return -1;
	if (has_include && has_ignore)
		return err_set(c->e, ERR_PROJECT,
			       "'%s' has both .include and .ignore; keep one of them",
			       c->folder);
	if (has_source && !has_include)
		collect_note(c, arena_printf(c->a,
					     "'%s/.source' is not read; rename it to .include",
					     c->folder));
	return has_include ? collect_included(c) : collect_not_ignored(c, has_ignore);
}

int filter_collect(struct arena *a, int root, const char *folder, struct filter_list *list,
		   struct err *e)
{
	struct collector c = {.a = a, .root = root, .folder = folder, .list = list, .e = e};
	int r;

	*list = (struct filter_list){0};
	c.folder_fd = fs_open_below(root, -1, folder, e);
	if (c.folder_fd < 0)
		return -1;
	ignore_init(&c.ignore);
	r = collect_all(&c);
	if (r == 0)
		r = collect_sort(&c);
	ignore_release(&c.ignore);
	(void)close(c.folder_fd);
	if (r < 0)
		filter_list_release(list);
	return r;
}

void filter_list_release(struct filter_list *list)
{
	vec_release(&list->files);
	vec_release(&list->notes);
}
