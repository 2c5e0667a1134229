#include "filter/collect.h"

#include <fcntl.h>

static bool is_there(const struct collect_folder *f, struct str folder, struct str name)
{
	struct arena *a = f->c->a;
	const char *path = path_join(a, f->source, str_of(path_join(a, folder, name)));
	struct stat st;

	return fstatat(f->c->root, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool venv_is_machinery(const struct collect_folder *f, struct str path)
{
	struct str name = path_base(path), dir = path_dir(path);

	if (str_starts(path, "virtualenv.new-") || str_starts(path, ".dofn-new-"))
		return true;
	if (str_is(name, "pyvenv.cfg") || str_is(name, ".dofn"))
		return is_there(f, dir, STR("bin/activate_this.py"));
	if (!str_is(path_base(dir), "bin") || str_is(name, "activate_this.py"))
		return false;
	if (!str_starts(name, "python") && !str_starts(name, "activate"))
		return false;
	return is_there(f, path_dir(dir), STR("pyvenv.cfg"));
}
