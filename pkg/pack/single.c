#include <stdlib.h>
#include <unistd.h>

#include "base/utf8.h"
#include "fs/fs.h"
#include "pack/make.h"
#include "runtime/runtime.h"

/* The longest part of a sequence that a piece may end in. */
enum { UTF8_PART = 3 };

struct single {
	const struct filter_file *file;
	struct spool *spool;
	struct sha256 *sum;
	char rest[UTF8_PART]; /* of the piece before: a sequence may go on in the next */
	size_t rest_n;
	uint64_t line;
	bool broken; /* no UTF-8, in that line */
};

static int fail_encoding(const struct single *s, struct err *e)
{
	struct strbuf shown = STRBUF_INIT;

	utf8_add_printable(&shown, s->file->path);
	err_set(e, ERR_PROJECT,
		"'%s' is not UTF-8 in line %llu; save it as UTF-8, or keep it in a function's "
		"folder with a second file, which goes as a zip",
		shown.buf, (unsigned long long)s->line);
	strbuf_release(&shown);
	return -1;
}

/* Up to the first sequence that is none; what remains. */
static struct str pass_text(struct single *s, struct str text)
{
	size_t n;

	while (text.n > 0 && (n = utf8_sequence(text)) > 0) {
		s->line += *text.p == '\n';
		text = str_from(text, n);
	}
	return text;
}

/* What remains may be the start of a sequence that goes on in the next piece. */
static void judge_text(struct single *s, struct str text, bool last)
{
	if (s->broken)
		return;
	text = pass_text(s, text);
	if (text.n > UTF8_PART || (last && text.n > 0)) {
		s->broken = true;
		return;
	}
	if (text.n > 0)
		memcpy(s->rest, text.p, text.n);
	s->rest_n = text.n;
}

/* buf begins with the rest of the piece before. */
static int take_piece(struct single *s, const char *buf, size_t n, struct err *e)
{
	struct str fresh = {buf + s->rest_n, n};

	sha256_add(s->sum, fresh.p, fresh.n);
	judge_text(s, (struct str){buf, s->rest_n + n}, n == 0);
	return spool_add(s->spool, fresh.p, fresh.n, e);
}

static int take_all(struct single *s, int fd, struct err *e)
{
	char buf[UTF8_PART + 65536];
	uint64_t all = 0;
	ssize_t n;

	do {
		memcpy(buf, s->rest, sizeof(s->rest));
		n = fs_read_some(fd, buf + s->rest_n, sizeof(buf) - UTF8_PART);
		if (n < 0)
			return err_sys(e, "cannot read '%s'", s->file->path.p);
		if (take_piece(s, buf, (size_t)n, e) < 0)
			return -1;
		all += (uint64_t)n;
	} while (n != 0 && all <= PACK_MAX_CODE);
	return 0;
}

static int read_file(struct project *p, struct single *s, char digest[SHA256_HEX],
		     struct err *e)
{
	unsigned char sum[SHA256_SIZE];
	int fd = shard_open(p, s->file, e), rc;

	if (fd < 0)
		return -1;
	s->sum = sha256_new();
	rc = take_all(s, fd, e);
	sha256_end(s->sum, sum);
	sha256_hex(sum, digest);
	(void)close(fd);
	return rc;
}

/* The name of a program without an extension is its whole name: what a build left. */
static bool has_extension(struct str name)
{
	return name.n > 1 && memchr(name.p + 1, '.', name.n - 1);
}

int single_make(struct project *p, const struct function *f, const struct filter_list *list,
		struct spool *spool, struct artifact *a, struct err *e)
{
	struct single s = {.file = &list->files.v[0], .spool = spool, .line = 1};

	a->at = spool->n;
	if (read_file(p, &s, a->digest, e) < 0)
		return -1;
	a->bytes = spool->n - a->at;
	/*
	 * Text goes as it is, byte for byte; an archive goes as it is, as base64.  So does
	 * a compiled program, the only thing without an extension that is no text.
	 */
	if (s.broken && !a->binary) {
		if (has_extension(path_base(s.file->name)))
			return fail_encoding(&s, e);
		a->binary = true;
	}
	if (a->bytes > (a->binary ? PACK_MAX_BINARY : PACK_MAX_CODE))
		return pack_fail_size(p, f, list, e);
	return 0;
}
