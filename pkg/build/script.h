/*
 * script.h - what can be told from the text of a build script
 *
 * Which program runs it, whether its line ends are Windows', and which tools
 * it plainly calls.  Not a shell parser: words count where a command stands,
 * and what it does not recognise it does not report.
 */
#ifndef BUILD_SCRIPT_H
#define BUILD_SCRIPT_H
#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

enum { SCRIPT_MAX = 1024 * 1024, SCRIPT_MAX_ARGS = 8 };

struct script {
	const char *text; /* with LF line ends, NUL-terminated */
	size_t n;
	bool crlf;                         /* line ends were CR LF */
	const char *program;               /* of the first line, "bash" without one */
	const char *args[SCRIPT_MAX_ARGS]; /* of the first line */
	size_t args_n;
	bool calls_virtualenv, calls_pip;
	size_t pip_targets; /* calls of `pip install` with --target, however pip is named */
	size_t pip_others;  /* and without it */
	VEC(const char *) pythons; /* "3.11" for every "python3.11" in it, once each */
	VEC(const char *) runs;    /* of them those that are called */
};

/* text is copied into the arena. ERR_PROJECT for a NUL byte: no script. */
int script_parse(struct script *s, struct arena *a, struct str text, struct err *e) NODISCARD;
void script_release(struct script *s);
/* True when the program is a shell: "bash", "/bin/sh", ... */
bool script_is_shell(const struct script *s);
#endif
