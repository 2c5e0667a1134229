/*
 * store.h - an SQLite database: open, migrate, prepared statements
 *
 * WAL, synchronous=NORMAL: a commit survives the death of the process (not
 * always a power cut).  One process at a time, one thread.  Statements are
 * prepared once by their text and kept.
 *
 *	struct store_stmt *q = store_query(s, "SELECT n FROM t WHERE k = ?1");
 *	store_bind_str(q, 1, key);
 *	while ((rc = store_step(q, e)) == 1)
 *		use(store_column_i64(q, 0));
 *	store_done(q);                    always, also after an error
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H
#include "base/err.h"
#include "base/str.h"

struct store;
struct store_stmt;

/*
 * migrations[i] (SQL, several statements) leads from version i to i + 1, NULL
 * at the end; each runs in a transaction.  A database from a newer program is
 * an error that says so.  path ":memory:" is allowed.
 */
struct store *store_open(const char *path, const char *const *migrations,
			 struct err *e) NODISCARD;
void store_close(struct store *s); /* NULL is allowed */

/* sql is a string literal of the program: a text that does not compile is a bug(). */
struct store_stmt *store_query(struct store *s, const char *sql) NODISCARD;
/* Parameters count from 1. Slices must live until store_done(). */
void store_bind_str(struct store_stmt *q, int i, struct str v);
void store_bind_blob(struct store_stmt *q, int i, struct str v);
void store_bind_i64(struct store_stmt *q, int i, int64_t v);
/* 1 a row, 0 the end, -1 failure. */
int store_step(struct store_stmt *q, struct err *e) NODISCARD;
/* Columns count from 0; slices are valid until the next step. {NULL, 0} for NULL. */
struct str store_column_str(struct store_stmt *q, int i);
int64_t store_column_i64(struct store_stmt *q, int i);
void store_done(struct store_stmt *q);
/* One that gives no rows; steps to the end and is done. */
int store_exec(struct store_stmt *q, struct err *e) NODISCARD;
/* Rows changed by the last statement. */
int64_t store_changes(const struct store *s);

int store_begin(struct store *s, struct err *e) NODISCARD;
int store_commit(struct store *s, struct err *e) NODISCARD;
void store_rollback(struct store *s);
#endif
