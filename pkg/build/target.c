#include "build/target.h"

#include <string.h>

#include "runtime/runtime.h"

/* Of the latest image that is known: what is newer has no older one. */
enum { GLIBC_LATEST = 31 };

bool target_find(struct python_target *t, struct arena *a, const char *runtime)
{
	const struct runtime *known =
		runtime_find(str_of(runtime ? runtime : "python:default"));
	struct str kind = str_of(known ? known->kind : runtime), version;
	uint64_t minor;

	if (!str_starts(kind, "python:"))
		return false;
	version = str_from(kind, strlen("python:"));
	if (!str_starts(version, "3.") || !str_to_u64(str_from(version, 2), &minor))
		return false;
	t->version = arena_strndup(a, version.p, version.n);
	t->glibc = runtime_glibc(kind);
	if (t->glibc == 0)
		t->glibc = GLIBC_LATEST;
	return true;
}

bool target_is_system_of(const struct python *python)
{
	return python->glibc && str_is(python->system, "linux-x86_64");
}

bool target_is_native(const struct python_target *t, const struct python *python)
{
	return target_is_system_of(python) && str_is(python->version, t->version);
}
