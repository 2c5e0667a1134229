#include "platform/triggers.h"

#include "platform/entities_store.h"

/* The columns of SELECT_ROW, in order. */
enum { NAME, FUNCTION, CRON, BODY, ENABLED, CREATED, UPDATED, LAST, DUE };

#define SELECT_ROW                                                                      \
	"SELECT name, function, cron, body, enabled, created, updated, last, due FROM " \
	"schedule"

static const char *text_column(struct store_stmt *q, int i, struct arena *a)
{
	struct str s = store_column_str(q, i);

	return s.p ? arena_strndup(a, s.p, s.n) : NULL;
}

static void take_row(struct store_stmt *q, struct arena *a, struct trigger_row *row)
{
	*row = (struct trigger_row){
		.name = text_column(q, NAME, a),
		.function = text_column(q, FUNCTION, a),
		.cron = text_column(q, CRON, a),
		.body = text_column(q, BODY, a),
		.enabled = store_column_i64(q, ENABLED) != 0,
		.created_ms = store_column_i64(q, CREATED),
		.updated_ms = store_column_i64(q, UPDATED),
		.last_ms = store_column_i64(q, LAST),
		.due_ms = store_column_i64(q, DUE),
	};
}

int triggers_get(struct entities *s, const char *name, struct arena *a, struct trigger_row *row,
		 struct err *e)
{
	struct store_stmt *q = store_query(s->store, SELECT_ROW " WHERE name = ?1");
	int rc;

	store_bind_str(q, 1, str_of(name));
	rc = store_step(q, e);
	if (rc == 1)
		take_row(q, a, row);
	store_done(q);
	return rc;
}

int triggers_put(struct entities *s, const struct trigger_row *row, struct err *e)
{
	struct store_stmt *q = store_query(
		s->store,
		"INSERT INTO schedule"
		" (name, function, cron, body, enabled, created, updated, last, due)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
		" ON CONFLICT (name) DO UPDATE SET function = ?2, cron = ?3, body = ?4,"
		" enabled = ?5, created = ?6, updated = ?7, last = ?8, due = ?9");

	store_bind_str(q, NAME + 1, str_of(row->name));
	store_bind_str(q, FUNCTION + 1, str_of(row->function));
	store_bind_str(q, CRON + 1, str_of(row->cron));
	if (row->body)
		store_bind_str(q, BODY + 1, str_of(row->body));
	store_bind_i64(q, ENABLED + 1, row->enabled);
	store_bind_i64(q, CREATED + 1, row->created_ms);
	store_bind_i64(q, UPDATED + 1, row->updated_ms);
	store_bind_i64(q, LAST + 1, row->last_ms);
	store_bind_i64(q, DUE + 1, row->due_ms);
	return store_exec(q, e);
}

int triggers_delete(struct entities *s, const char *name, struct err *e)
{
	struct store_stmt *q = store_query(s->store, "DELETE FROM schedule WHERE name = ?1");

	store_bind_str(q, 1, str_of(name));
	if (store_exec(q, e) < 0)
		return -1;
	return store_changes(s->store) > 0;
}

static int collect(struct store_stmt *q, struct arena *a, struct trigger_rows *rows,
		   struct err *e)
{
	struct trigger_row row;
	int rc;

	while ((rc = store_step(q, e)) == 1) {
		take_row(q, a, &row);
		vec_push(&rows->list, row);
	}
	store_done(q);
	return rc;
}

int triggers_list(struct entities *s, unsigned limit, unsigned skip, struct arena *a,
		  struct trigger_rows *rows, struct err *e)
{
	struct store_stmt *q =
		store_query(s->store, SELECT_ROW " ORDER BY name LIMIT ?1 OFFSET ?2");

	store_bind_i64(q, 1, limit ? (int64_t)limit : -1);
	store_bind_i64(q, 2, skip);
	return collect(q, a, rows, e);
}

int triggers_due(struct entities *s, int64_t now_ms, unsigned limit, struct arena *a,
		 struct trigger_rows *rows, struct err *e)
{
	struct store_stmt *q =
		store_query(s->store, SELECT_ROW
			    " WHERE due > 0 AND due <= ?1 ORDER BY due, name LIMIT ?2");

	store_bind_i64(q, 1, now_ms);
	store_bind_i64(q, 2, limit);
	return collect(q, a, rows, e);
}

static int get_number(struct store_stmt *q, int64_t *n, struct err *e)
{
	int rc = store_step(q, e);

	if (rc == 1)
		*n = store_column_i64(q, 0);
	store_done(q);
	return rc == 1 ? 0 : -1;
}

int triggers_count(struct entities *s, int64_t *n, struct err *e)
{
	return get_number(store_query(s->store, "SELECT count(*) FROM schedule"), n, e);
}

int triggers_next_due(struct entities *s, int64_t *due_ms, struct err *e)
{
	return get_number(
		store_query(s->store,
			    "SELECT coalesce(min(due), 0) FROM schedule WHERE due > 0"),
		due_ms, e);
}

int triggers_set_times(struct entities *s, const struct trigger_row *row, struct err *e)
{
	struct store_stmt *q = store_query(
		s->store, "UPDATE schedule SET last = ?2, due = ?3 WHERE name = ?1");

	store_bind_str(q, 1, str_of(row->name));
	store_bind_i64(q, 2, row->last_ms);
	store_bind_i64(q, 3, row->due_ms);
	return store_exec(q, e);
}
