#include "build/choose.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "build/node.h"
#include "build/requirements.h"
#include "runtime/runtime.h"

static int has_file(int root, const char *folder, const char *name, struct err *e)
{
	char *path = xasprintf("%s/%s", folder, name);
	struct stat st;
	int found = 0;

	if (fstatat(root, path, &st, 0) == 0)
		found = S_ISREG(st.st_mode);
	else if (errno != ENOENT && errno != ENOTDIR)
		found = err_sys(e, "cannot look at '%s'", path);
	free(path);
	return found;
}

/* A build that silently does not happen is the worst: a build.sh that is there runs or is an
 * error; a folder of that name is one like others. */
static int has_script(int root, const char *folder, struct err *e)
{
	char *path = xasprintf("%s/build.sh", folder);
	int found = has_file(root, folder, "build.sh", e);
	struct stat st;

	if (found == 0 && fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISDIR(st.st_mode))
		found = err_set(e, ERR_PROJECT,
				"'%s' is no file that could be run; remove it or put a script "
				"in its place",
				path);
	free(path);
	return found;
}

static int choose_node(int root, const char *folder, enum build_kind *kind, struct err *e)
{
	enum node_work work = NODE_NOTHING;
	int found = has_file(root, folder, "package.json", e);

	if (found < 0 || (found && node_work(root, folder, &work, e) < 0))
		return -1;
	if (work != NODE_NOTHING)
		*kind = BUILD_NODE;
	return 0;
}

/* A function of Python: of several files without a runtime, as one with requirements is, the
 * file that it starts with tells. */
static int is_python(int root, const char *folder, const char *runtime, struct err *e)
{
	if (runtime)
		return str_is(runtime_language(str_of(runtime)), "python");
	return has_file(root, folder, "__main__.py", e);
}

static int choose_python(int root, const char *folder, const char *runtime,
			 enum build_kind *kind, struct err *e)
{
	struct requirements r = {0};
	int python = is_python(root, folder, runtime, e);

	if (python < 0 || (python && requirements_read(&r, root, folder, e) < 0))
		return -1;
	if (r.file)
		*kind = BUILD_PYTHON;
	return 0;
}

void choose_tell_unread(const struct job *job)
{
	struct requirements r = {0};
	struct err ignored = ERR_INIT;

	if (is_python(job->root, job->folder, job->runtime, &ignored) <= 0 ||
	    requirements_read(&r, job->root, job->folder, &ignored) < 0)
		err_clear(&ignored);
	else if (!r.file && r.unread)
		sink_warning(job->sink, job->name,
			     "'%s/pyproject.toml' names packages in '%s', which dofn does not "
			     "read: none are installed. List them in 'dependencies' of "
			     "[project] or in requirements.txt, or install them in a build.sh",
			     job->folder, r.unread);
}

int build_choose(int root, const char *folder, const char *runtime, enum build_kind *kind,
		 struct err *e)
{
	int found = has_script(root, folder, e);

	*kind = found > 0 ? BUILD_SCRIPT : BUILD_NONE;
	if (found)
		return found < 0 ? -1 : 0;
	found = has_file(root, folder, "build.cmd", e);
	if (found > 0)
		return err_set(
			e, ERR_PROJECT,
			"'%s/build.cmd' runs on Windows only; add a 'build.sh' that does "
			"the same",
			folder);
	if (found < 0 || choose_node(root, folder, kind, e) < 0)
		return -1;
	return *kind == BUILD_NONE ? choose_python(root, folder, runtime, kind, e) : 0;
}
