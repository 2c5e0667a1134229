#include "diff/files.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "linediff/linediff.h"
#include "zip/zip.h"

enum {
	CONTEXT = 3,
	MAX_TEXT = 1024 * 1024,      /* of a file that is compared line by line */
	MAX_TEXTS = 8 * 1024 * 1024, /* of all of them on one side */
};

static const struct zip_limits limits = {
	.max_bytes = 512ull * 1024 * 1024,
	.max_entries = 100000,
};

struct file {
	const char *name;
	uint64_t size;
	bool executable, text_wanted;
	char sha256[SHA256_HEX];
	struct str text;
};

struct side {
	const struct code *code;
	struct arena arena;
	VEC(struct file *) files; /* sorted by name */
	size_t texts;             /* bytes of those that are wanted */
	struct err failure;       /* of an archive that cannot be read */
};

static int by_name(const void *a, const void *b)
{
	const struct file *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static int add_file(void *arg, const struct zip_entry *entry, struct str data,
		    struct err *e UNUSED)
{
	struct side *s = arg;
	struct file *f;

	if (entry->directory)
		return 0;
	f = arena_new(&s->arena, struct file);
	f->name = arena_strdup(&s->arena, entry->name);
	f->size = data.n;
	f->executable = entry->executable;
	sha256_of(data.p, data.n, f->sha256);
	vec_push(&s->files, f);
	return 0;
}

static bool is_zip(const struct code *c)
{
	return c->binary && str_starts(c->bytes, "PK\3\4");
}

/* The whole of it. */
static void add_single(struct side *s)
{
	const struct zip_entry entry = {.name = s->code->name};

	s->files.n = 0;
	(void)add_file(s, &entry, s->code->bytes, &s->failure);
}

static void read_side(struct side *s)
{
	if (!is_zip(s->code) || zip_read(s->code->bytes, &limits, add_file, s, &s->failure) < 0)
		add_single(s);
	if (s->files.n)
		qsort(s->files.v, s->files.n, sizeof(*s->files.v), by_name);
}

static bool is_single(const struct side *s)
{
	return !is_zip(s->code) || s->failure.code != ERR_OK;
}

static bool is_bytecode(const char *name)
{
	return str_ends(str_of(name), ".pyc") &&
	       (strncmp(name, "__pycache__/", 12) == 0 || strstr(name, "/__pycache__/"));
}

static bool has_other(const struct side *s)
{
	size_t i;

	for (i = 0; i < s->files.n; i++)
		if (!is_bytecode(s->files.v[i]->name))
			return true;
	return false;
}

static void drop_bytecode(struct side *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->files.n; i++)
		if (!is_bytecode(s->files.v[i]->name))
			s->files.v[n++] = s->files.v[i];
	s->files.n = n;
}

/* ---- both sides ---- */

struct comparison {
	struct side live, local;
};

/* One or both of them. */
struct pair {
	struct file *live, *local;
};

/* From the positions on, which move; false at the end of both. */
static bool next_pair(const struct comparison *c, size_t *i, size_t *j, struct pair *p)
{
	struct file *a = *i < c->live.files.n ? c->live.files.v[*i] : NULL;
	struct file *b = *j < c->local.files.n ? c->local.files.v[*j] : NULL;
	int order = !a ? 1 : !b ? -1 : strcmp(a->name, b->name);

	p->live = order <= 0 ? a : NULL;
	p->local = order >= 0 ? b : NULL;
	*i += p->live != NULL;
	*j += p->local != NULL;
	return p->live || p->local;
}

static bool differ(const struct pair *p)
{
	return !p->live || !p->local || p->live->executable != p->local->executable ||
	       strcmp(p->live->sha256, p->local->sha256) != 0;
}

static void want_texts(struct comparison *c)
{
	size_t i = 0, j = 0;
	struct pair p;

	while (next_pair(c, &i, &j, &p)) {
		if (!p.live || !p.local || !differ(&p) || p.live->size > MAX_TEXT ||
		    p.local->size > MAX_TEXT || c->live.texts + p.live->size > MAX_TEXTS ||
		    c->local.texts + p.local->size > MAX_TEXTS)
			continue;
		p.live->text_wanted = p.local->text_wanted = true;
		c->live.texts += p.live->size;
		c->local.texts += p.local->size;
	}
}

static int take_text(void *arg, const struct zip_entry *entry, struct str data,
		     struct err *e UNUSED)
{
	struct side *s = arg;
	const struct file key = {.name = entry->name}, *wanted = &key;
	struct file **f =
		bsearch(&wanted, s->files.v, s->files.n, sizeof(*s->files.v), by_name);

	if (f && (*f)->text_wanted)
		(*f)->text = arena_str(&s->arena, data);
	return 0;
}

/* It was read before, so it can be read. */
static void read_texts(struct side *s)
{
	struct err ignored = ERR_INIT;

	if (s->texts == 0)
		return;
	if (is_single(s))
		s->files.v[0]->text = s->code->bytes;
	else
		(void)!zip_read(s->code->bytes, &limits, take_text, s, &ignored);
	err_clear(&ignored);
}

static bool is_text(struct str s)
{
	return !(s.n && memchr(s.p, '\0', s.n)) && utf8_is_valid(s) && linediff_fits(s);
}

static void add_diff(struct json *j, const struct pair *p)
{
	struct strbuf hunks = STRBUF_INIT;

	if (!p->live->text_wanted || !is_text(p->live->text) || !is_text(p->local->text)) {
		json_set(j, "binary", json_new_bool(true));
		json_set(j, "liveSha256", json_new_cstr(p->live->sha256));
		json_set(j, "localSha256", json_new_cstr(p->local->sha256));
		return;
	}
	linediff_unified(&hunks, p->live->text, p->local->text, CONTEXT);
	json_set(j, "diff", json_new_str(strbuf_str(&hunks)));
	strbuf_release(&hunks);
}

static void add_pair(struct json *list, const struct pair *p)
{
	struct json *j = json_new_object();

	json_set(j, "name", json_new_cstr(p->live ? p->live->name : p->local->name));
	json_set(j, "change",
		 json_new_cstr(!p->live    ? "added"
			       : !p->local ? "removed"
					   : "changed"));
	if (p->live)
		json_set(j, "liveBytes", json_new_int((int64_t)p->live->size));
	if (p->local)
		json_set(j, "localBytes", json_new_int((int64_t)p->local->size));
	if (p->live && p->local && p->live->executable != p->local->executable)
		json_set(j, "executable", json_new_bool(p->local->executable));
	if (p->live && p->local && strcmp(p->live->sha256, p->local->sha256) != 0)
		add_diff(j, p);
	json_push(list, j);
}

static void add_note(struct json *list, const char *which, const struct side *s)
{
	struct strbuf note = STRBUF_INIT;

	if (s->failure.code == ERR_OK || !json_first(list))
		return;
	strbuf_addf(&note, "the %s archive cannot be read: %s", which, s->failure.msg);
	json_set(json_first(list), "note", json_new_str(strbuf_str(&note)));
	strbuf_release(&note);
}

static void release(struct side *s)
{
	vec_release(&s->files);
	arena_release(&s->arena);
	err_clear(&s->failure);
}

struct json *files_compare(const struct code *live, const struct code *local)
{
	struct comparison c = {.live = {.code = live}, .local = {.code = local}};
	struct json *list = json_new_array();
	size_t i = 0, j = 0;
	struct pair p;

	read_side(&c.live);
	read_side(&c.local);
	if (has_other(&c.live) || has_other(&c.local)) {
		drop_bytecode(&c.live);
		drop_bytecode(&c.local);
	}
	want_texts(&c);
	read_texts(&c.live);
	read_texts(&c.local);
	while (next_pair(&c, &i, &j, &p))
		if (differ(&p))
			add_pair(list, &p);
	add_note(list, "live", &c.live);
	add_note(list, "local", &c.local);
	release(&c.live);
	release(&c.local);
	return list;
}
