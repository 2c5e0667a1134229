#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build/bundle.h"
#include "build/past.h"
#include "cache/cache.h"
#include "fs/fs.h"

static void refuse(struct past *p, const char *path, const char *what)
{
	if (!p->why_not)
		p->why_not =
			arena_printf(&p->now.arena, "'%s' %s during the build", path, what);
}

/*
 * What is new, or was an output before, also one that the user had changed.  A build that
 * changes what it sees would do something else the next time: only where all that it sees is
 * listed (lock files of npm) that is meant.
 */
static void mark_made(struct past *p, struct snapshot *after)
{
	size_t i;

	for (i = 0; i < after->files.n; i++) {
		struct snap_file *f = &after->files.v[i];
		const struct snap_file *then = snapshot_find(&p->before, f->path);
		const struct snap_file *last = snapshot_find(&p->last.files, f->path);
		bool changed = then && !snap_file_equal(f, then);

		f->output = !then || then->output || past_is_in_whole(p, f->path) ||
			    (changed && (p->scope.files || (last && last->output)));
		if (changed && !f->output && past_is_input(p, then))
			refuse(p, f->path, "was changed");
	}
	for (i = 0; i < p->before.files.n && !p->scope.files; i++)
		if (past_is_input(p, &p->before.files.v[i]) &&
		    !snapshot_find(after, p->before.files.v[i].path))
			refuse(p, p->before.files.v[i].path, "was removed");
}

static int check_lib(struct past *p, struct err *e)
{
	struct snapshot after;
	size_t i;
	int fd, rc;

	if (p->lib.files.n == 0)
		return 0;
	fd = fs_open_dir(p->root, "lib", e);
	if (fd < 0)
		return -1;
	rc = snapshot_read(&after, fd, NULL, &p->lib, e);
	(void)close(fd);
	if (rc == 0 && after.files.n != p->lib.files.n)
		refuse(p, "lib", "was changed");
	for (i = 0; rc == 0 && i < p->lib.files.n; i++) {
		const struct snap_file *now = snapshot_find(&after, p->lib.files.v[i].path);

		if (!now || !snap_file_equal(now, &p->lib.files.v[i]))
			refuse(p, "lib", "was changed");
	}
	snapshot_release(&after);
	return rc;
}

/*
 * A virtualenv that was made by tools has the path of its folder in its scripts, and copied to
 * another one would install into the first: such a thing is for this folder only.
 */
static int store(const struct past *p, int folder, const struct snapshot *after, struct err *e)
{
	char *place = xasprintf("%s/%s", p->real, p->folder);
	struct bundle_search search = {.text = place};
	struct cache_new n = {.fd = -1};
	int rc = cache_new_begin(p->cache, &n, e);

	if (rc == 0) {
		rc = bundle_write(n.fd, folder, after, &search, e);
		if (rc < 0)
			cache_new_abort(p->cache, &n);
	}
	free(place);
	if (rc < 0)
		return -1;
	if (!search.found)
		cache_remove(p->cache, &past_entries, p->own_key);
	return cache_new_commit(p->cache, &n, &past_entries,
				search.found ? p->own_key : p->now.key, e);
}

static int store_if_fit(const struct past *p, int folder, const struct snapshot *after,
			struct err *e)
{
	struct cache_usage removed;

	if (!p->replace && past_stored_key(p))
		return 0; /* that of a folder in which no earlier build left anything */
	if (bundle_size(after) > cache_limit(p->cache))
		return 0; /* it is reused where it is */
	if (store(p, folder, after, e) < 0)
		return -1;
	return cache_trim(p->cache, &removed, e);
}

static void add_aliases(const struct past *p, const char *key)
{
	char own_key[SHA256_HEX];

	past_own_key(p, key, own_key);
	cache_alias(p->cache, &past_entries, p->now.key, key);
	cache_alias(p->cache, &past_entries, p->own_key, own_key);
}

/* The folder's own key may be another now: a lock file that was made is seen from here on. */
static int note(struct past *p, const struct snapshot *after, struct err *e)
{
	struct ledger r = {.why_not = p->why_not};
	int rc;

	past_see(p, &r, after);
	if (p->why_not)
		r.key[0] = '\0';
	else if (strcmp(r.key, p->now.key) != 0)
		add_aliases(p, r.key);
	r.files = *after;
	r.lib = p->lib;
	rc = ledger_write(&r, p->cache, p->id, e);
	r.files = r.lib = (struct snapshot){0};
	ledger_release(&r);
	return rc;
}

/* A change while it was stored is no failure: it is built again. */
static int keep(struct past *p, int folder, const struct snapshot *after, struct err *e)
{
	int rc = p->why_not ? 0 : store_if_fit(p, folder, after, e);
	struct err second = ERR_INIT;

	if (note(p, after, rc < 0 ? &second : e) < 0)
		rc = -1;
	err_clear(&second);
	return rc;
}

int past_store(struct past *p, struct err *e)
{
	int folder = past_open(p, e), rc = -1;
	struct snapshot after = {0};

	if (folder < 0)
		return -1;
	if (snapshot_read(&after, folder, p->scope.only_whole ? p->scope.whole : NULL,
			  &p->before, e) == 0 &&
	    check_lib(p, e) == 0) {
		mark_made(p, &after);
		rc = keep(p, folder, &after, e);
	}
	snapshot_release(&after);
	(void)close(folder);
	return rc;
}
