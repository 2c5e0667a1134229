#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proc/proc.h"

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

char *proc_find(const char *name, const char *path)
{
	struct str rest = str_of(path ? path : "/usr/bin:/bin"), dir;
	char *file;

	if (strchr(name, '/'))
		return is_program(name) ? xstrdup(name) : NULL;
	if (!*name)
		return NULL;
	while (str_next(&rest, ':', &dir)) {
		if (!str_starts(dir, "/"))
			continue;
		file = xasprintf("%.*s/%s", STR_ARG(dir), name);
		if (is_program(file))
			return file;
		free(file);
	}
	return NULL;
}
