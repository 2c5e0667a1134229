/*
 * upload.h - the body of a function's request, made from its code while it is sent
 *
 * Holds the text around the code and some kilobytes of the code, whose bytes stay in
 * the packer's spool.
 */
#ifndef DEPLOY_UPLOAD_H
#define DEPLOY_UPLOAD_H
#include "deploy/body.h"
#include "http/http.h"

struct upload_body;

/*
 * How much of the code was sent, in steps of a twentieth; not of code below 256 KiB.
 * Called inside of the source, so nothing may be sent from it.
 */
typedef void upload_progress_fn(void *arg, uint64_t sent, uint64_t total);

/* spool: of the packer that made the artifact; it lives longer. NULL with *e. */
struct upload_body *upload_body_new(const struct spool *spool, const struct project *p,
				    const struct function *f, const struct upload *u,
				    struct err *e) NODISCARD;
/* The same of text that is there already; the contents of head and tail are taken. */
struct upload_code {
	const struct spool *spool;
	uint64_t at, bytes;
	bool binary;
};
struct upload_body *upload_body_around(const struct upload_code *code, struct strbuf *head,
				       struct strbuf *tail, struct err *e) NODISCARD;
/* For http_send(); as long as the body. */
const struct http_source *upload_body_source(const struct upload_body *b);
void upload_body_watch(struct upload_body *b, upload_progress_fn *progress, void *arg);
void upload_body_free(struct upload_body *b); /* NULL is allowed */
#endif
