/*
 * filter.h - which files of a function go into its artifact, under which name
 *
 * .ignore is gitignore relative to the function's folder, case-sensitive.
 * .include is a list of paths: nothing else goes in; an item resolves inside
 * the function's folder or the project's lib/.  Both: functions.md 2.3 to 2.5
 * with design decision 4.  A function has at most one of the two.
 */
#ifndef FILTER_FILTER_H
#define FILTER_FILTER_H
#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "diag/diag.h"
#include "fs/fs.h"
#include "glob/glob.h"

/* One line of an .ignore file. */
struct filter_rule {
	struct str text;    /* as written, without trailing spaces */
	struct str pattern; /* without '!', anchoring slash and trailing slash */
	uint32_t line;      /* from 1 */
	bool negated, directory_only;
	bool anchored; /* has a slash: matched against the whole path, else its last name */
};

/* A rule without wildcards: found by a search. */
struct filter_literal {
	struct str pattern;
	bool anchored, directory_only;
	size_t rule; /* its place in rules */
};

/* gitignore(5) over one folder; parse, once, keeps slices of text. */
struct ignore {
	VEC(struct filter_rule) rules;
	VEC(struct filter_literal) literals; /* sorted */
	struct glob_set wild;                /* the other rules; numbers from 1 */
};

/* Of an .ignore or .include file. */
enum { IGNORE_MAX_BYTES = 1024 * 1024, IGNORE_MAX_LINES = 10000 };

void ignore_init(struct ignore *ig);
void ignore_parse(struct ignore *ig, struct str text);
void ignore_release(struct ignore *ig);
/*
 * The last rule that matches path itself (relative, no leading slash), or
 * NULL.  Whether a parent directory is left out is the walker's business, as
 * in git: a file below an ignored directory is never asked for.  Quickest when
 * paths come in the order of a walk.
 */
const struct filter_rule *ignore_match(struct ignore *ig, struct str path, bool directory);

/*
 * Names that never go in, wherever they are (functions.md 2.4): NULL, or why
 * not ("an editor's backup").  The last name of path decides, and as a whole:
 * site-packages has good files with "_tmp_" or "~" inside.
 */
const char *filter_never(struct str path, bool directory);

/* A file of the artifact. */
struct filter_file {
	struct str path; /* below the project's root, to open it */
	struct str name; /* in the artifact */
	bool executable;
	uint64_t size;
	struct fs_stamp stamp; /* of what a link leads to */
	const char
		*bytecode; /* NULL, or its entry in the cache, which path is not (bytecode.h) */
};

enum filter_verdict {
	FILTER_IN,
	FILTER_OUT,
	FILTER_REFUSED, /* nothing can be packed as long as it is there */
};

/* What was decided about a file, or about a folder that stays out with all that is in it. */
struct filter_decision {
	struct str path; /* below the function's folder ("../../../lib/x" from lib/); a
			    folder ends with '/' */
	enum filter_verdict verdict;
	struct str name; /* in the artifact; empty unless it goes in */
	const char *why; /* ".ignore:3: *.log", ".include:1: d/", "built in: git's own data" */
	uint32_t line;   /* of the rule in .ignore or .include; 0 = no line decided */
};

struct filter_list {
	VEC(struct filter_file) files; /* sorted by name bytes; names are unique */
	VEC(const char *) notes;       /* warnings for the user, in a's memory */
	const char *stale;             /* a remark on bytecode that was left out, or NULL */
	VEC(struct filter_decision) decisions; /* of filter_explain(); sorted by path */
	VEC(const char *) bad_items; /* of filter_explain(): messages about lines of .include */
};

/*
 * The artifact's files of the function folder `folder` (below the project's
 * root).  Reads .include or .ignore there.  Strings are from a.  *e is
 * ERR_PROJECT with the path in it: no files, an include item that is missing,
 * absolute, outside, or two items of one name; whatever fs_walk() refuses.
 * A FIFO, socket or device in the folder that is not ignored is an error too.
 *
 * Left out at the top of the folder: .ignore, .include, build.sh, build.cmd,
 * __deployer__.zip, .built.  filter_never() and these apply to what is found in
 * folders; a file that .include names itself goes in whatever its name.  An
 * included file keeps its path below the function's folder; from lib/ it has
 * its base name (a folder: its base name and what is below).  Empty folders
 * vanish; links are stored as what they lead to.
 *
 * Bytecode of Python that is checked by the time of its source is left out, as that is another
 * one once unpacked; but not a module that has no source, and what a rule or .include names.
 *
 * A file with a secret (secrets.h) is an error unless a negated rule matches it
 * or .include names it itself; the message says that line.  Among dependencies
 * it is a note, as is a .env file anywhere.
 */
int filter_collect(struct arena *a, int root, const char *folder, struct filter_list *list,
		   struct err *e) NODISCARD;
/*
 * The same, telling why in list->decisions.  Goes on behind what would end
 * filter_collect() where more can be told: after -1 *e is the first failure,
 * and the caller has to release the list too.
 */
int filter_explain(struct arena *a, int root, const char *folder, struct filter_list *list,
		   struct err *e) NODISCARD;
/*
 * For a function that is the file at path: 0, or ERR_PROJECT when it holds a
 * secret (secrets.h).  A file that cannot be read is for packing to say.
 */
int filter_check_single(int root, const char *path, struct err *e) NODISCARD;
/*
 * The files that a build of the folder (a function's, or "lib") on another machine needs,
 * under their paths below the project's root.  .ignore counts as above, but not
 * for what steers the build: build.sh, package.json, requirements.txt and the
 * like at the top; .include does not, as it names what the build makes.  Left
 * out too: .env files (a note says so), what an earlier build made there
 * (virtualenv/ beside requirements.txt, node_modules/ beside package.json).
 */
int filter_sources(struct arena *a, int root, const char *folder, struct filter_list *list,
		   struct err *e) NODISCARD;
/* Whether a file of this name is in it. */
bool filter_list_has(const struct filter_list *list, const char *name);
void filter_list_release(struct filter_list *list);
#endif
