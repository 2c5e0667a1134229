/*
 * pack.h - a function's files to what is uploaded: source text or a zip
 *
 * One file goes as text, several as a zip (functions.md 2.7), reproducible to
 * the byte (design decision 5) whatever the number of threads.  First a function is
 * read: listed, checked, and its content told by a digest, which costs little
 * when the files are as they were (fs/stat_cache.h).  Then, where it is wanted, its code is
 * made, which goes to a spool and is never whole in memory.
 *
 *	packer_init(&k, loop, project, 0);
 *	packer_remember(&k);
 *	packer_compile(&k);                or not
 *	pack_read(&k, f, &a, e);           a.content tells whether it changed
 *	pack_want(&k, &a);                 of those whose code will be made
 *	pack_compile(&k, e);               once, behind all pack_want()
 *	pack_make(&k, f, &a, e);           the code: a.bytes from a.at on in k.spool
 *	artifact_release(&a);
 *	packer_release(&k);
 *
 * Bytecode (bytecode.h) is part of the code and not of the content: it adds nothing to what the
 * sources say, whether it is there depends on the machine, and of two that deploy in turn one
 * may have the runtime's Python and one not.  So a function whose sources are live is unchanged
 * with and without, and a deploy that changes nothing compiles nothing.  The bytes of an
 * archive with bytecode depend on the Python that compiled it, besides the files.
 */
#ifndef PACK_PACK_H
#define PACK_PACK_H
#include "base/hash.h"
#include "filter/filter.h"
#include "fs/spool.h"
#include "loop/loop.h"
#include "project/project.h"

/* The server's limit on exec.code: characters of the text sent, base64 counted
 * (platform.md 1.4). */
enum { PACK_MAX_CODE = 48 * 1024 * 1024 };
/* What of it is left when base64 makes four characters of three bytes. */
enum { PACK_MAX_BINARY = PACK_MAX_CODE / 4 * 3 };

struct bytecode;
struct stat_cache;

/* What the packing of one run has in common. */
struct packer {
	struct loop *loop;
	struct project *project;
	unsigned threads;          /* 0 = one for each processor */
	char *folder;              /* of packer_remember(); NULL without */
	struct stat_cache *known;  /* opened when it is needed */
	struct spool spool;        /* the code of all artifacts; may be reset between them */
	struct bytecode *bytecode; /* of packer_compile(); NULL without */
};

void packer_init(struct packer *k, struct loop *loop, struct project *p, unsigned threads);
/*
 * Remembers, in the cache's folder (cache_find_place()), what files hold, for the next run on
 * the same project, and keeps large code there; when there is such a folder.
 */
void packer_remember(struct packer *k);
/* Bytecode goes into archives, where there is the Python to make it, unless the project has
 * no_bytecode. */
void packer_compile(struct packer *k);
/* Also a second time, and of one that is zero. */
void packer_release(struct packer *k);

struct artifact {
	struct filter_list list; /* of a pack_read(): the files */
	size_t files;            /* without bytecode that was added */
	bool zipped;             /* code is a zip that dofn makes */
	bool binary;             /* goes as base64; of a single program known once it is made */
	const char *runtime;     /* kind to send: the function's, else from its files;
				    "python:default"; "blackbox" with an image */
	VEC(const char *) notes; /* warnings about the files; in the project's arena */
	/* Of verify_function(), unless the project has no_verify.  Errors are no failure:
	 * the caller tells those of all functions. */
	struct diags findings;
	/*
	 * Of a single file that of its bytes; of several SHA-256 over, in the order of
	 * the list, name, NUL, "x" or "-" (executable or not) and SHA-256 of the bytes.
	 */
	char content[SHA256_HEX];
	unsigned char (*hashes)[SHA256_SIZE]; /* of the files' bytes, in the list's order */

	/* The code, once it is made. */
	uint64_t at, bytes; /* in the packer's spool */
	char digest[SHA256_HEX];
	const char *remarks[2]; /* on bytecode that is not in it; each may be NULL */
};

/*
 * ERR_PROJECT: no files, no runtime to be told from them (the message says how to
 * set it), a file that changes meanwhile, whatever filter_collect() refuses.  A function that
 * is an image and nothing else has no files and no code.  Fills *a, to be released by the
 * caller; after a failure it holds nothing.  May run the loop.
 */
int pack_read(struct packer *k, const struct function *f, struct artifact *a,
	      struct err *e) NODISCARD;
/* The bytecode of an artifact that was read is wanted; may run the loop. */
void pack_want(struct packer *k, const struct artifact *a);
/* Compiles what is wanted and not known; runs the loop.  Fails with ERR_CANCELLED only. */
int pack_compile(struct packer *k, struct err *e) NODISCARD;
/*
 * With the bytecode that there is, where that fits the limit.
 * ERR_PROJECT: code over the limit (with the largest files; sys is EFBIG, also from
 * pack_read() where the files tell it), text that is not UTF-8, a file that is not as it was
 * read.  ERR_CANCELLED.
 */
int pack_make(struct packer *k, const struct function *f, struct artifact *a,
	      struct err *e) NODISCARD;
/* Whether it is that failure; a disk may be full with EFBIG, too. */
bool pack_is_too_large(const struct err *e);
/* Both but for a->content and bytecode; after a failure *a holds nothing. */
int pack_function(struct packer *k, const struct function *f, struct artifact *a,
		  struct err *e) NODISCARD;
/*
 * What each file of the list takes in the zip that pack_make() would make of them, however
 * large: as many numbers as files, and the size of the whole.  ERR_PROJECT as there, and for a
 * file of 4 GiB and more.
 */
int pack_measure(struct packer *k, const struct filter_list *list, uint64_t *packed,
		 uint64_t *whole, struct err *e) NODISCARD;
/* Its lists, not its code.  Also a second time. */
void artifact_release(struct artifact *a);

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
 * an archive (and so without knowing its size).  *a gets runtime, zipped,
 * binary, files, notes and findings.
 */
int pack_check(struct project *p, const struct function *f, const struct filter_list *list,
	       struct artifact *a, struct err *e) NODISCARD;
/* "python:default" as the files tell, or NULL. */
const char *pack_runtime(const struct filter_list *list);
/* Kind to send of a function with these files, as artifact.runtime; NULL when nothing tells. */
const char *pack_kind(const struct function *f, const struct filter_list *list);
#endif
