#include "proc/proc.h"

#include <stdlib.h>
#include <unistd.h>

enum { MAX_PATH_BYTES = 4096 };

char *proc_self(const char *argv0)
{
	char path[MAX_PATH_BYTES];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n > 0) {
		path[n] = '\0';
		/* A program that was replaced since its start is still there under the link. */
		return xstrdup(access(path, X_OK) == 0 ? path : "/proc/self/exe");
	}
	return proc_find(argv0, getenv("PATH"));
}
