#include <stdlib.h>
#include <unistd.h>

#include "history/run.h"
#include "project/names.h"

/* What of a function there is in later files. */
struct counted {
	const char *name;
	size_t versions;
	bool again;
};

struct sweep {
	struct arena arena;
	struct names names;
};

static struct counted *count_of(struct sweep *s, const char *name)
{
	struct counted *c = names_find(&s->names, name);

	if (c)
		return c;
	c = arena_new(&s->arena, struct counted);
	c->name = arena_strdup(&s->arena, name);
	(void)names_add(&s->names, c);
	return c;
}

/* Of what was put back only the last is of use, and only as long as nothing else came. */
static bool is_of_use(const struct counted *later, bool again)
{
	return again ? !later->again && !later->versions : later->versions < HISTORY_VERSIONS;
}

/* Whether a file holds something of use; asked from the latest on. */
static bool is_needed(struct sweep *s, int fd)
{
	struct run_entry entry;
	struct counted *c;
	uint64_t at = 0;
	bool needed = false;

	while (run_next(fd, &at, &entry)) {
		c = count_of(s, entry.name);
		needed = is_of_use(c, entry.again) || needed;
		if (entry.again)
			c->again = true;
		else
			c->versions++;
	}
	return needed;
}

static void remove_file(int folder, uint64_t number)
{
	char name[RUN_NAME];

	run_name(number, name);
	(void)unlinkat(folder, name, 0); /* who cannot remove it will try again */
}

static void sweep_old(int folder, const struct run_files *files)
{
	struct sweep s = {.arena = ARENA_INIT};
	size_t i;
	int fd;

	for (i = 0; i < files->all.n; i++) {
		fd = run_open(folder, files->all.v[i].number);
		if (fd < 0)
			continue;
		if (!is_needed(&s, fd))
			remove_file(folder, files->all.v[i].number);
		(void)close(fd);
	}
	names_release(&s.names);
	arena_release(&s.arena);
}

void run_sweep(int folder, uint64_t limit, bool look_inside)
{
	struct run_files files;
	struct err ignored = ERR_INIT;
	uint64_t bytes = 0;
	size_t i;

	if (run_list(folder, &files, &ignored) == 0) {
		if (look_inside && files.all.n > HISTORY_VERSIONS)
			sweep_old(folder, &files);
		for (i = 0; i < files.all.n; i++) {
			bytes += files.all.v[i].bytes;
			if (bytes > limit)
				remove_file(folder, files.all.v[i].number);
		}
	}
	err_clear(&ignored);
	vec_release(&files.all);
}
