/*
 * pack.h - a function's files to what is uploaded: source text or a zip
 *
 * One file goes as text, several as a zip (functions.md 2.7), reproducible to
 * the byte (design decision 5).
 */
#ifndef PACK_PACK_H
#define PACK_PACK_H
#include "base/hash.h"
#include "base/strbuf.h"
#include "filter/filter.h"
#include "project/project.h"

/* The server's limit on exec.code: characters of the text sent, base64 counted
 * (platform.md 1.4). */
enum { PACK_MAX_CODE = 48 * 1024 * 1024 };

struct artifact {
	struct strbuf code;      /* text, or the bytes of a zip */
	bool zipped;             /* code is a zip that dofn made */
	bool binary;             /* goes as base64 */
	const char *runtime;     /* kind to send: the function's, else from its files;
				    "python:default"; "blackbox" with an image */
	char digest[SHA256_HEX]; /* of code */
	size_t files;
	VEC(const char *) notes; /* warnings about the files; in the project's arena */
};

/*
 * Reads and packs f; of a function that is an image and nothing else there are no
 * files and no code.  ERR_PROJECT: no files, no runtime to be told from them
 * (the message says how to set it), code over the limit (with the largest
 * files), text that is not UTF-8, a Python zip without '__main__.py', whatever
 * filter_collect() refuses.  Fills *a, to be released by the caller; after a
 * failure it holds nothing.
 */
int pack_function(struct project *p, const struct function *f, struct artifact *a,
		  struct err *e) NODISCARD;
void artifact_release(struct artifact *a); /* also a second time */

/*
 * The files of f that would be packed, as they lie there now; the list is the
 * caller's to release.  Errors as above.
 */
int pack_files(struct project *p, const struct function *f, struct filter_list *list,
	       struct err *e) NODISCARD;
/* The same by filter_explain(): list->decisions too, and to be released also after -1. */
int pack_explain(struct project *p, const struct function *f, struct filter_list *list,
		 struct err *e) NODISCARD;
/*
 * Whether pack_function() would take these files, without the work of making
 * an archive (and so without knowing its size); several files leave a->code
 * empty and a->digest unset.  Everything else as pack_function().
 */
int pack_check(struct project *p, const struct function *f, const struct filter_list *list,
	       struct artifact *a, struct err *e) NODISCARD;
/* "python:default" as the files tell, or NULL. */
const char *pack_runtime(const struct filter_list *list);
#endif
