/* run.h - the files of a history; private to history/ */
#ifndef HISTORY_RUN_H
#define HISTORY_RUN_H
#include "history/history.h"

enum {
	RUN_MAX_HEAD = 160,
	RUN_MAX_NAME = 1024,
	RUN_MAX_META = 16 * 1024 * 1024,
	RUN_MAX_CODE = 64 * 1024 * 1024,
	RUN_MAX_FILES = 1000000, /* more names in a folder are not looked at */
};

/* What the head of an entry says; places are offsets in the file. */
struct run_entry {
	bool again; /* no version of its own */
	char name[RUN_MAX_NAME + 1];
	size_t name_n, meta_n;
	uint64_t meta_at, code_at, code_n;
	char sha256[SHA256_HEX]; /* of name and meta */
};

/* The entry at *at, which goes on behind it; false at the end and at what is none. */
bool run_next(int fd, uint64_t *at, struct run_entry *entry) NODISCARD;
/* All n bytes from there, or false. */
bool run_read(int fd, uint64_t at, void *p, size_t n) NODISCARD;
/* Appends head, name and meta. */
void run_add_head(struct strbuf *out, bool again, const char *name, struct str meta,
		  uint64_t code_n);
/* The meta of an entry, checked; NULL when it is damaged.  The caller frees. */
struct json *run_read_meta(int fd, const struct run_entry *entry) NODISCARD;

struct run_file {
	uint64_t number, bytes;
};

struct run_files {
	VEC(struct run_file) all; /* the latest first */
};

/* The folder of a namespace on the heap. */
char *run_folder(const struct history_place *p, struct err *e) NODISCARD;
/*
 * A descriptor of it; -1 with ERR_SYSTEM when it belongs to somebody else or others can write
 * to it, and with err.sys ENOENT when there is none.
 */
int run_open_folder(const char *path, struct err *e) NODISCARD;
int run_list(int folder, struct run_files *files, struct err *e) NODISCARD;
/* Its name in the folder. */
enum { RUN_NAME = 24 };
void run_name(uint64_t number, char name[RUN_NAME]);
int run_open(int folder, uint64_t number); /* for reading, or -1 */

/* sweep.c: removes what is too old, or beyond so many bytes. */
void run_sweep(int folder, uint64_t limit, bool look_inside);
#endif
