#include "filter/collect.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Magic number, flags, and the source's time and size, or its hash (PEP 552). */
enum { HEADER = 16, FLAG_HASH = 1 };

static bool has_time_stamp(struct collector *c, const char *source)
{
	unsigned char head[HEADER] = {0};
	struct err ignored = ERR_INIT;
	struct stat st;
	int fd = fs_open_file(c->root, -1, source, &st, &ignored);
	ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head));

	err_clear(&ignored);
	if (fd >= 0)
		(void)close(fd);
	return n == HEADER && memcmp(head + 2, "\r\n", 2) == 0 && !(head[4] & FLAG_HASH);
}

/* Without it Python takes the bytecode for the module, whatever its time. */
static bool has_source_beside(struct collector *c, struct str path)
{
	const char *source = arena_strndup(c->a, path.p, path.n - 1);
	struct stat st;

	return fstatat(c->root, source, &st, 0) == 0;
}

bool pycache_is_stale(struct collector *c, const char *source, const struct fs_entry *entry)
{
	struct str path = str_of(source);

	if (!str_ends(path, ".pyc") || entry->size < HEADER)
		return false;
	if (!str_is(path_base(path_dir(path)), "__pycache__") && !has_source_beside(c, path))
		return false;
	if (!has_time_stamp(c, source))
		return false;
	explain_out(
		c, source, false, FILTER_OUT,
		"built in: bytecode that is checked by its source's time, which changes when "
		"it is unpacked",
		0);
	if (c->stales++ == 0)
		c->stale = collect_shown(c, path);
	return true;
}

void pycache_end(struct collector *c)
{
	static const char why[] =
		"checked by its source's time, which changes when it is unpacked";

	if (c->stales == 1)
		c->list->stale =
			arena_printf(c->a, "left out '%s', bytecode %s", c->stale, why);
	else if (c->stales > 1)
		c->list->stale = arena_printf(c->a, "left out '%s' and %zu more, bytecode %s",
					      c->stale, c->stales - 1, why);
}
