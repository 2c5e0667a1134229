#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build/bundle.h"
#include "build/leftovers.h"
#include "build/past.h"
#include "cache/cache.h"
#include "fs/fs.h"

/* One putting in place. */
struct restoring {
	struct past *past;
	int folder;
	char *temp;            /* path of a folder in it, to unpack into; heap */
	int from;              /* that folder */
	int lock;              /* says that it is in use; or -1 */
	struct snapshot made;  /* what was unpacked */
	struct snapshot after; /* the folder in the end */
	struct err *e;
};

static int unpack(struct restoring *r)
{
	struct past *p = r->past;
	char *path = xasprintf("%s/%s", p->real, p->folder);
	const char *key = past_stored_key(p);
	int fd = key ? cache_get(p->cache, &past_entries, key) : -1, rc = -1;

	if (!key)
		err_set(r->e, ERR_BUILD, "another command removed it from the cache");
	else if (fd < 0)
		err_sys(r->e, "cannot read from '%s'", cache_place(p->cache));
	else
		r->temp = fs_temp_dir(path, RESTORED_NEW, r->e);
	if (r->temp)
		r->from = fs_open_dir(AT_FDCWD, r->temp, r->e);
	if (r->temp)
		r->lock = leftovers_lock(r->temp);
	if (r->from >= 0)
		rc = bundle_read(fd, r->from, &r->made, r->e);
	if (rc < 0 && r->e->code == ERR_PROJECT)
		cache_remove(p->cache, &past_entries, key);
	if (fd >= 0)
		(void)close(fd);
	free(path);
	return rc;
}

/* Those that are there, and those that will be: by paths, as a snapshot must be. */
static int note_begun(struct restoring *r)
{
	struct past *p = r->past;
	const struct snapshot *a = &p->before, *b = &r->made;
	struct ledger begun = {.things = p->last.things, .lib = p->lib};
	size_t i = 0, j = 0;
	int rc;

	while (i < a->files.n && j < b->files.n) {
		int order = str_cmp(str_of(a->files.v[i].path), str_of(b->files.v[j].path));

		vec_push(&begun.files.files, order < 0 ? a->files.v[i] : b->files.v[j]);
		i += order <= 0;
		j += order >= 0;
	}
	for (; i < a->files.n; i++)
		vec_push(&begun.files.files, a->files.v[i]);
	for (; j < b->files.n; j++)
		vec_push(&begun.files.files, b->files.v[j]);
	rc = ledger_write(&begun, p->cache, p->id, r->e);
	vec_release(&begun.files.files);
	return rc;
}

/* The old one goes where the new one comes from, and then with it. */
static int swap_whole(struct restoring *r, const char *name)
{
	char *aside = xasprintf("%sold", RESTORED_NEW);
	int rc = 0;

	if (renameat(r->folder, name, r->from, aside) < 0 && errno != ENOENT)
		rc = -1;
	if (rc == 0 && renameat(r->from, name, r->folder, name) < 0 && errno != ENOENT)
		rc = -1;
	free(aside);
	return rc == 0 ? 0 : err_sys(r->e, "cannot replace '%s/%s'", r->past->folder, name);
}

/* A descriptor of the folder that is to hold path; made where missing, no link followed. */
static int open_parent(const struct restoring *r, const char *path)
{
	struct str rest = path_dir(str_of(path)), name;
	int at = openat(r->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), next;

	while (at >= 0 && rest.n && str_next(&rest, '/', &name)) {
		char *folder = xstrndup(name.p, name.n);

		if (mkdirat(at, folder, 0755) < 0 && errno != EEXIST)
			next = -1;
		else
			next = openat(at, folder,
				      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		(void)close(at);
		free(folder);
		at = next;
	}
	return at;
}

static int move(struct restoring *r, const struct snap_file *f)
{
	int parent = open_parent(r, f->path), rc = -1;

	if (parent >= 0) {
		rc = renameat(r->from, f->path, parent, path_base(str_of(f->path)).p);
		if (rc < 0)
			err_sys(r->e, "cannot put '%s/%s' in its place", r->past->folder,
				f->path);
		(void)close(parent);
	} else {
		err_sys(r->e, "cannot make the folder of '%s/%s'", r->past->folder, f->path);
	}
	return rc;
}

static int move_all(struct restoring *r)
{
	size_t i;

	for (i = 0; i < r->made.files.n; i++)
		if (!past_is_in_whole(r->past, r->made.files.v[i].path) &&
		    move(r, &r->made.files.v[i]) < 0)
			return -1;
	return 0;
}

/*
 * What an earlier build left that this one would not make.  Nothing is removed: a file that the
 * user saved while a build ran counts as made by it, too.
 */
static const char *find_stale(const struct restoring *r)
{
	const struct snapshot *before = &r->past->before;
	size_t i;

	for (i = 0; i < before->files.n; i++)
		if (before->files.v[i].output &&
		    !past_is_in_whole(r->past, before->files.v[i].path) &&
		    !snapshot_find(&r->made, before->files.v[i].path))
			return before->files.v[i].path;
	return NULL;
}

/* All of it must be there: someone may have been at work in the folder, too. */
static int check(struct restoring *r)
{
	const struct past *p = r->past;
	size_t i;

	if (snapshot_read(&r->after, r->folder, p->scope.only_whole ? p->scope.whole : NULL,
			  &p->before, r->e) < 0)
		return -1;
	for (i = 0; i < r->made.files.n; i++) {
		struct snap_file *f = snapshot_find(&r->after, r->made.files.v[i].path);

		if (!f || !snap_file_equal(f, &r->made.files.v[i]))
			return err_set(r->e, ERR_SYSTEM, "'%s/%s' changes while it is restored",
				       p->folder, r->made.files.v[i].path);
		f->output = true;
	}
	return 0;
}

static int note_done(struct restoring *r)
{
	struct past *p = r->past;
	struct ledger done = {0};
	int rc;

	past_see(p, &done, &r->after);
	done.files = r->after;
	done.lib = p->lib;
	rc = ledger_write(&done, p->cache, p->id, r->e);
	done.files = done.lib = (struct snapshot){0};
	ledger_release(&done);
	return rc;
}

static int put_in_place(struct restoring *r)
{
	const char *whole = r->past->scope.whole, *stale = find_stale(r);

	if (stale)
		return err_set(r->e, ERR_BUILD, "'%s/%s' is of an earlier build",
			       r->past->folder, stale);
	if (note_begun(r) < 0 || (whole && swap_whole(r, whole) < 0) || move_all(r) < 0)
		return -1;
	return check(r) < 0 ? -1 : note_done(r);
}

static void release(struct restoring *r)
{
	struct err ignored = ERR_INIT;

	if (r->temp) {
		if (fs_remove_tree(AT_FDCWD, r->temp, &ignored) < 0)
			err_clear(&ignored); /* the next snapshot passes it over */
		fs_temp_forget(r->temp);
		free(r->temp);
	}
	if (r->from >= 0)
		(void)close(r->from);
	if (r->folder >= 0)
		(void)close(r->folder);
	if (r->lock >= 0)
		(void)close(r->lock);
	snapshot_release(&r->made);
	snapshot_release(&r->after);
}

int past_restore(struct past *p, struct err *e)
{
	struct restoring r = {
		.past = p, .folder = past_open(p, e), .from = -1, .lock = -1, .e = e};
	int rc = -1;

	if (r.folder >= 0 && unpack(&r) == 0)
		rc = put_in_place(&r);
	release(&r);
	return rc;
}
