#include "filter/collect.h"

#include <errno.h>
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

/* What steers the build and the packing, at the top of the function's folder; or NULL. */
static const char *why_control(struct str path)
{
	static const struct {
		const char *name, *why;
	} files[] = {
		{".ignore", "steers what goes in"},    {".include", "steers what goes in"},
		{"build.sh", "builds the function"},   {"build.cmd", "builds the function"},
		{"__deployer__.zip", "left by doctl"}, {".built", "left by doctl"},
	};
	size_t i;

	for (i = 0; i < countof(files); i++)
		if (str_is(path, files[i].name))
			return files[i].why;
	return NULL;
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

void collect_add(struct collector *c, const char *source, const char *name,
		 const struct fs_entry *entry, const char *why, uint32_t line)
{
	struct filter_file f = {
		.path = str_of(source),
		.name = str_of(name),
		.executable = (entry->mode & 0111) != 0,
		.size = entry->size,
		.stamp = entry->stamp,
	};

	vec_push(&c->list->files, f);
	if (c->explain)
		vec_push(&c->list->decisions,
			 ((struct filter_decision){explain_path(c, source), FILTER_IN, f.name,
						   why, line}));
}

static const char *why_built_in(const struct collect_folder *f, const struct fs_entry *entry)
{
	bool directory = entry->type == FS_DIR;
	const char *why = filter_never(entry->path, directory);

	if (!why && f->is_top && f->c->for_build)
		why = sources_why_out(f->c, entry->path, directory);
	else if (!why && f->is_top && !directory)
		why = why_control(entry->path);
	if (!why && !directory && venv_is_machinery(f, entry->path))
		why = "of use only on the machine that made the virtualenv";
	return why;
}

/* What stands in the way and can only be left out by the user. */
static int refuse(struct collector *c, const char *source, const char *why)
{
	explain_out(c, source, false, FILTER_REFUSED, arena_strdup(c->a, why), 0);
	return explain_go_on(c) < 0 ? -1 : 1;
}

static int refuse_special(struct collector *c, const char *source)
{
	err_set(c->e, ERR_PROJECT,
		"'%s' is a FIFO, socket or device and cannot go into the artifact; "
		"remove it or leave it out with a line in .ignore",
		collect_shown(c, str_of(source)));
	return refuse(
		c, source,
		"a FIFO, socket or device; remove it or leave it out with a line in .ignore");
}

static int refuse_link(struct collector *c, const char *source, const char *broken)
{
	err_set(c->e, ERR_PROJECT, "%s", broken);
	return refuse(c, source, broken);
}

bool collect_is_readable(struct collector *c, const char *source, const struct fs_entry *entry)
{
	const char *shown;

	if ((entry->mode & 0444) == 0444 || faccessat(c->root, source, R_OK, AT_EACCESS) == 0 ||
	    errno != EACCES)
		return true;
	shown = collect_shown(c, str_of(source));
	errno = EACCES;
	err_sys(c->e, "cannot open '%s'", shown);
	return false;
}

/* Out by a built-in rule or one of .ignore; tells which. */
static bool is_left_out(struct collect_folder *f, const struct fs_entry *entry,
			const char *source, const struct filter_rule *rule)
{
	const char *why = why_built_in(f, entry);
	struct collector *c = f->c;
	uint32_t line = 0;

	if (why) {
		why = c->explain ? arena_printf(c->a, "built in: %s", why) : "";
	} else if (rule && !rule->negated) {
		line = rule->line;
		why = explain_line(c, ".ignore", line, rule->text);
		c->left_out++;
	} else {
		return false;
	}
	explain_out(c, source, entry->type == FS_DIR, FILTER_OUT, why, line);
	return true;
}

static int take_file(struct collect_folder *f, const struct fs_entry *entry, const char *source,
		     const struct filter_rule *rule)
{
	struct collector *c = f->c;
	const char *why = "no rule leaves it out";
	uint32_t line = 0;

	if (!collect_is_readable(c, source, entry))
		return refuse(c, source, c->e->msg);
	if (!rule && !include_names(c, str_of(source)) &&
	    (pycache_is_stale(c, source, entry) || !guard_admits(c, source, entry)))
		return 1;
	if (rule) {
		line = rule->line;
		why = explain_line(c, ".ignore", line, rule->text);
	} else if (f->item) {
		line = f->item->line;
		why = explain_line(c, ".include", line, str_of(f->item->shown));
	}
	collect_add(c, source, path_join(c->a, f->name, entry->path), entry, why, line);
	return 0;
}

static int visit(void *arg, const struct fs_entry *entry, struct err *e UNUSED)
{
	struct collect_folder *f = arg;
	struct collector *c = f->c;
	const char *source = path_join(c->a, f->source, entry->path);
	const struct filter_rule *rule = NULL;

	if (f->is_top && !(c->for_build && sources_steers_build(entry->path)))
		rule = ignore_match(&c->ignore, entry->path, entry->type == FS_DIR);
	if (is_left_out(f, entry, source, rule))
		return 1;
	switch (entry->type) {
	case FS_DIR: return 0;
	case FS_LINK: return refuse_link(c, source, entry->broken);
	case FS_OTHER: return refuse_special(c, source);
	default: return take_file(f, entry, source, rule);
	}
}

static int unreadable(void *arg, struct str path, struct err *e)
{
	struct collect_folder *f = arg;
	struct collector *c = f->c;
	const char *source = path_join(c->a, f->source, path);

	explain_out(c, source, true, FILTER_REFUSED, arena_strdup(c->a, e->msg), 0);
	return explain_go_on(c);
}

int collect_folder(struct collect_folder *f, int fd)
{
	struct fs_walk w = {
		.root = fd,
		.boundary = f->c->root,
		.shown = arena_strndup(f->c->a, f->source.p, f->source.n),
		.visit = visit,
		.unreadable = unreadable,
		.arg = f,
	};

	return fs_walk(&w, f->c->e);
}

/* doctl matched paths from the project's root, so these meant something else or nothing there.
 */
static bool differs_from_doctl(const struct filter_rule *r)
{
	return r->anchored && !r->negated && !str_starts(r->pattern, "**/");
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

static int fail_lines(struct collector *c, const char *path)
{
	return err_set(c->e, ERR_PROJECT, "'%s' has more than %d lines", path,
		       IGNORE_MAX_LINES);
}

/* No path has so many bytes, and matching may take the time of their product. */
static int check_lines(struct collector *c, const char *path, struct str text)
{
	struct str line;
	int n = 0;

	while (str_next(&text, '\n', &line)) {
		if (++n > IGNORE_MAX_LINES && (line.n || text.p))
			return fail_lines(c, path);
		if (line.n >= FS_MAX_PATH)
			return err_set(c->e, ERR_PROJECT, "'%s' line %d has more than %d bytes",
				       path, n, FS_MAX_PATH - 1);
	}
	return 0;
}

static int read_list(struct collector *c, const char *name, struct strbuf *text)
{
	const char *path = path_join(c->a, str_of(c->folder), str_of(name));

	if (fs_read_below(c->root, -1, path, IGNORE_MAX_BYTES, text, c->e) < 0)
		return -1;
	return check_lines(c, path, strbuf_str(text));
}

static int collect_included(struct collector *c)
{
	struct strbuf text = STRBUF_INIT;
	int r = read_list(c, ".include", &text);

	c->included = true;
	if (r == 0)
		r = collect_include(c, strbuf_str(&text));
	if (r == 0 && c->explain)
		r = explain_rest(c);
	strbuf_release(&text);
	return r;
}

/* Also when it is nothing: what was refused has an error of its own. */
static int check_any(struct collector *c)
{
	if (c->for_build || c->list->files.n || c->secrets.n || c->kept.code)
		return 0;
	return err_set(c->e, ERR_PROJECT,
		       c->left_out ? "'%s/.ignore' leaves out every file"
				   : "'%s' has no files to deploy",
		       c->folder);
}

static int collect_not_ignored(struct collector *c, bool has_ignore)
{
	struct collect_folder top = {.c = c,
				     .source = str_of(c->folder),
				     .name = str_of(c->for_build ? c->folder : NULL),
				     .is_top = true};
	struct strbuf text = STRBUF_INIT;
	int r = has_ignore ? read_list(c, ".ignore", &text) : 0;

	if (r == 0) {
		ignore_parse(&c->ignore, strbuf_str(&text));
		note_anchored(c);
		r = collect_folder(&top, c->folder_fd);
	}
	if (r == 0)
		r = check_any(c);
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
	return has_include && !c->for_build ? collect_included(c)
					    : collect_not_ignored(c, has_ignore);
}

/* Fills c->list; after a failure of what is explained *c->e is the first one. */
static int collect(struct collector *c)
{
	int r;

	c->folder_fd = fs_open_below(c->root, -1, c->folder, c->e);
	if (c->folder_fd < 0)
		return -1;
	r = collect_all(c);
	if (r == 0)
		r = guard_end(c);
	if (r == 0)
		r = collect_sort(c);
	pycache_end(c);
	explain_sort(c);
	(void)close(c->folder_fd);
	if (c->kept.code) {
		err_clear(c->e);
		r = err_move(c->e, &c->kept);
	}
	return r;
}

static void collector_release(struct collector *c)
{
	ignore_release(&c->ignore);
	vec_release(&c->items);
	vec_release(&c->sources);
	vec_release(&c->secrets);
}

int filter_explain(struct arena *a, int root, const char *folder, struct filter_list *list,
		   struct err *e)
{
	struct collector c = {
		.a = a, .root = root, .folder = folder, .list = list, .explain = true, .e = e};
	int r;

	*list = (struct filter_list){0};
	r = collect(&c);
	collector_release(&c);
	return r;
}

static int collect_once(struct collector *c)
{
	int r;

	*c->list = (struct filter_list){0};
	r = collect(c);
	collector_release(c);
	if (r < 0)
		filter_list_release(c->list);
	return r;
}

int filter_collect(struct arena *a, int root, const char *folder, struct filter_list *list,
		   struct err *e)
{
	struct collector c = {.a = a, .root = root, .folder = folder, .list = list, .e = e};

	return collect_once(&c);
}

int filter_sources(struct arena *a, int root, const char *folder, struct filter_list *list,
		   struct err *e)
{
	struct collector c = {.a = a,
			      .root = root,
			      .folder = folder,
			      .list = list,
			      .for_build = true,
			      .e = e};

	return collect_once(&c);
}

bool filter_list_has(const struct filter_list *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->files.n; i++)
		if (str_is(list->files.v[i].name, name))
			return true;
	return false;
}

void filter_list_release(struct filter_list *list)
{
	vec_release(&list->files);
	vec_release(&list->notes);
	vec_release(&list->decisions);
	vec_release(&list->bad_items);
}
