#include "filter/collect.h"

/* What an earlier build made at the top of the folder, and the file that lets the next one make
 * it again. */
static const struct {
	const char *folder, *file;
} made[] = {
	{"virtualenv", "requirements.txt"},
	{"node_modules", "package.json"},
};

static bool has(struct collector *c, const char *name)
{
	struct err ignored = ERR_INIT;
	struct fs_entry entry;
	int found = fs_lookup(c->folder_fd, c->root, name, &entry, &ignored);

	err_clear(&ignored);
	return found == FS_FOUND && entry.type == FS_FILE;
}

const char *sources_why_out(struct collector *c, struct str path, bool directory)
{
	size_t i;

	if (!directory)
		return str_is(path, "__deployer__.zip") || str_is(path, ".built")
			       ? "left by doctl"
			       : NULL;
	for (i = 0; i < countof(made); i++)
		if (str_is(path, made[i].folder) && has(c, made[i].file))
			return "made by a build";
	return str_is(path_base(path), "__pycache__") ? "made by Python" : NULL;
}

bool sources_steers_build(struct str path)
{
	static const char *const names[] = {
		".ignore",          ".include",          "build.sh",
		"package.json",     "package-lock.json", "yarn.lock",
		"requirements.txt", "pyproject.toml",    "go.mod",
		"go.sum",           "composer.json",     "composer.lock",
	};
	size_t i;

	for (i = 0; i < countof(names); i++)
		if (str_is(path, names[i]))
			return true;
	return false;
}
