#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "http/http.h"
#include "remote/outcome.h"
#include "remote/remote.h"
#include "runtime/runtime.h"

enum {
	FIRST_POLL_MS = 100,
	POLL_MS = 1000,
	UPLOAD_MS = 120000,
	BUILD_MS = 900000,
	TICK_MS = 10000,
	MAX_ERRORS = 3, /* of questions about one activation */
	MAX_LINES = 200,
	MAX_ANSWER = 1024 * 1024,
	SHOWN_ANSWER = 200,
};

/* One function's conversation with the builder. */
struct session {
	struct remote_request q;
	struct strbuf zip;
	char *function, *kind, *key;
	char *slice;      /* its name, once there is one */
	char *activation; /* the one that is waited for */
	bool building;    /* else waiting for the address */
	struct loop_timer *timer;
	struct loop_cancel *cancel;
	uint64_t start_ms;    /* of the step */
	uint64_t deadline_ms; /* both of clock_monotonic_ms() */
	uint64_t next_tick_ms;
	uint64_t poll_ms; /* the wait before the next question */
	unsigned errors;
};

static void end(struct session *s, struct err *failure)
{
	void (*done)(void *arg, struct err *failure) = s->q.done;
	void *arg = s->q.arg;

	loop_timer_stop(s->timer);
	loop_cancel_stop(s->cancel);
	strbuf_release(&s->zip);
	free(s->function);
	free(s->kind);
	free(s->key);
	free(s->slice);
	free(s->activation);
	free(s);
	done(arg, failure);
}

/* Takes *e. */
static void fail(struct session *s, struct err *e)
{
	struct err own = ERR_INIT;

	(void)err_move(&own, e);
	end(s, &own);
	err_clear(&own);
}

static void tell(struct session *s, const char *step, uint64_t bytes)
{
	struct event ev = {
		.type = EVENT_REMOTE,
		.function = s->function,
		.text = str_of(step),
		.text2 = str_of(s->activation),
		.ms = clock_monotonic_ms() - s->start_ms,
		.limit_ms = s->building ? REMOTE_BUILD_MS : 0,
		.bytes = bytes,
	};

	sink_emit(s->q.sink, &ev);
}

static void ask_later(struct session *s);
static void upload(struct session *s, const char *url);

/* ---- the end of a build ---- */

static void tell_lines(struct session *s, struct str text)
{
	struct event ev = {.type = EVENT_BUILD_LINE, .function = s->function};
	struct str line;

	while (str_next(&text, '\n', &line)) {
		ev.text = str_ends(line, "\r") ? (struct str){line.p, line.n - 1} : line;
		sink_emit(s->q.sink, &ev);
	}
}

static void tell_transcript(struct session *s, const struct json *record)
{
	const struct json *lines = outcome_transcript(record), *line;
	size_t n = json_count(lines), i = 0;

	if (n > MAX_LINES)
		sink_note(s->q.sink, s->function,
			  "the last %d of %zu lines of the remote build:", MAX_LINES, n);
	for (line = json_first(lines); line; line = json_next(line))
		if (++i + MAX_LINES > n && json_is(line, JSON_STRING))
			tell_lines(s, json_str(line).n ? json_str(line) : STR(""));
}

/* The reason's first line; the others are told like the transcript's. */
static void shorten(struct session *s, struct err *e)
{
	struct str rest = str_of(e->msg), first;
	struct err one = ERR_INIT;

	(void)str_next(&rest, '\n', &first);
	if (!rest.p || rest.n == 0)
		return;
	tell_lines(s, rest);
	(void)err_set(&one, e->code, "%.*s", STR_ARG(first));
	err_clear(e);
	(void)err_move(e, &one);
}

static void build_ended(struct session *s, const struct json *record)
{
	struct err e = ERR_INIT;
	struct event ev = {.type = EVENT_BUILD_ENDED, .function = s->function};

	tell_transcript(s, record);
	if (outcome_build(record, &e) < 0) {
		shorten(s, &e);
		err_wrap(&e, "the remote build failed");
		ev.type = EVENT_BUILD_FAILED;
		ev.text = str_of(e.msg);
		sink_emit(s->q.sink, &ev);
		fail(s, &e);
		return;
	}
	ev.ms = clock_monotonic_ms() - s->start_ms;
	sink_emit(s->q.sink, &ev);
	end(s, NULL);
}

/* ---- waiting for an activation ---- */

static void address_came(struct session *s, const struct json *record)
{
	const char *url, *slice;
	struct err e = ERR_INIT;

	if (outcome_upload(record, &url, &slice, &e) < 0) {
		err_wrap(&e, "asking for a remote build");
		fail(s, &e);
		return;
	}
	s->slice = xstrdup(slice);
	upload(s, url);
}

static void give_up(struct session *s)
{
	uint64_t seconds = (clock_monotonic_ms() - s->start_ms) / 1000;
	struct err e = ERR_INIT;

	if (s->building)
		(void)err_set(&e, ERR_REMOTE,
			      "the remote build has no result after %" PRIu64
			      " s; 'dofn activations get %s' may show one later",
			      seconds, s->activation);
	else
		(void)err_set(&e, ERR_REMOTE,
			      "the builder gave no address for the upload in %" PRIu64
			      " s; try again later, or build locally",
			      seconds);
	fail(s, &e);
}

/* There is no record yet, or no answer: neither must end a build that runs. */
static bool may_ask_again(struct session *s, const struct err *failure)
{
	if (!failure || failure->status == 404)
		return true;
	if (failure->code == ERR_CANCELLED || failure->code == ERR_AUTH)
		return false;
	return ++s->errors <= MAX_ERRORS;
}

/* Nobody can take back what the builder has begun. */
static void tell_left(struct session *s)
{
	if (s->building)
		sink_note(
			s->q.sink, s->function,
			"its remote build goes on: 'dofn activations get %s' shows the result",
			s->activation);
}

static void on_record(void *arg, struct json *record, struct err *failure)
{
	struct session *s = arg;

	if (!may_ask_again(s, failure)) {
		if (failure->code == ERR_CANCELLED)
			tell_left(s);
		err_wrap(failure, "asking for the result of the remote build");
		fail(s, failure);
	} else if (!failure && outcome_is_final(record)) {
		if (s->building)
			build_ended(s, record);
		else
			address_came(s, record);
	} else if (clock_monotonic_ms() >= s->deadline_ms) {
		give_up(s);
	} else {
		ask_later(s);
	}
}

static void ask(void *arg)
{
	struct session *s = arg;
	uint64_t now = clock_monotonic_ms();
	struct err e = ERR_INIT;

	loop_timer_stop(s->timer);
	s->timer = NULL;
	if (now >= s->next_tick_ms) {
		s->next_tick_ms = now + s->q.times.tick_ms;
		tell(s, s->building ? "building" : "waiting", 0);
	}
	if (whisk_fetch_activation(s->q.whisk, s->activation, on_record, s, &e) < 0) {
		err_wrap(&e, "the builder's answer has a bad 'activationId'");
		fail(s, &e);
	}
}

static void ask_later(struct session *s)
{
	s->timer = loop_timer_start(s->q.loop, s->poll_ms, 0, ask, s);
	s->poll_ms = s->poll_ms * 2 < s->q.times.poll_ms ? s->poll_ms * 2 : s->q.times.poll_ms;
}

static void wait_for(struct session *s, const char *activation, uint64_t limit_ms)
{
	uint64_t now = clock_monotonic_ms();

	free(s->activation);
	s->activation = xstrdup(activation);
	s->start_ms = now;
	s->deadline_ms = now + limit_ms;
	s->next_tick_ms = now + s->q.times.tick_ms;
	s->poll_ms = s->q.times.poll_ms < FIRST_POLL_MS ? s->q.times.poll_ms : FIRST_POLL_MS;
	s->errors = 0;
	if (s->building)
		tell(s, "building", 0);
	ask_later(s);
}

/* ---- the steps ---- */

static int no_builder(struct session *s, struct err *e)
{
	if (e->status == 404 || e->status == 403)
		return err_wrap(e,
				"the platform has no builder for '%s' (set 'localBuild: true' "
				"for '%s' in project.yml to build here)",
				s->kind, s->function);
	return err_wrap(e, "asking for a remote build");
}

/* The id of what began, or NULL after the end of the session. */
static const char *begun(struct session *s, const struct json *answer, struct err *failure)
{
	const char *id = json_cstr(json_get(answer, "activationId"));
	struct err e = ERR_INIT;

	if (!failure && id)
		return id;
	if (failure) {
		(void)err_move(&e, failure);
		if (e.code != ERR_CANCELLED)
			no_builder(s, &e);
	} else {
		(void)err_set(&e, ERR_REMOTE, "the builder's answer has no 'activationId'");
	}
	fail(s, &e);
	return NULL;
}

static void on_build_begun(void *arg, struct json *answer, struct err *failure)
{
	struct session *s = arg;
	const char *id = begun(s, answer, failure);

	if (!id)
		return;
	s->building = true;
	wait_for(s, id, s->q.times.build_ms);
}

static void begin_build(struct session *s)
{
	struct json *payload = json_new_object();
	struct strbuf name = STRBUF_INIT;
	const char *colon = strchr(s->kind, ':');

	json_set(payload, "toBuild", json_new_cstr(s->slice));
	json_set(payload, "encryptionKey", json_new_cstr(s->key));
	strbuf_adds(&name, "builder/build_");
	strbuf_add(&name, s->kind, colon ? (size_t)(colon - s->kind) : strlen(s->kind));
	if (colon)
		strbuf_addf(&name, "_%s", colon + 1);
	whisk_begin(s->q.whisk, REMOTE_NAMESPACE, name.buf, payload, on_build_begun, s);
	strbuf_release(&name);
	json_free(payload);
}

static void on_uploaded(void *arg, const struct http_response *r, struct err *failure)
{
	struct session *s = arg;
	struct err e = ERR_INIT;
	struct str said = r ? str_trim(r->body) : STR("");

	if (r && r->status == 200) {
		strbuf_release(&s->zip);
		begin_build(s);
		return;
	}
	if (said.n > SHOWN_ANSWER)
		said.n = SHOWN_ANSWER;
	if (r)
		(void)err_set(&e, ERR_REMOTE, "the server answered %d%s%.*s", r->status,
			      said.n ? ": " : "", STR_ARG(said));
	else
		(void)err_move(&e, failure);
	err_wrap(&e, "uploading %zu bytes for the remote build", s->zip.len);
	fail(s, &e);
}

/* To an address that says by itself who may write there: no credentials go along. */
static void upload(struct session *s, const char *url)
{
	struct http_request q = {
		.method = "PUT",
		.url = url,
		.body = strbuf_str(&s->zip),
		.content_type = "application/x-www-form-urlencoded",
		.repeatable = true,
		.max_body = MAX_ANSWER,
	};

	s->start_ms = clock_monotonic_ms();
	tell(s, "uploading", s->zip.len);
	http_send(whisk_http(s->q.whisk), &q, on_uploaded, s);
}

static void on_url_begun(void *arg, struct json *answer, struct err *failure)
{
	struct session *s = arg;
	const char *id = begun(s, answer, failure);

	if (id)
		wait_for(s, id, s->q.times.upload_ms);
}

static void ask_for_url(struct session *s)
{
	struct json *payload = json_new_object();
	struct strbuf tag = STRBUF_INIT;
	struct str rest = str_of(s->function), part;

	if (!strchr(s->function, '/'))
		strbuf_adds(&tag, "default_");
	(void)str_next(&rest, '/', &part);
	strbuf_addstr(&tag, part);
	if (rest.n)
		strbuf_addf(&tag, "_%.*s", STR_ARG(rest));
	json_set(payload, "action", json_new_str(strbuf_str(&tag)));
	whisk_begin(s->q.whisk, REMOTE_NAMESPACE, "builder/getUploadUrl", payload, on_url_begun,
		    s);
	strbuf_release(&tag);
	json_free(payload);
}

/* A request under way ends by itself; a wait does not. */
static void on_cancel(void *arg)
{
	struct session *s = arg;
	struct err e = ERR_INIT;

	if (!s->timer)
		return;
	tell_left(s);
	(void)err_set(&e, ERR_CANCELLED, "interrupted during the remote build");
	fail(s, &e);
}

static void fill_times(struct remote_times *t)
{
	if (!t->poll_ms)
		t->poll_ms = POLL_MS;
	if (!t->upload_ms)
		t->upload_ms = UPLOAD_MS;
	if (!t->build_ms)
		t->build_ms = BUILD_MS;
	if (!t->tick_ms)
		t->tick_ms = TICK_MS;
}

void remote_start(const struct remote_request *q, struct strbuf *zip)
{
	struct session *s = xcalloc(1, sizeof(*s));

	s->q = *q;
	s->zip = *zip;
	*zip = STRBUF_INIT;
	s->function = xstrdup(q->function);
	s->kind = xstrdup(q->kind);
	s->key = xstrdup(q->key);
	fill_times(&s->q.times);
	s->start_ms = clock_monotonic_ms();
	s->cancel = loop_on_cancel(q->loop, on_cancel, s);
	ask_for_url(s);
}

const char *remote_kind(const char *kind, const struct json *host_info)
{
	struct str language = runtime_language(str_of(kind));
	const struct json *list = json_getn(json_get(host_info, "runtimes"), language), *item;
	const struct runtime *r;

	if (!str_ends(str_of(kind), ":default"))
		return kind;
	for (item = json_first(list); item; item = json_next(item))
		if (json_is_true(json_get(item, "default")) &&
		    json_cstr(json_get(item, "kind")))
			return json_cstr(json_get(item, "kind"));
	r = runtime_find(str_of(kind));
	return r ? r->kind : kind;
}
