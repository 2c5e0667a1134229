#include "build/virtualenv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build/installer.h"
#include "build/leftovers.h"
#include "build/requirements.h"
#include "build/traces.h"
#include "fs/fs.h"

enum { SWAP_TRIES = 5 };

extern const unsigned char embed_activate_this_py[];

/* One making of a virtualenv. */
struct making {
	struct job *job;
	struct installer installer;
	struct requirements requirements;
	char mark[SHA256_HEX]; /* of everything that it is made of */
	int folder;            /* the function's, open */
	int lock;              /* says that the temporary folder is in use; or -1 */
	char *temp;            /* absolute: a folder beside the old one */
	const char *temp_name; /* its last name */
	const char *packages;  /* in it; below the folder */
};

static int find_target(struct making *m, struct err *e)
{
	const struct job *job = m->job;

	if (target_find(&m->installer.target, &m->job->arena, job->runtime))
		return 0;
	return err_set(e, ERR_PROJECT,
		       "'%s': cannot tell for which Python the runtime '%s' wants its "
		       "packages; set one such as 'python:3.11', or add a 'build.sh'",
		       job->folder, job->runtime);
}

static void make_mark(struct making *m)
{
	unsigned char digest[SHA256_SIZE];
	struct sha256 *h = sha256_new();
	const char *activate = (const char *)embed_activate_this_py;
	char *target = xasprintf("%s python%s linux x86_64 glibc 2.%u", m->requirements.file,
				 m->installer.target.version, m->installer.target.glibc);

	sha256_add(h, target, strlen(target) + 1);
	sha256_add(h, activate, strlen(activate) + 1);
	sha256_add(h, m->requirements.digest, sizeof(m->requirements.digest));
	sha256_end(h, digest);
	sha256_hex(digest, m->mark);
	free(target);
}

/* True, with a note, when the virtualenv that is there stays. */
static int keep_old(const struct making *m, bool *keep, struct err *e)
{
	const struct job *job = m->job;
	struct strbuf mark = STRBUF_INIT;
	struct stat st;
	int rc = 0;

	*keep = false;
	if (fstatat(m->folder, "virtualenv", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT
			       ? 0
			       : err_sys(e, "cannot look at '%s/virtualenv'", job->folder);
	if (fstatat(m->folder, "virtualenv/.dofn", &st, 0) < 0) {
		sink_note(job->sink, job->name,
			  "'%s/virtualenv' was not made by dofn and is used as it is; remove "
			  "it to have what %s names installed",
			  job->folder, m->requirements.file);
		*keep = true;
		return 0;
	}
	rc = fs_read(m->folder, "virtualenv/.dofn", SHA256_HEX, &mark, e);
	if (rc == 0 && !m->requirements.has_local && strcmp(mark.buf, m->mark) == 0) {
		sink_note(job->sink, job->name, "requirements unchanged, virtualenv kept");
		*keep = true;
	}
	strbuf_release(&mark);
	return rc;
}

/* What was missing may be only a wheel: then there are ways out that pip does not know. */
static void explain(const struct making *m, struct err *e)
{
	const struct installer *in = &m->installer;
	const char *with_python = "build on a Linux x86-64 machine with that Python";
	char *first = e->msg;

	if (e->code != ERR_BUILD || in->native)
		return;
	if (in->same_system)
		with_python = arena_printf(&m->job->arena, "install python%s with pip here",
					   in->target.version);
	e->msg = xasprintf(
		"%s; the runtime has Python %s on Linux x86-64, and here is %s. If a package "
		"has no wheel for that, take a version that has one, %s, or set a 'runtime:' "
		"for which there is one",
		first, in->target.version, in->here, with_python);
	free(first);
}

static int write_own(const struct making *m, struct err *e)
{
	struct arena *a = &m->job->arena;
	const char *bin = arena_printf(a, "%s/virtualenv/bin", m->temp_name);
	const char *activate = arena_printf(a, "%s/activate_this.py", bin);
	const char *mark = arena_printf(a, "%s/virtualenv/.dofn", m->temp_name);

	if (fs_make_dirs(m->folder, bin, 0755, e) < 0 ||
	    fs_write_atomic(m->folder, activate, str_of((const char *)embed_activate_this_py),
			    0644, e) < 0)
		return -1;
	return fs_write_atomic(m->folder, mark, str_of(m->mark), 0644, e);
}

/*
 * The old one goes into the temporary folder, which is removed as a whole.
 * Again when another run put its own there in between.
 */
static int swap(const struct making *m, struct err *e)
{
	struct arena *a = &m->job->arena;
	const char *made = arena_printf(a, "%s/virtualenv", m->temp_name);
	int i;

	for (i = 0; i < SWAP_TRIES; i++) {
		const char *old = arena_printf(a, "%s/old%d", m->temp_name, i);

		if (renameat(m->folder, "virtualenv", m->folder, old) < 0 && errno != ENOENT)
			break;
		if (renameat(m->folder, made, m->folder, "virtualenv") == 0)
			return 0;
		if (errno != ENOTEMPTY && errno != EEXIST)
			break;
	}
	return err_sys(e, "cannot replace '%s/virtualenv'", m->job->folder);
}

/* The end of it, well or not. */
static void end(struct making *m)
{
	struct err ignored = ERR_INIT, *e = &m->job->e;

	if (m->temp) {
		if (fs_remove_tree(AT_FDCWD, m->temp, e->code ? &ignored : e) < 0)
			err_clear(&ignored);
		fs_temp_forget(m->temp);
		free(m->temp);
	}
	if (m->lock >= 0)
		(void)close(m->lock);
	if (m->folder >= 0)
		(void)close(m->folder);
	job_end(m->job);
}

static void installed(struct job *job)
{
	struct making *m = job->own;

	if (job->e.code)
		explain(m, &job->e);
	else if (traces_remove(m->folder, m->packages, &job->e) == 0 &&
		 write_own(m, &job->e) == 0)
		(void)!swap(m, &job->e);
	end(m);
}

/* Beside the old one, so that a build that fails or is interrupted leaves that. */
static int make_temp(struct making *m, struct err *e)
{
	const struct job *job = m->job;
	char *parent = xasprintf("%s/%s", job->real, job->folder);

	leftovers_remove(m->folder);
	m->temp = fs_temp_dir(parent, VIRTUALENV_NEW, e);
	free(parent);
	if (!m->temp)
		return -1;
	m->lock = leftovers_lock(m->temp);
	m->temp_name = path_base(str_of(m->temp)).p;
	m->packages = arena_printf(&m->job->arena, "%s/virtualenv/lib/python%s/site-packages",
				   m->temp_name, m->installer.target.version);
	return fs_make_dirs(m->folder, m->packages, 0755, e);
}

/* Again when a Python has told what it is. */
static void install(struct job *job)
{
	struct making *m = job->own;

	if (!job->e.code && !installer_find(&m->installer, job, install))
		return;
	if (!job->e.code && make_temp(m, &job->e) == 0)
		installer_run(&m->installer, job, m->requirements.file, m->packages, installed);
	else
		end(m);
}

static int look(struct making *m, bool *keep, struct err *e)
{
	const struct job *job = m->job;

	if (find_target(m, e) < 0 ||
	    requirements_read(&m->requirements, job->root, job->folder, e) < 0)
		return -1;
	make_mark(m);
	m->folder = fs_open_dir(job->root, job->folder, e);
	return m->folder < 0 ? -1 : keep_old(m, keep, e);
}

void virtualenv_build(struct job *job)
{
	struct making *m = job->own = arena_new(&job->arena, struct making);
	bool keep = false;

	m->job = job;
	m->folder = m->lock = -1;
	if (look(m, &keep, &job->e) < 0 || keep)
		end(m);
	else
		install(job);
}
