/*
 * steer.h - a script's `pip install --target` for the Python of the runtime
 *
 * Private to build/.  Where this machine has another Python or system, pip's own
 * variables make it choose wheels for the runtime's: PIP_PLATFORM,
 * PIP_PYTHON_VERSION, PIP_IMPLEMENTATION, PIP_ABI, PIP_ONLY_BINARY.  With them pip
 * refuses to install without --target ("Can not use any platform or abi
 * specific options unless installing via '--target'"), so they are only for
 * scripts that never do.  `pip wheel`, `virtualenv` and `python -m venv` ignore
 * them.  Conditions such as python_version < "3.10" still count for the Python
 * that runs pip.
 */
#ifndef BUILD_STEER_H
#define BUILD_STEER_H
#include "build/target.h"

/* The user set one of the variables: theirs count. */
bool steer_is_set(const char *const *env);
/* env with the variables; from the arena. */
const char *const *steer_environment(struct arena *a, const char *const *env,
				     const struct python_target *t);
/*
 * The virtualenv that a script made with this machine's Python activates only
 * the packages of that.  Where it holds packages for the target, its
 * activate_this.py is replaced by ours, with a note.
 */
int steer_activation(const struct job *job, const struct python_target *t,
		     struct err *e) NODISCARD;
#endif
