/*
 * builder.h - the remote builder of the local platform: uploads, builds, their
 * records (platform.md 5)
 *
 * A slice is a file without a name that only the server and the child that
 * builds it have open; it goes away after its build, or when it is not built in
 * time.  A build runs in a process of its own (`dofn local build-slice`, with the
 * slice as descriptor 3 and a pipe with the key's digits as 4), in a private folder
 * that is removed afterwards, and is ended with all it started at the time limit.
 */
#ifndef PLATFORM_BUILDER_H
#define PLATFORM_BUILDER_H
#include "platform/invoker.h"

enum {
	BUILDER_SLICE_MAX = 64 * 1024 * 1024,  /* bytes of an upload */
	BUILDER_UPLOADS_MAX = 32,              /* addresses that are not built yet */
	BUILDER_BYTES_MAX = 256 * 1024 * 1024, /* of all slices that wait */
	BUILDER_AT_ONCE = 2,                   /* builds; further ones wait in order */
	BUILDER_LIMIT_MS = 120000,             /* of a build, from its start */
	BUILDER_UPLOAD_MS = 15 * 60 * 1000,    /* from the address to the build */
	BUILDER_NAME = 65,                     /* 64 digits and a NUL */
};

struct builder;

struct builder_options {
	struct loop *loop;
	const char *program;  /* dofn itself */
	const char *dir;      /* for the builds; emptied at start */
	const char *api_host; /* "http://127.0.0.1:3233" */
	uint64_t limit_ms;    /* 0 = BUILDER_LIMIT_MS */
	uint64_t upload_ms;   /* 0 = BUILDER_UPLOAD_MS */
	size_t max_bytes;     /* 0 = BUILDER_BYTES_MAX */
};

struct builder *builder_new(const struct builder_options *o, struct err *e) NODISCARD;
/* Ends what runs, telling so; runs the loop until it is gone.  NULL is allowed. */
void builder_free(struct builder *b);

/* A new upload's name: -1 with 429 when too many wait. */
int builder_add_upload(struct builder *b, char name[BUILDER_NAME], struct err *e) NODISCARD;
/* Its address; heap. */
char *builder_upload_url(const struct builder *b, const char *name) NODISCARD;
/* What came there: -1 with the status of the answer. */
int builder_take_upload(struct builder *b, const char *name, struct str slice,
			struct err *e) NODISCARD;

struct build_request {
	const char *slice; /* the upload's name */
	const char *key;   /* 64 digits */
	/* Once, with what a record needs (struct invocation_end); also from inside
	 * builder_build(). */
	void (*done)(void *arg, const struct invocation_end *end);
	void *arg;
};

void builder_build(struct builder *b, const struct build_request *q);
#endif
