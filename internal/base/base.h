/* base.h - attributes and helpers every file may use */
#ifndef BASE_BASE_H
#define BASE_BASE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define countof(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define NODISCARD __attribute__((warn_unused_result))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))

/*
 * Allocation that cannot fail: out of memory ends the process with status 70.
 * What outside input can blow up is bounded by its reader, not here.
 * Only base/ calls malloc; everyone else uses these, an arena or a strbuf.
 */
void *xmalloc(size_t n) NODISCARD;
void *xcalloc(size_t n, size_t size) NODISCARD;
/* n * size is checked for overflow. */
void *xreallocarray(void *p, size_t n, size_t size) NODISCARD;
char *xstrdup(const char *s) NODISCARD;
char *xstrndup(const char *s, size_t n) NODISCARD;
char *xasprintf(const char *fmt, ...) PRINTF(1, 2) NODISCARD;

/* A broken invariant of the program itself; never something a user can cause. Aborts. */
void bug(const char *fmt, ...) PRINTF(1, 2) NORETURN;
#endif
