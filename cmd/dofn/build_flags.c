#include "build_flags.h"

int build_flags_read(const struct build_flags *flags, struct arena *a,
		     struct build_options *options, struct err *e)
{
	size_t i, n = flags->pass_env.items.n;
	const char **names = arena_calloc(a, n + 1, sizeof(*names));

	if (flags->jobs > BUILD_JOBS_MAX)
		return err_set(e, ERR_USAGE, "--jobs takes at most %d", BUILD_JOBS_MAX);
	for (i = 0; i < n; i++)
		names[i] = flags->pass_env.items.v[i];
	*options = (struct build_options){.jobs = flags->jobs,
					  .yarn = flags->yarn,
					  .no_cache = flags->no_cache,
					  .pass_env = names};
	return 0;
}
