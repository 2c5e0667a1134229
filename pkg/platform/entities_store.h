/* entities_store.h - what entities.c and activations.c share */
#ifndef PLATFORM_ENTITIES_STORE_H
#define PLATFORM_ENTITIES_STORE_H
#include "platform/entities.h"
#include "store/store.h"

struct entities {
	struct store *store;
	unsigned added; /* activations since the last pruning */
};

/* Removes what is too old or too much; cheap when there is nothing. */
int activations_prune(struct entities *s, struct err *e) NODISCARD;
#endif
