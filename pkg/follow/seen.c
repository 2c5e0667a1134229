#include "follow/seen.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 256 };

/* FNV-1a: the ids are random already, it only has to mix all of their digits. */
static size_t hash_of(const char *id)
{
	uint64_t h = 14695981039346656037u;
	size_t i;

	for (i = 0; i < SEEN_ID; i++)
		h = (h ^ (unsigned char)id[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

static struct seen_entry *slot_of(const struct seen *s, const char *id)
{
	size_t i = hash_of(id) & (s->cap - 1);

	while (s->slots[i].id[0] && memcmp(s->slots[i].id, id, SEEN_ID) != 0)
		i = (i + 1) & (s->cap - 1);
	return &s->slots[i];
}

static void rebuild(struct seen *s, size_t cap, uint64_t since_ms)
{
	struct seen old = *s;
	size_t i;

	s->slots = xcalloc(cap, sizeof(*s->slots));
	s->cap = cap;
	s->n = 0;
	for (i = 0; i < old.cap; i++) {
		if (!old.slots[i].id[0] || old.slots[i].start_ms < since_ms)
			continue;
		*slot_of(s, old.slots[i].id) = old.slots[i];
		s->n++;
	}
	free(old.slots);
}

bool seen_has(const struct seen *s, struct str id)
{
	return id.n == SEEN_ID && s->cap && slot_of(s, id.p)->id[0];
}

bool seen_add(struct seen *s, struct str id, uint64_t start_ms)
{
	struct seen_entry *slot;

	if (id.n != SEEN_ID || id.p[0] == '\0' || seen_has(s, id))
		return false;
	if ((s->n + 1) * 2 > s->cap)
		rebuild(s, s->cap ? s->cap * 2 : FIRST_SLOTS, 0);
	slot = slot_of(s, id.p);
	memcpy(slot->id, id.p, SEEN_ID);
	slot->start_ms = start_ms;
	s->n++;
	return true;
}

void seen_forget(struct seen *s, uint64_t since_ms)
{
	if (s->cap)
		rebuild(s, s->cap, since_ms);
}

void seen_release(struct seen *s)
{
	free(s->slots);
	*s = (struct seen){0};
}
