#include "watch/links.h"

#include <unistd.h>

#include "fs/fs.h"
#include "watch/affected.h"

static int visit(void *arg, const struct fs_entry *entry, struct err *e)
{
	bool *found = arg;

	if (entry->via_link || entry->type == FS_LINK) {
		*found = true;
		return err_set(e, ERR_PROJECT, "a link");
	}
	return entry->type == FS_DIR && affected_is_product(path_base(entry->path));
}

bool links_exist(int root)
{
	struct err e = ERR_INIT;
	bool found = false;
	struct fs_walk w = {.boundary = root, .visit = visit, .arg = &found};
	int r;

	w.root = fs_open_dir(root, "packages", &e);
	if (w.root < 0) {
		err_clear(&e);
		return true;
	}
	r = fs_walk(&w, &e);
	(void)close(w.root);
	err_clear(&e);
	return found || r < 0;
}
