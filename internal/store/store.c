#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>

#include <sqlite3.h>

#include "base/vec.h"

struct store_stmt {
	sqlite3_stmt *handle;
	const char *sql;
	struct store *store;
	bool busy; /* between store_query() and store_done() */
};

struct store {
	sqlite3 *db;
	char *path;
	VEC(struct store_stmt *) statements;
};

enum { BUSY_MS = 5000 };

static bool is_damage(int rc)
{
	rc &= 0xff;
	return rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB;
}

static int fail(const struct store *s, struct err *e)
{
	const char *what = sqlite3_errmsg(s->db);

	if (is_damage(sqlite3_errcode(s->db)))
		return err_set(e, ERR_SYSTEM,
			       "the database '%s' is damaged (%s); move it away to begin anew",
			       s->path, what);
	err_set(e, ERR_SYSTEM, "the database '%s': %s", s->path, what);
	e->sys = sqlite3_system_errno(s->db);
	return -1;
}

static int run(struct store *s, const char *sql, struct err *e)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(s, e);
}

/*
 * Exclusive locking saves the locks of every transaction and the shared memory
 * of the log.  Checkpoints stop the loop for milliseconds, so they are rare; the
 * log grows to 16 MB for it.
 */
static int configure(struct store *s, struct err *e)
{
	sqlite3_busy_timeout(s->db, BUSY_MS);
	sqlite3_extended_result_codes(s->db, 1);
	return run(s,
		   "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
		   "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=4000;"
		   "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;",
		   e);
}

static int get_version(struct store *s, int64_t *version, struct err *e)
{
	struct store_stmt *q = store_query(s, "PRAGMA user_version");
	int rc = store_step(q, e);

	*version = rc == 1 ? store_column_i64(q, 0) : 0;
	store_done(q);
	return rc == 1 ? 0 : -1;
}

static int migrate_one(struct store *s, const char *sql, int64_t to, struct err *e)
{
	char pragma[64];

	(void)snprintf(pragma, sizeof(pragma), "PRAGMA user_version=%" PRId64, to);
	if (store_begin(s, e) < 0)
		return -1;
	if (run(s, sql, e) < 0 || run(s, pragma, e) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, e);
}

static int migrate(struct store *s, const char *const *migrations, struct err *e)
{
	int64_t version, known = 0;

	while (migrations[known])
		known++;
	if (get_version(s, &version, e) < 0)
		return -1;
	if (version > known)
		return err_set(e, ERR_SYSTEM,
			       "the database '%s' has version %" PRId64
			       ", this program knows only %" PRId64 "; use a newer program",
			       s->path, version, known);
	for (; version < known; version++)
		if (migrate_one(s, migrations[version], version + 1, e) < 0)
			return err_wrap(e, "bringing it to version %" PRId64, version + 1);
	return 0;
}

struct store *store_open(const char *path, const char *const *migrations, struct err *e)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	struct store *s = xcalloc(1, sizeof(*s));

	s->path = xstrdup(path);
	if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK) {
		fail(s, e);
		goto failed;
	}
	if (configure(s, e) < 0 || migrate(s, migrations, e) < 0)
		goto failed;
	return s;
failed:
	store_close(s);
	return NULL;
}

void store_close(struct store *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->statements.n; i++) {
		sqlite3_finalize(s->statements.v[i]->handle);
		free(s->statements.v[i]);
	}
	vec_release(&s->statements);
	sqlite3_close(s->db);
	free(s->path);
	free(s);
}

/* The same literal may stand at two addresses; the text then decides. */
static struct store_stmt *find(struct store *s, const char *sql)
{
	size_t i;

	for (i = 0; i < s->statements.n; i++)
		if (s->statements.v[i]->sql == sql)
			return s->statements.v[i];
	for (i = 0; i < s->statements.n; i++)
		if (strcmp(s->statements.v[i]->sql, sql) == 0)
			return s->statements.v[i];
	return NULL;
}

static struct store_stmt *prepare(struct store *s, const char *sql)
{
	struct store_stmt *q = xcalloc(1, sizeof(*q));

	q->store = s;
	q->sql = sql;
	vec_push(&s->statements, q);
	return q;
}

/*
 * Compiling reads the schema, so that a damaged file can fail here: that is
 * kept for store_step(), only a wrong text is ours.
 */
static void compile(struct store_stmt *q)
{
	sqlite3 *db = q->store->db;
	int rc =
		sqlite3_prepare_v3(db, q->sql, -1, SQLITE_PREPARE_PERSISTENT, &q->handle, NULL);

	if ((rc & 0xff) == SQLITE_ERROR)
		bug("%s: %s", sqlite3_errmsg(db), q->sql);
}

struct store_stmt *store_query(struct store *s, const char *sql)
{
	struct store_stmt *q = find(s, sql);

	if (!q)
		q = prepare(s, sql);
	if (q->busy)
		bug("a statement is used inside itself: %s", sql);
	if (!q->handle)
		compile(q);
	q->busy = true;
	return q;
}

static void check_bind(const struct store_stmt *q, int rc)
{
	if (rc != SQLITE_OK && q->handle)
		bug("binding to '%s': %s", q->sql, sqlite3_errstr(rc));
}

/* {NULL, 0} is the empty text, not NULL. */
void store_bind_str(struct store_stmt *q, int i, struct str v)
{
	check_bind(q, sqlite3_bind_text64(q->handle, i, v.p ? v.p : "", v.n, SQLITE_STATIC,
					  SQLITE_UTF8));
}

void store_bind_blob(struct store_stmt *q, int i, struct str v)
{
	check_bind(q, sqlite3_bind_blob64(q->handle, i, v.p ? v.p : "", v.n, SQLITE_STATIC));
}

void store_bind_i64(struct store_stmt *q, int i, int64_t v)
{
	check_bind(q, sqlite3_bind_int64(q->handle, i, v));
}

int store_step(struct store_stmt *q, struct err *e)
{
	int rc;

	if (!q->handle)
		return fail(q->store, e);
	rc = sqlite3_step(q->handle);
	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : fail(q->store, e);
}

struct str store_column_str(struct store_stmt *q, int i)
{
	const char *p;

	if (sqlite3_column_type(q->handle, i) == SQLITE_NULL)
		return (struct str){NULL, 0};
	p = sqlite3_column_blob(q->handle, i); /* before the length: it may convert */
	return (struct str){p ? p : "", (size_t)sqlite3_column_bytes(q->handle, i)};
}

int64_t store_column_i64(struct store_stmt *q, int i)
{
	return sqlite3_column_int64(q->handle, i);
}

void store_done(struct store_stmt *q)
{
	q->busy = false;
	if (!q->handle)
		return;
	sqlite3_reset(q->handle);
	sqlite3_clear_bindings(q->handle);
}

int store_exec(struct store_stmt *q, struct err *e)
{
	int rc;

	while ((rc = store_step(q, e)) == 1)
		continue;
	store_done(q);
	return rc;
}

int64_t store_changes(const struct store *s)
{
	return sqlite3_changes64(s->db);
}

int store_begin(struct store *s, struct err *e)
{
	return store_exec(store_query(s, "BEGIN IMMEDIATE"), e);
}

int store_commit(struct store *s, struct err *e)
{
	if (store_exec(store_query(s, "COMMIT"), e) == 0)
		return 0;
	store_rollback(s);
	return -1;
}

void store_rollback(struct store *s)
{
	struct err ignored = ERR_INIT;

	/* An error may have rolled back already. */
	if (!sqlite3_get_autocommit(s->db) &&
	    store_exec(store_query(s, "ROLLBACK"), &ignored) < 0)
		err_clear(&ignored);
}
