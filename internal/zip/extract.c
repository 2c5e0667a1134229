#include "zip/zip.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/fs.h"
#include "zip/index.h"

static int fail(const char *name, struct err *e)
{
	int saved = errno;
	char *shown = zip_printable(str_of(name));

	errno = saved;
	err_sys(e, "cannot unpack '%s'", shown);
	free(shown);
	return -1;
}

/* Opens, and makes when it is missing, one directory of 0755 whatever the umask is. */
static int enter(int at, const char *name)
{
	bool made = mkdirat(at, name, 0755) == 0;
	int fd;

	if (!made && errno != EEXIST)
		return -1;
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && made && fchmod(fd, 0755) < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* The descriptor of `path` below dir, component by component so that no link is followed. */
static int enter_all(int dir, struct str path)
{
	int fd = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	struct str part;

	while (fd >= 0 && path.n > 0 && str_next(&path, '/', &part)) {
		char name[NAME_MAX + 1];
		int next = -1;

		if (part.n <= NAME_MAX) {
			memcpy(name, part.p, part.n);
			name[part.n] = '\0';
			next = enter(fd, name);
		} else {
			errno = ENAMETOOLONG;
		}
		(void)close(fd);
		fd = next;
	}
	return fd;
}

static int write_file(int dir, const char *name, bool executable, struct str data)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return -1;
	rc = fs_write_all(fd, data);
	if (rc == 0)
		rc = fchmod(fd, executable ? 0755 : 0644);
	if (close(fd) < 0)
		rc = -1;
	return rc;
}

static int extract_one(void *arg, const struct zip_entry *entry, struct str data, struct err *e)
{
	struct str name = str_of(entry->name);
	int dir = enter_all(*(const int *)arg, entry->directory ? name : path_dir(name));
	int rc = 0;

	if (dir < 0)
		return fail(entry->name, e);
	if (!entry->directory)
		rc = write_file(dir, path_base(name).p, entry->executable, data);
	if (rc < 0)
		fail(entry->name, e);
	(void)close(dir);
	return rc;
}

int zip_extract(struct str archive, const struct zip_limits *limits, int dir, struct err *e)
{
	return zip_read(archive, limits, extract_one, &dir, e);
}
