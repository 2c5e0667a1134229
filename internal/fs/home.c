#include "fs/fs.h"

#include <stdlib.h>

static const struct {
	const char *variable, *fallback;
} homes[] = {
	[FS_CONFIG] = {"XDG_CONFIG_HOME", ".config"},
	[FS_DATA] = {"XDG_DATA_HOME", ".local/share"},
	[FS_CACHE] = {"XDG_CACHE_HOME", ".cache"},
	[FS_STATE] = {"XDG_STATE_HOME", ".local/state"},
};

static const char *absolute(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] == '/' ? value : NULL;
}

char *fs_home_dir(enum fs_home which, struct err *e)
{
	const char *dir = absolute(homes[which].variable);

	if (dir)
		return xasprintf("%s/dofn", dir);
	dir = absolute("HOME");
	if (dir)
		return xasprintf("%s/%s/dofn", dir, homes[which].fallback);
	err_set(e, ERR_SYSTEM, "no home folder: set HOME or %s to an absolute path",
		homes[which].variable);
	return NULL;
}
