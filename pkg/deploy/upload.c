#include "deploy/upload.h"

#include <stdlib.h>

#include "base/base64.h"

/* Bytes of code that are encoded at once; three of them make four characters. */
enum { PIECE = 48 * 1024 };

/* For people: less is sent before it could be read, and more often is of no use. */
enum { WATCHED_MIN = 256 * 1024, STEPS = 20 };

struct upload_body {
	struct http_source source;
	struct strbuf head, tail;
	const struct spool *spool;
	uint64_t at, bytes; /* of the code */
	bool binary;

	/* What is read next: the rest of `ready`, then the code from `taken` on, then the tail.
	 */
	struct strbuf ready;
	size_t ready_at;
	uint64_t taken;
	bool began, ended;

	upload_progress_fn *progress; /* or NULL */
	void *progress_arg;
	uint64_t told; /* steps; STEPS + 1: none yet */
};

/* Where text may be cut, so that no sequence of UTF-8 falls apart. */
static size_t cut_of(const char *p, size_t n)
{
	size_t i = n;

	while (i > 0 && n - i < 3 && ((unsigned char)p[i - 1] & 0xc0) == 0x80)
		i--;
	if (i > 1 && (unsigned char)p[i - 1] >= 0xc0)
		return i - 1;
	return n;
}

/* The next piece of the code, as it stands in a JSON string. */
static int make_piece(struct upload_body *b, struct err *e)
{
	uint64_t left = b->bytes - b->taken;
	size_t n = left < PIECE ? (size_t)left : PIECE;
	char piece[PIECE];

	if (spool_read(b->spool, b->at + b->taken, piece, n, e) < 0)
		return -1;
	if (b->binary) {
		base64_encode(&b->ready, piece, n);
	} else {
		n = n < left ? cut_of(piece, n) : n;
		json_write_str(&b->ready, (struct str){piece, n});
		b->ready.len--; /* the quotes are around the whole */
		b->ready_at = 1;
	}
	b->taken += n;
	return 0;
}

static void tell_progress(struct upload_body *b)
{
	uint64_t step;

	if (!b->progress || b->bytes < WATCHED_MIN)
		return;
	step = b->taken * STEPS / b->bytes;
	if (step == b->told)
		return;
	b->told = step;
	b->progress(b->progress_arg, b->taken, b->bytes);
}

static int make_ready(struct upload_body *b, struct err *e)
{
	strbuf_reset(&b->ready);
	b->ready_at = 0;
	tell_progress(b);
	if (!b->began) {
		strbuf_addstr(&b->ready, strbuf_str(&b->head));
		b->began = true;
	} else if (b->taken < b->bytes) {
		return make_piece(b, e);
	} else if (!b->ended) {
		strbuf_addstr(&b->ready, strbuf_str(&b->tail));
		b->ended = true;
	}
	return 0;
}

static ssize_t read_some(void *arg, char *p, size_t n, struct err *e)
{
	struct upload_body *b = arg;

	if (b->ready_at == b->ready.len && make_ready(b, e) < 0)
		return -1;
	if (n > b->ready.len - b->ready_at)
		n = b->ready.len - b->ready_at;
	memcpy(p, b->ready.buf + b->ready_at, n);
	b->ready_at += n;
	return (ssize_t)n;
}

static void go_back(void *arg)
{
	struct upload_body *b = arg;

	strbuf_reset(&b->ready);
	b->ready_at = 0;
	b->taken = 0;
	b->began = b->ended = false;
}

/* Characters of the code in the body: those of text are counted by making them. */
static int measure_code(struct upload_body *b, uint64_t *n, struct err *e)
{
	if (b->binary) {
		*n = (b->bytes + 2) / 3 * 4;
		return 0;
	}
	for (*n = 0; b->taken < b->bytes; *n += b->ready.len - b->ready_at) {
		strbuf_reset(&b->ready);
		if (make_piece(b, e) < 0)
			return -1;
	}
	go_back(b);
	return 0;
}

struct upload_body *upload_body_around(const struct upload_code *code, struct strbuf *head,
				       struct strbuf *tail, struct err *e)
{
	struct upload_body *b = xcalloc(1, sizeof(*b));
	uint64_t characters;

	b->head = *head;
	b->tail = *tail;
	*head = *tail = b->ready = STRBUF_INIT;
	b->spool = code->spool;
	b->at = code->at;
	b->bytes = code->bytes;
	b->binary = code->binary;
	if (measure_code(b, &characters, e) < 0) {
		upload_body_free(b);
		return NULL;
	}
	b->source = (struct http_source){.size = b->head.len + characters + b->tail.len,
					 .read = read_some,
					 .rewind = go_back,
					 .arg = b};
	return b;
}

struct upload_body *upload_body_new(const struct spool *spool, const struct project *p,
				    const struct function *f, const struct upload *u,
				    struct err *e)
{
	const struct artifact *a = u->artifact;
	const struct upload_code code = {spool, a->at, a->bytes, a->binary};
	struct strbuf head = STRBUF_INIT, tail = STRBUF_INIT;

	function_body(&head, &tail, p, f, u);
	return upload_body_around(&code, &head, &tail, e);
}

const struct http_source *upload_body_source(const struct upload_body *b)
{
	return &b->source;
}

void upload_body_watch(struct upload_body *b, upload_progress_fn *progress, void *arg)
{
	b->progress = progress;
	b->progress_arg = arg;
	b->told = STEPS + 1;
}

void upload_body_free(struct upload_body *b)
{
	if (!b)
		return;
	strbuf_release(&b->head);
	strbuf_release(&b->tail);
	strbuf_release(&b->ready);
	free(b);
}
