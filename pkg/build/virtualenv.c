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
#include "build/reuse.h"
#include "build/seen.h"
#include "build/traces.h"
#include "fs/fs.h"

enum { SWAP_TRIES = 5 };

static const char *const no_files[] = {NULL};

extern const unsigned char embed_activate_this_py[];

/* One making of a virtualenv. */
struct making {
	struct job *job;
	struct installer installer;
	struct requirements requirements;
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

/* True, with a note, when the virtualenv that is there is the user's own. */
static int keep_old(const struct making *m, bool *keep, struct err *e)
{
	const struct job *job = m->job;
	struct stat st;

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
	}
	return 0;
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
	return fs_write_atomic(m->folder, mark, STR("made by dofn\n"), 0644, e);
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

static void install(struct job *job)
{
	struct making *m = job->own;

	if (!job->e.code && !job->reused && make_temp(m, &job->e) == 0)
		installer_run(&m->installer, job, m->requirements.file, m->packages, installed);
	else
		end(m);
}

/* pip looks at nothing of the folder but what the requirements name. */
static void see(struct making *m)
{
	static const char *const variables[] = {"PIP_*", "UV_*", "PYTHON*", NULL};
	const struct installer *in = &m->installer;
	const char *activate = (const char *)embed_activate_this_py;
	struct job *job = m->job;
	struct ledger *things = reuse_things(job);
	const char *target = arena_printf(&job->arena, "%s linux x86_64 glibc 2.%u",
					  in->target.version, in->target.glibc);
	const char *installer =
		arena_printf(&job->arena, "%s %s %s", in->program, in->version, in->here);
	const char *own = in->is_uv ? "uv" : "python";

	ledger_add(things, "kind of build", "packages of Python", 18);
	ledger_add(things, "python of the runtime", target, strlen(target));
	ledger_add(things, "installer", installer, strlen(installer));
	ledger_add(things, "installer's settings", pythons_launcher(),
		   strlen(pythons_launcher()));
	ledger_add(things, "activate_this.py", activate, strlen(activate));
	ledger_add_digest(things, m->requirements.file, m->requirements.digest);
	seen_tool(things, own, in->program);
	seen_variables_of(things, job->env, variables, job->given);
	seen_file(things, "/etc/pip.conf");
	seen_config_file(things, job->env, "pip/pip.conf");
	seen_config_file(things, job->env, "uv/uv.toml");
	seen_home_file(things, job->env, ".pip/pip.conf");
}

/* Again when a Python has told what it is. */
static void reuse(struct job *job)
{
	struct making *m = job->own;
	struct past_scope scope = {
		.files = no_files, .whole = "virtualenv", .only_whole = true};

	if (!job->e.code && !installer_find(&m->installer, job, reuse))
		return;
	if (job->e.code) {
		end(m);
		return;
	}
	if (m->requirements.has_local)
		scope.why_not = "the requirements name packages in folders, which may change";
	see(m);
	reuse_begin(job, &scope, install);
}

static int look(struct making *m, bool *keep, struct err *e)
{
	const struct job *job = m->job;

	if (find_target(m, e) < 0 ||
	    requirements_read(&m->requirements, job->root, job->folder, e) < 0)
		return -1;
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
		reuse(job);
}
