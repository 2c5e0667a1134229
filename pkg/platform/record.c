#include "platform/record.h"

#include <inttypes.h>

#include "base/clock.h"

const char *record_status(enum outcome outcome)
{
	static const char *const texts[] = {
		[OUTCOME_SUCCESS] = "success",
		[OUTCOME_APPLICATION] = "application error",
		[OUTCOME_DEVELOPER] = "action developer error",
		[OUTCOME_WHISK] = "whisk internal error",
	};

	return texts[outcome];
}

static void add_string(struct strbuf *b, const char *name, const char *value)
{
	strbuf_addf(b, "\"%s\":", name);
	json_write_str(b, str_of(value));
}

static void add_path(struct strbuf *b, const struct record_subject *of)
{
	struct strbuf path = STRBUF_INIT;

	strbuf_addf(&path, "%s/%s%s%s", of->namespace, of->package, *of->package ? "/" : "",
		    of->name);
	json_write_str(b, strbuf_str(&path));
	strbuf_release(&path);
}

static void add_binding(struct strbuf *b, const struct record_subject *of)
{
	struct strbuf path = STRBUF_INIT;

	if (!of->binding)
		return;
	strbuf_addf(&path, "%s/%s", of->namespace, of->binding);
	strbuf_adds(b, ",{\"key\":\"binding\",");
	add_string(b, "value", path.buf);
	strbuf_addc(b, '}');
	strbuf_release(&path);
}

static void add_place_in_sequence(struct strbuf *b, const struct record_subject *of)
{
	if (of->calls)
		strbuf_addf(b, ",{\"key\":\"topmost\",\"value\":%s}",
			    of->cause ? "false" : "true");
	if (of->cause)
		strbuf_adds(b, ",{\"key\":\"causedBy\",\"value\":\"sequence\"}");
}

static void add_annotations(struct strbuf *b, const struct record_subject *of,
			    const struct invocation_end *end)
{
	strbuf_adds(b, "\"annotations\":[{\"key\":\"path\",\"value\":");
	add_path(b, of);
	strbuf_addf(b, "},{\"key\":\"waitTime\",\"value\":%" PRId64 "}", end->wait_ms);
	strbuf_adds(b, ",{\"key\":\"kind\",");
	add_string(b, "value", of->kind);
	strbuf_addc(b, '}');
	add_place_in_sequence(b, of);
	add_binding(b, of);
	if (!of->calls) /* a sequence takes as long as it takes */
		strbuf_addf(b, ",{\"key\":\"timeout\",\"value\":%s}",
			    end->timed_out ? "true" : "false");
	strbuf_addf(b,
		    ",{\"key\":\"limits\",\"value\":{\"concurrency\":1,\"logs\":%" PRId64
		    ",\"memory\":%" PRId64 ",\"timeout\":%" PRId64 "}}",
		    of->logs_kb, of->memory_mb, of->timeout_ms);
	if (end->cold)
		strbuf_addf(b, ",{\"key\":\"initTime\",\"value\":%" PRId64 "}", end->init_ms);
	if (of->web)
		strbuf_adds(b, ",{\"key\":\"web\",\"value\":true}");
	if (end->notice) {
		strbuf_adds(b, ",{\"key\":\"dofn-notice\",");
		add_string(b, "value", end->notice);
		strbuf_addc(b, '}');
	}
	strbuf_addc(b, ']');
}

static void add_head(struct strbuf *b, const struct record_subject *of,
		     const struct invocation_end *end)
{
	strbuf_addc(b, '{');
	add_string(b, "namespace", of->namespace);
	strbuf_addc(b, ',');
	add_string(b, "name", of->name);
	strbuf_addc(b, ',');
	add_string(b, "version", of->version);
	strbuf_addc(b, ',');
	add_string(b, "activationId", of->id);
	if (of->cause) {
		strbuf_addc(b, ',');
		add_string(b, "cause", of->cause);
	}
	strbuf_addf(b,
		    ",\"start\":%" PRId64 ",\"end\":%" PRId64 ",\"duration\":%" PRId64
		    ",\"statusCode\":%d,\"publish\":false,",
		    end->start_ms, end->end_ms,
		    of->calls ? of->duration_ms : end->end_ms - end->start_ms,
		    (int)end->outcome);
}

static void add_response(struct strbuf *b, const struct invocation_end *end)
{
	strbuf_adds(b, "\"response\":{");
	add_string(b, "status", record_status(end->outcome));
	strbuf_addf(b, ",\"success\":%s,\"result\":",
		    end->outcome == OUTCOME_SUCCESS ? "true" : "false");
	strbuf_addstr(b, end->result);
	strbuf_addf(b, ",\"size\":%zu}", end->size);
}

/* The stamp fills the 30 characters that the format wants exactly. */
static void add_log_line(struct strbuf *b, struct strbuf *scratch, const struct log_line *line)
{
	char stamp[CLOCK_STAMP];

	clock_stamp(line->time_ns, stamp);
	strbuf_reset(scratch);
	strbuf_addf(scratch, "%s %s: ", stamp, line->is_stderr ? "stderr" : "stdout");
	strbuf_addstr(scratch, line->text);
	json_write_str(b, strbuf_str(scratch));
}

static void add_logs(struct strbuf *b, const struct invocation_end *end)
{
	struct strbuf scratch = STRBUF_INIT;
	size_t i;

	strbuf_adds(b, "\"logs\":[");
	for (i = 0; i < end->logs_n; i++) {
		if (i > 0)
			strbuf_addc(b, ',');
		add_log_line(b, &scratch, &end->logs[i]);
	}
	strbuf_addc(b, ']');
	strbuf_release(&scratch);
}

/* A sequence has no lines: its logs are the calls it made. */
static void add_calls(struct strbuf *b, const struct json *calls)
{
	strbuf_adds(b, "\"logs\":");
	json_write(b, calls);
}

void record_write(struct strbuf *record, struct strbuf *summary,
		  const struct record_subject *of, const struct invocation_end *end)
{
	struct strbuf annotations = STRBUF_INIT;

	add_annotations(&annotations, of, end);
	add_head(summary, of, end);
	strbuf_addstr(summary, strbuf_str(&annotations));
	strbuf_addc(summary, '}');

	add_head(record, of, end);
	add_string(record, "subject", of->namespace);
	strbuf_addc(record, ',');
	add_response(record, end);
	strbuf_addc(record, ',');
	if (of->calls)
		add_calls(record, of->calls);
	else
		add_logs(record, end);
	strbuf_addc(record, ',');
	strbuf_addstr(record, strbuf_str(&annotations));
	strbuf_addc(record, '}');
	strbuf_release(&annotations);
}
