/*
 * invoke.h - calls of functions on behalf of the API: run, record, then answer
 *
 * The record is stored before the answer goes out, so that no call that was
 * answered is missing from the records.
 */
#ifndef PLATFORM_INVOKE_H
#define PLATFORM_INVOKE_H
#include "platform/api_call.h"
#include "platform/record.h"

enum { ACTIVATION_ID = 33 };

struct invoke_answer {
	const char *id;
	/* NULL: the wait is over and the call still runs. Valid during the call. */
	const struct invocation_end *end;
	struct str record;   /* JSON text, with end */
	struct err *failure; /* the record could not be stored; then end is NULL */
};

typedef void invoke_answer_fn(void *arg, const struct invoke_answer *a);

struct invoke_request {
	struct target *target; /* a reference is taken */
	struct str payload;    /* JSON object text: merged arguments; copied */
	const char *transaction;
	bool web;
	uint64_t wait_ms; /* 0 = do not wait: no answer is called */
	/*
	 * Of a call by a sequence: its id.  Then the answer is that of the end, however
	 * late, and the call does not count as one of its own.
	 */
	const char *cause;
	unsigned level;           /* of sequences around this call */
	unsigned *left;           /* calls that they may still make */
	invoke_answer_fn *answer; /* exactly once */
	void *arg;
};

/* id gets the activation's. -1 with 429 when too many calls are under way. */
int invoke_start(struct api *a, const struct invoke_request *q, char id[ACTIVATION_ID],
		 struct err *e) NODISCARD;
/* Stores the record of what has ended; its text is appended to *record. */
int invoke_record(struct api *a, const struct record_subject *of,
		  const struct invocation_end *end, struct strbuf *record,
		  struct err *e) NODISCARD;
#endif
