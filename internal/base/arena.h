/*
 * arena.h - memory with one lifetime
 *
 * Everything taken from an arena is released together.  Memory is zeroed and
 * aligned for any type.  An arena belongs to one thread at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H
#include "base/base.h"
#include "base/str.h"

struct arena_block;

struct arena {
	struct arena_block *head;
	size_t used; /* bytes handed out */
};

#define ARENA_INIT ((struct arena){0})

void *arena_alloc(struct arena *a, size_t n) NODISCARD;
/* n * size is checked for overflow. */
void *arena_calloc(struct arena *a, size_t n, size_t size) NODISCARD;
#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))
char *arena_strdup(struct arena *a, const char *s) NODISCARD;
char *arena_strndup(struct arena *a, const char *s, size_t n) NODISCARD;
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3) NODISCARD;
/* A copy of s, NUL-terminated behind its n bytes. */
struct str arena_str(struct arena *a, struct str s) NODISCARD;
void arena_release(struct arena *a);
#endif
