/*
 * record.h - the activation record as JSON text
 *
 * Pure.  Forms: platform.md 1.8 (list) and 1.10 (whole).  Text, not a tree:
 * the function's result goes in as it came.
 */
#ifndef PLATFORM_RECORD_H
#define PLATFORM_RECORD_H
#include "base/strbuf.h"
#include "platform/invoker.h"

struct record_subject {
	const char *id;
	const char *namespace, *package, *name; /* package "" = default */
	const char *version, *kind;
	int64_t timeout_ms, memory_mb, logs_kb;
	bool web;
	const char *binding;      /* package by whose name it was called, or NULL */
	const char *cause;        /* id of the sequence that called it, or NULL */
	const struct json *calls; /* of a sequence: ids of the calls it made; else NULL */
	int64_t duration_ms;      /* of a sequence: of those calls together */
};

/* "success", "application error", "action developer error", "whisk internal error". */
const char *record_status(enum outcome outcome);
/* Appends the whole record and its list form. */
void record_write(struct strbuf *record, struct strbuf *summary,
		  const struct record_subject *of, const struct invocation_end *end);
#endif
