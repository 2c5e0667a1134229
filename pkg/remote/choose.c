#include "remote/remote.h"

#include <dirent.h>
#include <unistd.h>

#include "build/build.h"
#include "fs/fs.h"
#include "runtime/runtime.h"

/* A package of Go has its files at the top of its folder. */
static bool has_go(int fd)
{
	int own = dup(fd);
	DIR *dir = own < 0 ? NULL : fdopendir(own);
	const struct dirent *entry;
	bool found = false;

	if (!dir) {
		if (own >= 0)
			(void)close(own);
		return false;
	}
	while (!found && (entry = readdir(dir)))
		found = str_ends(str_of(entry->d_name), ".go");
	(void)closedir(dir);
	return found;
}

/* Whether it is Go; -1 when its folder cannot be opened. */
static int is_go(const struct project *p, const struct function *f, struct err *e)
{
	const char *runtime = f->runtime;
	int fd, found;

	if (!runtime && f->source_kind == SOURCE_FILE)
		runtime = runtime_of_file(path_base(str_of(f->source)));
	if (runtime)
		return str_is(runtime_language(str_of(runtime)), "go");
	if (f->source_kind != SOURCE_FOLDER)
		return 0;
	fd = fs_open_below(p->root_fd, -1, f->source, e);
	if (fd < 0)
		return -1;
	found = has_go(fd);
	(void)close(fd);
	return found;
}

/* What is uploaded as it is. */
static bool is_ready(const struct function *f)
{
	return f->source_kind == SOURCE_NONE || f->binary || f->docker ||
	       function_is_sequence(f);
}

int remote_choose(const struct project *p, const struct function *f, bool all,
		  enum remote_how *how, struct err *e)
{
	enum build_kind kind = BUILD_NONE;
	int go;

	*how = REMOTE_NO;
	if (f->local_build || is_ready(f))
		return 0;
	if (f->source_kind == SOURCE_FOLDER &&
	    build_choose(p->root_fd, f->source, f->runtime, &kind, e) < 0)
		return -1;
	if (kind != BUILD_NONE) {
		if (all || f->remote_build)
			*how = kind == BUILD_PYTHON ? REMOTE_PYTHON : REMOTE_OWN;
		return 0;
	}
	go = is_go(p, f, e);
	if (go > 0)
		*how = REMOTE_GO;
	return go < 0 ? -1 : 0;
}
