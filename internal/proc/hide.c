#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "proc/proc.h"

/*
 * setenv() makes a table of its own; the first one must not count as lost then.  Volatile, as
 * nobody reads it: a compiler may leave such a variable out.
 */
static char **volatile hidden;

void proc_hide_environment(void)
{
	size_t i, n = 0;
	char **copy;

	while (environ[n])
		n++;
	copy = xcalloc(n + 1, sizeof(*copy));
	for (i = 0; i < n; i++) {
		copy[i] = xstrdup(environ[i]);
		explicit_bzero(environ[i], strlen(environ[i]));
	}
	environ = hidden = copy;
}

static void wipe(char *value)
{
	memset(value, 'x', strlen(value));
}

char **proc_hide_values(struct arena *a, char *const *argv, const char *const *options)
{
	char **copy;
	size_t i, j, n = 0;

	while (argv[n])
		n++;
	copy = arena_calloc(a, n + 1, sizeof(*copy));
	for (i = 0; i < n; i++)
		copy[i] = arena_strdup(a, argv[i]);
	for (i = 0; i < n; i++)
		for (j = 0; options[j]; j++) {
			size_t name = strlen(options[j]);

			if (strcmp(copy[i], options[j]) == 0 && argv[i + 1])
				wipe(argv[i + 1]);
			else if (strncmp(copy[i], options[j], name) == 0 &&
				 copy[i][name] == '=')
				wipe(argv[i] + name + 1);
		}
	return copy;
}

void proc_hide_memory(bool hide UNUSED)
{
#ifdef __linux__
	(void)prctl(PR_SET_DUMPABLE, hide ? 0UL : 1UL, 0, 0, 0);
#endif
}
