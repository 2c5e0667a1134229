#include "build/steer.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "build/environment.h"
#include "fs/fs.h"

enum { ACTIVATE_MAX = 64 * 1024, GLIBC_OLDEST = 5, VARIABLES = 5 };

extern const unsigned char embed_activate_this_py[];

bool steer_is_set(const char *const *env)
{
	static const char *const names[VARIABLES] = {"PIP_PLATFORM", "PIP_PYTHON_VERSION",
						     "PIP_IMPLEMENTATION", "PIP_ABI",
						     "PIP_ONLY_BINARY"};
	size_t i;

	for (i = 0; i < countof(names); i++)
		if (environment_value(env, names[i]))
			return true;
	return environment_value(env, "PIP_NO_BINARY") != NULL;
}

/* pip takes several values of one option separated by blanks, the best one first. */
static const char *platforms(struct arena *a, unsigned glibc)
{
	struct strbuf list = STRBUF_INIT;
	const char *value;

	for (; glibc >= GLIBC_OLDEST; glibc--)
		strbuf_addf(&list, "manylinux_2_%u_x86_64 ", glibc);
	value = arena_printf(a,
			     "%smanylinux2014_x86_64 manylinux2010_x86_64 manylinux1_x86_64 "
			     "linux_x86_64",
			     list.buf);
	strbuf_release(&list);
	return value;
}

const char *const *steer_environment(struct arena *a, const char *const *env,
				     const struct python_target *t)
{
	const char **steered;
	size_t n = 0;

	while (env[n])
		n++;
	steered = arena_calloc(a, n + VARIABLES + 1, sizeof(*steered));
	memcpy(steered, env, n * sizeof(*steered));
	steered[n++] = arena_printf(a, "PIP_PLATFORM=%s", platforms(a, t->glibc));
	steered[n++] = arena_printf(a, "PIP_PYTHON_VERSION=%s", t->version);
	steered[n++] = "PIP_IMPLEMENTATION=cp";
	steered[n++] = arena_printf(a, "PIP_ABI=cp3%s", t->version + strlen("3."));
	steered[n] = "PIP_ONLY_BINARY=:all:";
	return steered;
}

/* That it adds the packages of a certain other Python. */
static bool is_for_another(int folder, const char *activate, const char *packages)
{
	struct strbuf text = STRBUF_INIT;
	struct err ignored = ERR_INIT;
	bool another = false;

	if (fs_read_below(folder, -1, activate, ACTIVATE_MAX, &text, &ignored) < 0)
		err_clear(&ignored);
	else
		another = strstr(text.buf, "lib/python3.") && !strstr(text.buf, packages);
	strbuf_release(&text);
	return another;
}

int steer_activation(const struct job *job, const struct python_target *t, struct err *e)
{
	static const char activate[] = "virtualenv/bin/activate_this.py";
	struct arena a = ARENA_INIT;
	const char *packages = arena_printf(&a, "lib/python%s/site-packages", t->version);
	const char *there = arena_printf(&a, "virtualenv/%s", packages);
	int folder = fs_open_dir(job->root, job->folder, e), rc = 0;
	struct stat st;

	if (folder >= 0 && fstatat(folder, there, &st, 0) == 0 && S_ISDIR(st.st_mode) &&
	    is_for_another(folder, activate, packages)) {
		rc = fs_write_atomic(folder, activate,
				     str_of((const char *)embed_activate_this_py), 0644, e);
		if (rc == 0)
			sink_note(job->sink, job->name,
				  "'%s/%s' was for this machine's Python; it is now for "
				  "Python %s",
				  job->folder, activate, t->version);
	}
	if (folder >= 0)
		(void)close(folder);
	arena_release(&a);
	return folder < 0 ? -1 : rc;
}
