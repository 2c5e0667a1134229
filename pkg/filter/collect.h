/* collect.h - the state of one filter_collect(): private to filter/ */
#ifndef FILTER_COLLECT_H
#define FILTER_COLLECT_H
#include "filter/filter.h"
#include "fs/fs.h"

struct collector {
	struct arena *a;
	int root;
	const char *folder; /* below root: "packages/p/f" */
	int folder_fd;
	struct ignore ignore;
	struct filter_list *list;
	bool included;   /* there is an .include */
	size_t left_out; /* entries that a rule of .ignore keeps out */
	struct err *e;
};

/* A folder whose files go in: source below the project's root, name in the artifact ("" = top).
 */
struct collect_folder {
	struct collector *c;
	struct str source, name;
	bool is_top; /* the function's folder itself */
};

/* For messages: control characters made visible; in the arena. */
const char *collect_shown(struct collector *c, struct str text);
void collect_note(struct collector *c, const char *text);
void collect_add(struct collector *c, const char *path, const char *name,
		 const struct fs_entry *entry);
int collect_folder(struct collect_folder *f, int fd) NODISCARD;

/*
 * venv.c: true for what only the machine that made a virtualenv can use: its
 * links to that machine's Python and the scripts that activate it in a shell,
 * all with absolute paths.  The runtime reads bin/activate_this.py and lib/
 * (platform.md 3.3).  path is below f's folder.
 */
bool venv_is_machinery(const struct collect_folder *f, struct str path);

/* include.c: what the text of .include asks for */
int collect_include(struct collector *c, struct str text) NODISCARD;
/* Sorts by name; two sources of one name, or a file where another needs a folder, are errors.
 */
int collect_sort(struct collector *c) NODISCARD;
#endif
