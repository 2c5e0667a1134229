#include "base/clock.h"
#include "platform/entities_store.h"

enum { PRUNE_EVERY = 100 };

/*
 * Row numbers only grow, and rows are only deleted here, so that a range of
 * them stands for a number of rows.  PRUNE_EVERY fewer than the maximum are
 * left, for those that come until the next time.
 */
int activations_prune(struct entities *s, struct err *e)
{
	int64_t oldest = (int64_t)clock_realtime_ms() - (int64_t)ACTIVATIONS_HOURS * 3600000;
	struct store_stmt *q = store_query(s->store, "DELETE FROM activation WHERE id <="
						     " (SELECT max(id) FROM activation) - ?1");

	store_bind_i64(q, 1, ACTIVATIONS_MAX - PRUNE_EVERY);
	if (store_exec(q, e) < 0)
		return -1;
	q = store_query(s->store, "DELETE FROM activation WHERE start < ?1");
	store_bind_i64(q, 1, oldest);
	if (store_exec(q, e) < 0)
		return -1;
	s->added = 0;
	return 0;
}

int entities_add_activation(struct entities *s, const struct activation_row *row, struct err *e)
{
	struct store_stmt *q = store_query(
		s->store,
		"INSERT INTO activation (activation, function, start, summary, record)"
		" VALUES (?1, ?2, ?3, ?4, ?5)");

	store_bind_str(q, 1, str_of(row->id));
	store_bind_str(q, 2, str_of(row->function));
	store_bind_i64(q, 3, row->start_ms);
	store_bind_str(q, 4, row->summary);
	store_bind_str(q, 5, row->record);
	if (store_exec(q, e) < 0)
		return -1;
	return ++s->added < PRUNE_EVERY ? 0 : activations_prune(s, e);
}

int entities_get_activation(struct entities *s, const char *id, struct strbuf *out,
			    struct err *e)
{
	struct store_stmt *q =
		store_query(s->store, "SELECT record FROM activation WHERE activation = ?1");
	int rc;

	store_bind_str(q, 1, str_of(id));
	rc = store_step(q, e);
	if (rc == 1)
		strbuf_addstr(out, store_column_str(q, 0));
	store_done(q);
	return rc;
}

/* Binds ?1 since, ?2 upto and, when asked for, ?3 the function. */
static void bind_filter(struct store_stmt *q, const struct activation_filter *f)
{
	store_bind_i64(q, 1, f->since_ms);
	store_bind_i64(q, 2, f->upto_ms > 0 ? f->upto_ms : INT64_MAX);
	if (f->function)
		store_bind_str(q, 3, str_of(f->function));
}

/* Literals, since a statement is known by its text. */
#define LIST(column, condition)                               \
	("SELECT " column " FROM activation WHERE " condition \
	 "start BETWEEN ?1 AND ?2 ORDER BY start DESC, id DESC LIMIT ?4 OFFSET ?5")

static const char *list_sql(const struct activation_filter *f)
{
	if (f->docs)
		return f->function ? LIST("record", "function = ?3 AND ") : LIST("record", "");
	return f->function ? LIST("summary", "function = ?3 AND ") : LIST("summary", "");
}

int entities_list_activations(struct entities *s, const struct activation_filter *f,
			      struct strbuf *out, struct err *e)
{
	struct store_stmt *q = store_query(s->store, list_sql(f));
	const char *separator = "[";
	int rc;

	bind_filter(q, f);
	store_bind_i64(q, 4, f->limit);
	store_bind_i64(q, 5, f->skip);
	while ((rc = store_step(q, e)) == 1) {
		strbuf_adds(out, separator);
		strbuf_addstr(out, store_column_str(q, 0));
		separator = ",";
	}
	store_done(q);
	strbuf_adds(out, *separator == '[' ? "[]" : "]");
	return rc;
}

int entities_count_activations(struct entities *s, const struct activation_filter *f,
			       int64_t *n, struct err *e)
{
	struct store_stmt *q = store_query(
		s->store, f->function ? "SELECT count(*) FROM activation WHERE function = ?3"
					" AND start BETWEEN ?1 AND ?2"
				      : "SELECT count(*) FROM activation"
					" WHERE start BETWEEN ?1 AND ?2");
	int rc;

	bind_filter(q, f);
	rc = store_step(q, e);
	if (rc == 1)
		*n = store_column_i64(q, 0);
	store_done(q);
	return rc == 1 ? 0 : -1;
}
