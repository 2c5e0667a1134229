#include "platform/entities.h"

#include <stdlib.h>

#include "base/hash.h"
#include "platform/entities_store.h"

/* Code and records stand last in their rows: lists then do not read them. */
static const char *const migrations[] = {
	"CREATE TABLE package (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
	" updated INTEGER NOT NULL, entity TEXT NOT NULL) STRICT;"
	"CREATE INDEX package_updated ON package (updated);"
	"CREATE TABLE code (digest TEXT PRIMARY KEY, text BLOB NOT NULL) STRICT;"
	"CREATE TABLE action (id INTEGER PRIMARY KEY, package TEXT NOT NULL,"
	" name TEXT NOT NULL, updated INTEGER NOT NULL,"
	" code TEXT NOT NULL REFERENCES code (digest), entity TEXT NOT NULL,"
	" UNIQUE (package, name)) STRICT;"
	"CREATE INDEX action_updated ON action (updated);"
	"CREATE INDEX action_package ON action (package, updated);"
	"CREATE INDEX action_code ON action (code);"
	"CREATE TABLE activation (id INTEGER PRIMARY KEY, activation TEXT NOT NULL UNIQUE,"
	" function TEXT NOT NULL, start INTEGER NOT NULL, summary TEXT NOT NULL,"
	" record TEXT NOT NULL) STRICT;"
	"CREATE INDEX activation_start ON activation (start);"
	"CREATE INDEX activation_function ON activation (function, start);",
	"CREATE TABLE schedule (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
	" function TEXT NOT NULL, cron TEXT NOT NULL, body TEXT, enabled INTEGER NOT NULL,"
	" created INTEGER NOT NULL, updated INTEGER NOT NULL, last INTEGER NOT NULL,"
	" due INTEGER NOT NULL) STRICT;"
	"CREATE INDEX schedule_function ON schedule (function);"
	"CREATE INDEX schedule_due ON schedule (due) WHERE due > 0;",
	NULL,
};

struct entities *entities_open(const char *path, struct err *e)
{
	struct store *store = store_open(path, migrations, e);
	struct entities *s;

	if (!store)
		return NULL;
	s = xcalloc(1, sizeof(*s));
	s->store = store;
	if (activations_prune(s, e) < 0) {
		entities_close(s);
		return NULL;
	}
	return s;
}

void entities_close(struct entities *s)
{
	if (!s)
		return;
	store_close(s->store);
	free(s);
}

/* The entity in column 0 of the one row of q; done with q. */
static struct json *one_entity(struct store_stmt *q, struct err *e)
{
	struct json *j = NULL;

	if (store_step(q, e) == 1) {
		j = json_parse(store_column_str(q, 0), e);
		if (!j)
			err_wrap(e, "an entity in the database");
	}
	store_done(q);
	return j;
}

struct json *entities_get_package(struct entities *s, const char *name, struct err *e)
{
	struct store_stmt *q =
		store_query(s->store, "SELECT entity FROM package WHERE name = ?1");

	store_bind_str(q, 1, str_of(name));
	return one_entity(q, e);
}

struct json *entities_get_action(struct entities *s, const char *package, const char *name,
				 struct err *e)
{
	struct store_stmt *q = store_query(
		s->store, "SELECT entity FROM action WHERE package = ?1 AND name = ?2");

	store_bind_str(q, 1, str_of(package));
	store_bind_str(q, 2, str_of(name));
	return one_entity(q, e);
}

static int64_t updated_of(const struct json *entity)
{
	int64_t ms;

	if (!json_int(json_get(entity, "updated"), &ms))
		bug("an entity without the time of its update");
	return ms;
}

int entities_put_package(struct entities *s, const char *name, const struct json *entity,
			 struct err *e)
{
	struct strbuf text = STRBUF_INIT;
	struct store_stmt *q = store_query(
		s->store, "INSERT INTO package (name, updated, entity) VALUES (?1, ?2, ?3)"
			  " ON CONFLICT (name) DO UPDATE SET updated = ?2, entity = ?3");
	int rc;

	json_write(&text, entity);
	store_bind_str(q, 1, str_of(name));
	store_bind_i64(q, 2, updated_of(entity));
	store_bind_str(q, 3, strbuf_str(&text));
	rc = store_exec(q, e);
	strbuf_release(&text);
	return rc;
}

static int add_code(struct entities *s, const char *digest, struct str code, struct err *e)
{
	struct store_stmt *q = store_query(
		s->store, "INSERT OR IGNORE INTO code (digest, text) VALUES (?1, ?2)");

	store_bind_str(q, 1, str_of(digest));
	store_bind_blob(q, 2, code);
	return store_exec(q, e);
}

/* The digest of an action's code; 1 found, 0 no such action, -1. */
static int get_digest(struct entities *s, const char *package, const char *name,
		      char digest[SHA256_HEX], struct err *e)
{
	struct store_stmt *q = store_query(
		s->store, "SELECT code FROM action WHERE package = ?1 AND name = ?2");
	struct str text;
	int rc;

	store_bind_str(q, 1, str_of(package));
	store_bind_str(q, 2, str_of(name));
	rc = store_step(q, e);
	if (rc == 1) {
		text = store_column_str(q, 0);
		if (text.n != SHA256_HEX - 1)
			rc = err_set(e, ERR_SYSTEM, "the database holds a broken digest");
		else
			memcpy(digest, text.p, SHA256_HEX);
	}
	store_done(q);
	return rc;
}

static int drop_unused_code(struct entities *s, const char *digest, struct err *e)
{
	struct store_stmt *q =
		store_query(s->store, "DELETE FROM code WHERE digest = ?1"
				      " AND NOT EXISTS (SELECT 1 FROM action WHERE code = ?1)");

	store_bind_str(q, 1, str_of(digest));
	return store_exec(q, e);
}

static int put_action_row(struct entities *s, const char *package, const char *name,
			  const struct json *entity, const char *digest, struct err *e)
{
	struct strbuf text = STRBUF_INIT;
	struct store_stmt *q = store_query(
		s->store, "INSERT INTO action (package, name, updated, code, entity)"
			  " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (package, name)"
			  " DO UPDATE SET updated = ?3, code = ?4, entity = ?5");
	int rc;

	json_write(&text, entity);
	store_bind_str(q, 1, str_of(package));
	store_bind_str(q, 2, str_of(name));
	store_bind_i64(q, 3, updated_of(entity));
	store_bind_str(q, 4, str_of(digest));
	store_bind_str(q, 5, strbuf_str(&text));
	rc = store_exec(q, e);
	strbuf_release(&text);
	return rc;
}

static int put_action(struct entities *s, const char *package, const char *name,
		      const struct json *entity, const struct str *code, struct err *e)
{
	char old[SHA256_HEX], digest[SHA256_HEX];
	int found = get_digest(s, package, name, old, e);

	if (found < 0)
		return -1;
	if (!code && !found)
		return err_set(e, ERR_SYSTEM, "a new action needs code");
	if (code)
		sha256_of(code->p, code->n, digest);
	else
		memcpy(digest, old, sizeof(digest));
	if (code && add_code(s, digest, *code, e) < 0)
		return -1;
	if (put_action_row(s, package, name, entity, digest, e) < 0)
		return -1;
	return found ? drop_unused_code(s, old, e) : 0;
}

/* Ends the transaction as rc says. */
static int finish(struct entities *s, int rc, struct err *e)
{
	if (rc < 0) {
		store_rollback(s->store);
		return -1;
	}
	return store_commit(s->store, e) < 0 ? -1 : rc;
}

int entities_put_action(struct entities *s, const char *package, const char *name,
			const struct json *entity, const struct str *code, struct err *e)
{
	if (store_begin(s->store, e) < 0)
		return -1;
	return finish(s, put_action(s, package, name, entity, code, e), e);
}

/* Triggers go with their function. */
static int drop_triggers_of(struct entities *s, const char *package, const char *name,
			    struct err *e)
{
	struct store_stmt *q =
		store_query(s->store, "DELETE FROM schedule WHERE function = ?1");
	struct strbuf function = STRBUF_INIT;
	int rc;

	strbuf_addf(&function, "%s%s%s", package, *package ? "/" : "", name);
	store_bind_str(q, 1, strbuf_str(&function));
	rc = store_exec(q, e);
	strbuf_release(&function);
	return rc;
}

static int drop_triggers_of_package(struct entities *s, const char *package, struct err *e)
{
	struct store_stmt *q = store_query(
		s->store, "DELETE FROM schedule WHERE function IN"
			  " (SELECT package || '/' || name FROM action WHERE package = ?1)");

	store_bind_str(q, 1, str_of(package));
	return store_exec(q, e);
}

static int delete_action(struct entities *s, const char *package, const char *name,
			 struct err *e)
{
	char digest[SHA256_HEX];
	int rc = get_digest(s, package, name, digest, e);
	struct store_stmt *q;

	if (rc != 1)
		return rc;
	q = store_query(s->store, "DELETE FROM action WHERE package = ?1 AND name = ?2");
	store_bind_str(q, 1, str_of(package));
	store_bind_str(q, 2, str_of(name));
	if (store_exec(q, e) < 0 || drop_unused_code(s, digest, e) < 0 ||
	    drop_triggers_of(s, package, name, e) < 0)
		return -1;
	return 1;
}

int entities_delete_action(struct entities *s, const char *package, const char *name,
			   struct err *e)
{
	if (store_begin(s->store, e) < 0)
		return -1;
	return finish(s, delete_action(s, package, name, e), e);
}

static int delete_package(struct entities *s, const char *name, struct err *e)
{
	struct store_stmt *q;
	int64_t deleted;

	if (drop_triggers_of_package(s, name, e) < 0)
		return -1;
	q = store_query(s->store, "DELETE FROM action WHERE package = ?1");
	store_bind_str(q, 1, str_of(name));
	if (store_exec(q, e) < 0)
		return -1;
	q = store_query(s->store, "DELETE FROM package WHERE name = ?1");
	store_bind_str(q, 1, str_of(name));
	if (store_exec(q, e) < 0)
		return -1;
	deleted = store_changes(s->store);
	q = store_query(s->store,
			"DELETE FROM code WHERE digest NOT IN (SELECT code FROM action)");
	if (store_exec(q, e) < 0)
		return -1;
	return deleted > 0;
}

int entities_delete_package(struct entities *s, const char *name, struct err *e)
{
	if (store_begin(s->store, e) < 0)
		return -1;
	return finish(s, delete_package(s, name, e), e);
}

int entities_get_code(struct entities *s, const char *package, const char *name,
		      struct strbuf *out, struct err *e)
{
	struct store_stmt *q = store_query(
		s->store, "SELECT c.text FROM action a JOIN code c ON c.digest = a.code"
			  " WHERE a.package = ?1 AND a.name = ?2");
	int rc;

	store_bind_str(q, 1, str_of(package));
	store_bind_str(q, 2, str_of(name));
	rc = store_step(q, e);
	if (rc == 1)
		strbuf_addstr(out, store_column_str(q, 0));
	else if (rc == 0)
		err_set(e, ERR_SYSTEM, "the function '%s%s%s' is gone", package,
			*package ? "/" : "", name);
	store_done(q);
	return rc == 1 ? 0 : -1;
}

/* Rows of (entity, name[, package]) to an array, the keys in front. */
static struct json *collect(struct store_stmt *q, bool packaged, struct err *e)
{
	struct json *list = json_new_array(), *j, *item, *c;
	int rc;

	while ((rc = store_step(q, e)) == 1) {
		j = json_parse(store_column_str(q, 0), e);
		if (!j) {
			rc = err_wrap(e, "an entity in the database");
			break;
		}
		item = json_new_object();
		json_set(item, "name", json_new_str(store_column_str(q, 1)));
		if (packaged)
			json_set(item, "package", json_new_str(store_column_str(q, 2)));
		for (c = json_first(j); c; c = json_next(c))
			json_setn(item, json_name(c), json_clone(c));
		json_free(j);
		json_push(list, item);
	}
	store_done(q);
	if (rc == 0)
		return list;
	json_free(list);
	return NULL;
}

static void bind_page(struct store_stmt *q, unsigned limit, unsigned skip)
{
	store_bind_i64(q, 1, limit ? (int64_t)limit : -1);
	store_bind_i64(q, 2, skip);
}

struct json *entities_list_packages(struct entities *s, unsigned limit, unsigned skip,
				    struct err *e)
{
	struct store_stmt *q =
		store_query(s->store, "SELECT entity, name FROM package"
				      " ORDER BY updated DESC, id DESC LIMIT ?1 OFFSET ?2");

	bind_page(q, limit, skip);
	return collect(q, false, e);
}

struct json *entities_list_actions(struct entities *s, const char *package, unsigned limit,
				   unsigned skip, struct err *e)
{
	struct store_stmt *q;

	if (package) {
		q = store_query(s->store,
				"SELECT entity, name, package FROM action WHERE package = ?3"
				" ORDER BY updated DESC, id DESC LIMIT ?1 OFFSET ?2");
		store_bind_str(q, 3, str_of(package));
	} else {
		q = store_query(s->store, "SELECT entity, name, package FROM action"
					  " ORDER BY updated DESC, id DESC LIMIT ?1 OFFSET ?2");
	}
	bind_page(q, limit, skip);
	return collect(q, true, e);
}

static int get_number(struct store_stmt *q, int64_t *n, struct err *e)
{
	int rc = store_step(q, e);

	if (rc == 1)
		*n = store_column_i64(q, 0);
	store_done(q);
	return rc == 1 ? 0 : -1;
}

int entities_count_packages(struct entities *s, int64_t *n, struct err *e)
{
	return get_number(store_query(s->store, "SELECT count(*) FROM package"), n, e);
}

int entities_count_actions(struct entities *s, const char *package, int64_t *n, struct err *e)
{
	struct store_stmt *q;

	if (!package)
		return get_number(store_query(s->store, "SELECT count(*) FROM action"), n, e);
	q = store_query(s->store, "SELECT count(*) FROM action WHERE package = ?1");
	store_bind_str(q, 1, str_of(package));
	return get_number(q, n, e);
}
