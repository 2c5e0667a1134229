#include "build/leftovers.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fs/fs.h"

enum { YOUNG_SECONDS = 60 };

int leftovers_lock(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

bool leftovers_is_name(const char *name)
{
	return str_starts(str_of(name), VIRTUALENV_NEW) ||
	       str_starts(str_of(name), RESTORED_NEW);
}

static bool is_left(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_mtime < time(NULL) - YOUNG_SECONDS &&
	       flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static void look_at(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct err ignored = ERR_INIT;

	if (fd < 0)
		return;
	if (is_left(fd) && fs_remove_tree(folder, name, &ignored) < 0)
		err_clear(&ignored);
	(void)close(fd);
}

void leftovers_remove(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;

	if (!list && fd >= 0)
		(void)close(fd);
	while (list && (d = readdir(list)))
		if (leftovers_is_name(d->d_name))
			look_at(folder, d->d_name);
	if (list)
		(void)closedir(list);
}
