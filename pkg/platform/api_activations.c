#include "platform/api_call.h"
#include "platform/refuse.h"

enum { ID_LENGTH = 32 };

static int read_time(struct api_call *c, const char *name, int64_t *ms, struct err *e)
{
	const char *text = api_query(c, name);
	uint64_t v = 0;

	if (text && (!str_to_u64(str_of(text), &v) || v > INT64_MAX))
		return refuse(e, 400, "Parameter is not a valid value for epoch seconds: %s",
			      text);
	*ms = (int64_t)v;
	return 0;
}

/* "fn" or "pkg/fn". */
static int check_function(const char *name, struct err *e)
{
	const char *slash = name ? strchr(name, '/') : NULL;

	if (!name || (*name && !slash))
		return 0;
	if (*name && slash > name && slash[1] && !strchr(slash + 1, '/'))
		return 0;
	return refuse(e, 400,
		      "Parameter may be a 'simple' name or 'package-name/simple' name: %s",
		      name);
}

static int read_filter(struct api_call *c, struct activation_filter *f, bool *count,
		       struct err *e)
{
	f->function = api_query(c, "name");
	if (api_query_page(c, "activations", &f->limit, &f->skip, e) < 0 ||
	    read_time(c, "since", &f->since_ms, e) < 0 ||
	    read_time(c, "upto", &f->upto_ms, e) < 0 ||
	    api_query_bool(c, "docs", &f->docs, e) < 0 ||
	    api_query_bool(c, "count", count, e) < 0)
		return -1;
	if (*count && f->docs)
		return refuse(e, 400, "The parameter 'docs' is not permitted with 'count'.");
	return check_function(f->function, e);
}

void api_list_activations(struct api_call *c)
{
	struct err e = ERR_INIT;
	struct activation_filter f = {0};
	struct strbuf text = STRBUF_INIT;
	bool count = false;
	int64_t n = 0;
	int rc = read_filter(c, &f, &count, &e);

	if (rc == 0 && count) {
		rc = entities_count_activations(c->api->o.entities, &f, &n, &e);
		strbuf_addf(&text, "{\"activations\":%lld}",
			    (long long)(n > f.skip ? n - f.skip : 0));
	} else if (rc == 0) {
		rc = entities_list_activations(c->api->o.entities, &f, &text, &e);
	}
	if (rc < 0)
		api_fail(c, &e);
	else
		api_reply_text(c, 200, strbuf_str(&text));
	strbuf_release(&text);
}

static int check_id(const char *id, struct err *e)
{
	size_t n = strlen(id);

	if (n != ID_LENGTH)
		return refuse(e, 400, "Activation id length is %zu but must be %d.", n,
			      ID_LENGTH);
	if (strspn(id, "0123456789abcdef") != n)
		return refuse(e, 400, "The activation id is not valid.");
	return 0;
}

/* The "result" or "logs" form, made from the whole record. */
static struct json *take_part(struct json *record, const char *part)
{
	struct json *j;

	if (strcmp(part, "result") == 0)
		return json_take(record, "response");
	j = json_new_object();
	json_set(j, "logs", json_take(record, "logs"));
	return j;
}

static int reply_part(struct api_call *c, struct str record_text, const char *part,
		      struct err *e)
{
	struct json *record;

	if (strcmp(part, "result") != 0 && strcmp(part, "logs") != 0)
		return refuse(e, 404, REFUSE_NO_RESOURCE);
	record = json_parse(record_text, e);
	if (!record)
		return err_wrap(e, "a record in the database");
	api_reply(c, 200, take_part(record, part));
	json_free(record);
	return 0;
}

void api_get_activation(struct api_call *c)
{
	struct err e = ERR_INIT;
	struct strbuf record = STRBUF_INIT;
	const char *id = c->path[1];
	int rc = check_id(id, &e);

	if (rc == 0) {
		rc = entities_get_activation(c->api->o.entities, id, &record, &e);
		rc = rc == 0 ? refuse(&e, 404, REFUSE_NO_RECORD) : rc;
	}
	if (rc >= 0 && c->path_n == 3)
		rc = reply_part(c, strbuf_str(&record), c->path[2], &e);
	else if (rc >= 0)
		api_reply_text(c, 200, strbuf_str(&record));
	if (rc < 0)
		api_fail(c, &e);
	strbuf_release(&record);
}
