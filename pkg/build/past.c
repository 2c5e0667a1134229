#include "build/past.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build/leftovers.h"
#include "cache/cache.h"
#include "fs/fs.h"

const struct cache_kind past_entries = {.name = "build", .bounded = true};

int past_open(const struct past *p, struct err *e)
{
	return fs_open_dir(p->root, p->folder, e);
}

bool past_is_in_whole(const struct past *p, const char *path)
{
	size_t n = p->scope.whole ? strlen(p->scope.whole) : 0;

	return n > 0 && strncmp(path, p->scope.whole, n) == 0 && path[n] == '/';
}

/* Python writes these wherever its files are run, and reads them only where they fit. */
static bool is_bytecode(const char *path)
{
	return strncmp(path, "__pycache__/", 12) == 0 || strstr(path, "/__pycache__/");
}

bool past_is_input(const struct past *p, const struct snap_file *f)
{
	const char *const *name;

	if (!p->scope.files)
		return !f->output && !is_bytecode(f->path);
	for (name = p->scope.files; *name; name++)
		if (strcmp(*name, f->path) == 0)
			return true;
	return false;
}

static void add_file(struct ledger *r, const char *kind, const struct snap_file *f)
{
	char *thing = xasprintf("%s %s", kind, f->path);
	unsigned char content[SHA256_SIZE + 2];

	memcpy(content, f->digest, SHA256_SIZE);
	content[SHA256_SIZE] = f->target ? 'l' : 'f';
	content[SHA256_SIZE + 1] = f->mode & 0100 ? 'x' : '-';
	ledger_add(r, thing, content, sizeof(content));
	free(thing);
}

void past_see(struct past *p, struct ledger *r, const struct snapshot *files)
{
	size_t i;

	for (i = 0; i < p->now.things.n && r != &p->now; i++)
		if (strncmp(p->now.things.v[i].name, "file ", 5) != 0)
			ledger_add_digest(r, p->now.things.v[i].name,
					  p->now.things.v[i].digest);
	for (i = 0; i < files->files.n; i++)
		if (past_is_input(p, &files->files.v[i]))
			add_file(r, "file", &files->files.v[i]);
	for (i = 0; i < p->lib.files.n && r == &p->now; i++)
		add_file(r, "lib file", &p->lib.files.v[i]);
	ledger_make_key(r);
}

/*
 * Marks the outputs; false when one of them is missing or not as it was.  Where a build was
 * begun and not ended its outputs are what it changed them to.
 */
static bool mark_outputs(struct past *p)
{
	const bool ended = p->last.key[0] != '\0';
	size_t i, known = 0, right = 0, foreign = 0;

	for (i = 0; i < p->last.files.files.n; i++)
		known += p->last.files.files.v[i].output;
	for (i = 0; i < p->before.files.n; i++) {
		struct snap_file *f = &p->before.files.v[i];
		const struct snap_file *then = snapshot_find(&p->last.files, f->path);
		bool same = then && then->output && snap_file_equal(f, then);

		right += same;
		f->output = same || (then && then->output && !ended) ||
			    past_is_in_whole(p, f->path);
		foreign += f->output && !then && !is_bytecode(f->path);
	}
	return known == right && !foreign;
}

/* A link out of the folder: a file's content is seen, of a folder it is not known. */
static void see_behind(struct past *p, int folder, int lib, const struct snap_file *f)
{
	unsigned char digest[SHA256_SIZE];
	struct err ignored = ERR_INIT;
	struct fs_entry entry;
	struct stat st;
	uint64_t size;
	int fd, found = fs_lookup(folder, folder, f->path, &entry, &ignored);
	char *thing;

	err_clear(&ignored);
	if (found != FS_OUTSIDE || fstatat(folder, f->path, &st, 0) < 0)
		return;
	if (lib >= 0 && fs_lookup(folder, lib, f->path, &entry, &ignored) == FS_FOUND)
		return;
	err_clear(&ignored);
	fd = S_ISREG(st.st_mode)
		     ? openat(folder, f->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
		     : -1;
	if (fd >= 0 && fs_hash_rest(fd, digest, &size) == 0) {
		thing = xasprintf("behind the link %s", f->path);
		ledger_add_digest(&p->now, thing, digest);
		free(thing);
	} else if (!p->why_not) {
		p->why_not = arena_printf(&p->now.arena,
					  "the link '%s' leads out of the function's folder",
					  f->path);
	}
	if (fd >= 0)
		(void)close(fd);
}

static void see_links(struct past *p, int folder, int lib)
{
	size_t i;

	for (i = 0; i < p->before.files.n; i++)
		if (p->before.files.v[i].target && past_is_input(p, &p->before.files.v[i]))
			see_behind(p, folder, lib, &p->before.files.v[i]);
}

/* -1 without *e when there is none. */
static int open_lib(const struct past *p, struct err *e)
{
	struct stat st;

	if (p->scope.files || strcmp(p->folder, "lib") == 0 ||
	    fstatat(p->root, "lib", &st, 0) < 0 || !S_ISDIR(st.st_mode))
		return -1;
	return fs_open_dir(p->root, "lib", e);
}

static int read_folder(struct past *p, int folder, int lib, struct err *e)
{
	const char *only = p->scope.only_whole ? p->scope.whole : NULL;

	if (lib >= 0 && snapshot_read(&p->lib, lib, NULL, &p->last.lib, e) < 0)
		return err_wrap(e, "'lib'");
	if (snapshot_read(&p->before, folder, only, &p->last.files, e) < 0)
		return err_wrap(e, "'%s'", p->folder);
	return 0;
}

/* Some were read now: the next run need not. */
static bool is_fresher(const struct snapshot *now, const struct snapshot *then)
{
	size_t i;

	if (now->files.n != then->files.n)
		return true;
	for (i = 0; i < now->files.n; i++)
		if (now->files.v[i].read_ns != then->files.v[i].read_ns)
			return true;
	return false;
}

/* Losing it costs the reading of some files. */
static void refresh(struct past *p)
{
	struct err ignored = ERR_INIT;
	struct ledger r = p->now;

	if (!is_fresher(&p->before, &p->last.files) && !is_fresher(&p->lib, &p->last.lib))
		return;
	r.files = p->before;
	r.lib = p->lib;
	if (ledger_write(&r, p->cache, p->id, &ignored) < 0)
		err_clear(&ignored);
}

/* The folder would be replaced: by a link of the user's, that is not meant. */
static void check_whole(struct past *p, int folder)
{
	struct stat st;

	if (p->scope.whole && !p->why_not &&
	    fstatat(folder, p->scope.whole, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISDIR(st.st_mode))
		p->why_not = arena_printf(&p->now.arena, "'%s' is no folder", p->scope.whole);
}

int past_look(struct past *p, struct err *e)
{
	int folder = past_open(p, e), lib = folder < 0 ? -1 : open_lib(p, e), rc = -1;
	bool intact;

	ledger_id(p->real, p->folder, p->id);
	ledger_read(&p->last, p->cache, p->id);
	if (folder >= 0)
		leftovers_remove(folder);
	if (folder >= 0 && !e->code)
		rc = read_folder(p, folder, lib, e);
	if (rc == 0) {
		const char *generation = cache_generation(p->cache);

		intact = mark_outputs(p);
		p->why_not = p->scope.why_not;
		check_whole(p, folder);
		see_links(p, folder, lib);
		ledger_add(&p->now, "clearing of the cache", generation, strlen(generation));
		past_see(p, &p->now, &p->before);
		past_own_key(p, p->now.key, p->own_key);
		p->in_place = intact && !p->why_not && strcmp(p->now.key, p->last.key) == 0;
		if (p->in_place)
			refresh(p);
	}
	if (lib >= 0)
		(void)close(lib);
	if (folder >= 0)
		(void)close(folder);
	return rc;
}

static bool is_stored(const struct past *p, const char *key)
{
	int fd = cache_get(p->cache, &past_entries, key);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

const char *past_stored_key(const struct past *p)
{
	if (p->why_not)
		return NULL;
	if (is_stored(p, p->own_key))
		return p->own_key;
	return is_stored(p, p->now.key) ? p->now.key : NULL;
}

void past_own_key(const struct past *p, const char *key, char own_key[SHA256_HEX])
{
	char *text = xasprintf("%s %s", key, p->id);

	sha256_of(text, strlen(text), own_key);
	free(text);
}

int past_note_begun(struct past *p, struct err *e)
{
	struct ledger r = {.things = p->last.things, .files = p->before, .lib = p->lib};

	return ledger_write(&r, p->cache, p->id, e);
}

void past_release(struct past *p)
{
	ledger_release(&p->now);
	ledger_release(&p->last);
	snapshot_release(&p->before);
	snapshot_release(&p->lib);
}
