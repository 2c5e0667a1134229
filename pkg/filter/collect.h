/* collect.h - the state of one filter_collect() or filter_explain(): private to filter/ */
#ifndef FILTER_COLLECT_H
#define FILTER_COLLECT_H
#include "filter/filter.h"
#include "fs/fs.h"

/* A line of .include. */
struct include_item {
	const char *shown; /* as written, for messages */
	uint32_t line;
	const char *wrong;  /* why it cannot be taken, or NULL */
	const char *source; /* below the project's root */
	struct str name;    /* in the artifact; "" for the function's folder itself */
};

struct secret_file {
	const char *source, *what;
	const char *way_out;
};

struct collector {
	struct arena *a;
	int root;
	const char *folder; /* below root: "packages/p/f" */
	int folder_fd;
	struct ignore ignore;
	VEC(struct include_item) items;
	VEC(struct str) sources; /* of the items that can be taken; sorted */
	struct filter_list *list;
	bool included;   /* there is an .include */
	bool explain;    /* decisions are told, and failures kept */
	bool for_build;  /* what goes to a builder, not into the artifact */
	size_t left_out; /* entries that a rule of .ignore keeps out */
	VEC(struct secret_file) secrets;
	const char *secret_dependency; /* the first one, for a note */
	size_t secret_dependencies;
	const char *stale; /* the first bytecode left out, for a remark */
	size_t stales;
	struct err *e;
	struct err kept; /* explain: the first failure */
};

/* A folder whose files go in: source below the project's root, name in the artifact ("" = top).
 */
struct collect_folder {
	struct collector *c;
	const struct include_item *item; /* that brought it, or NULL */
	struct str source, name;
	bool is_top; /* the function's folder itself */
};

/* For messages: control characters made visible; in the arena. */
const char *collect_shown(struct collector *c, struct str text);
void collect_note(struct collector *c, const char *text);
/* why and line as in filter_decision. */
void collect_add(struct collector *c, const char *source, const char *name,
		 const struct fs_entry *entry, const char *why, uint32_t line);
int collect_folder(struct collect_folder *f, int fd) NODISCARD;
/* Said before the work of packing begins; false with *c->e set. */
bool collect_is_readable(struct collector *c, const char *source,
			 const struct fs_entry *entry) NODISCARD;

/* sources.c: what is different for a builder */
/* Why the file or folder at the top stays out, or NULL. */
const char *sources_why_out(struct collector *c, struct str path, bool directory);
/* Whether it goes in although a rule of .ignore matches it. */
bool sources_steers_build(struct str path);

/* explain.c: what becomes of a file, told when somebody asked */
/* The path of source for a user: see filter_decision. */
struct str explain_path(struct collector *c, const char *source);
void explain_out(struct collector *c, const char *source, bool folder,
		 enum filter_verdict verdict, const char *why, uint32_t line);
/* ".ignore:3: *.log"; "" when nobody asked. */
const char *explain_line(struct collector *c, const char *file, uint32_t line, struct str text);
/* After *c->e was set: 0 when explaining goes on, else -1. */
int explain_go_on(struct collector *c) NODISCARD;
/* What .include does not bring. */
int explain_rest(struct collector *c) NODISCARD;
/* Sorts the decisions; of several about one file the one that counts stays. */
void explain_sort(struct collector *c);

/* guard.c: whether the file at source may go in; tells and remembers when not */
bool guard_admits(struct collector *c, const char *source, const struct fs_entry *entry);
/* The error about what was not admitted, and notes. */
int guard_end(struct collector *c) NODISCARD;

/*
 * venv.c: true for what only the machine that made a virtualenv can use: its
 * links to that machine's Python and the scripts that activate it in a shell,
 * all with absolute paths; the mark that a build of ours leaves in it, and what
 * one that was killed left beside it.  The runtime reads bin/activate_this.py and
 * lib/ (platform.md 3.3).  path is below f's folder.
 */
bool venv_is_machinery(const struct collect_folder *f, struct str path);

/*
 * pycache.c: the file is Python's bytecode that is never valid where it is unpacked
 * (platform.md 3.3): checked by its source's time, and in __pycache__ or beside the source.
 */
bool pycache_is_stale(struct collector *c, const char *source, const struct fs_entry *entry);
/* The remark about what was left out. */
void pycache_end(struct collector *c);

/* include.c: what the text of .include asks for */
int collect_include(struct collector *c, struct str text) NODISCARD;
/* An item is source itself, or also a folder above it. */
bool include_names(const struct collector *c, struct str source);
bool include_covers(const struct collector *c, struct str source);
/* An item is below the folder source. */
bool include_reaches(const struct collector *c, struct str source);
/* Sorts by name; two sources of one name, or a file where another needs a folder, are errors.
 */
int collect_sort(struct collector *c) NODISCARD;
#endif
