#include "build_flags.h"

struct build_options build_flags_options(const struct build_flags *flags, struct arena *a)
{
	size_t i, n = flags->pass_env.items.n;
	const char **names = arena_calloc(a, n + 1, sizeof(*names));

	for (i = 0; i < n; i++)
		names[i] = flags->pass_env.items.v[i];
	return (struct build_options){.yarn = flags->yarn, .pass_env = names};
}
