/*
 * refusal.h - what of several functions keeps all of them from being sent
 *
 * One function that cannot be taken does not hide what is wrong with the others:
 * each is told when it is found, and the failure comes at the end.
 */
#ifndef PACK_REFUSAL_H
#define PACK_REFUSAL_H
#include "events/events.h"
#include "pack/pack.h"

struct refusals {
	size_t errors;    /* findings in what functions are made of */
	size_t too_large; /* functions */
};

/* Tells the findings of a function, named `name`, and counts its errors. */
void refusals_add(struct refusals *r, struct sink *s, const char *name,
		  const struct artifact *a);
/*
 * Of a failure of pack_read() or pack_make(): when the function is too large it is
 * told as a finding and counted, *e is clear, and the next one can be looked at.
 * Else false, and *e stays.
 */
bool refusals_take(struct refusals *r, struct sink *s, const char *name,
		   const struct function *f, struct err *e) NODISCARD;
/* 0 when there was none; else ERR_PROJECT. */
int refusals_check(const struct refusals *r, struct err *e) NODISCARD;
#endif
