#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1024 * 1024 };

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(max_align_t) unsigned char data[];
};

static struct arena_block *new_block(struct arena *a, size_t need)
{
	size_t size = a->head ? a->head->size * 2 : FIRST_BLOCK;
	struct arena_block *b;

	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	if (size < need)
		size = need;
	b = xcalloc(1, sizeof(*b) + size);
	b->size = size;
	b->next = a->head;
	a->head = b;
	return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
	const size_t align = _Alignof(max_align_t);
	struct arena_block *b = a->head;
	size_t need;
	void *p;

	if (n > SIZE_MAX / 2)
		bug("arena_alloc of %zu bytes", n);
	need = (n + align - 1) & ~(align - 1);
	if (!b || b->size - b->used < need)
		b = new_block(a, need);
	p = b->data + b->used;
	b->used += need;
	a->used += need;
	return p;
}

void *arena_calloc(struct arena *a, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		bug("arena_calloc of %zu times %zu bytes", n, size);
	return arena_alloc(a, total);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	if (n)
		memcpy(p, s, n);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

struct str arena_str(struct arena *a, struct str s)
{
	return (struct str){arena_strndup(a, s.p, s.n), s.n};
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *p;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		bug("cannot format '%s'", fmt);
	p = arena_alloc(a, (size_t)n + 1);
	n = vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	if (n < 0)
		bug("cannot format '%s'", fmt);
	return p;
}

void arena_release(struct arena *a)
{
	struct arena_block *b, *next;

	for (b = a->head; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = ARENA_INIT;
}
