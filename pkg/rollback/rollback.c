#include "rollback/rollback.h"

#include <stdlib.h>

#include "deploy/upload.h"
#include "deploy/version.h"
#include "rollback/same.h"

enum { KEEP_IN_MEMORY = 1024 * 1024 }; /* of the code, on its way */

static struct history_place place_of(const struct rollback_request *q)
{
	return (struct history_place){whisk_api_host(q->whisk), q->namespace};
}

static const struct history_entry *version_of(const struct history *h, size_t i)
{
	const struct history_entry *entry = h->entries.v[i];

	return entry->again ? history_find(h, entry->again) : entry;
}

/* The latest one that is what is live. */
static void find_current(struct rollback *r)
{
	const struct history_entry *entry;
	char hex[SHA256_HEX];
	const char *digest = same_code_digest(r->live, hex) ? hex : NULL;
	size_t i;

	for (i = 0; i < r->history.entries.n && !r->current; i++) {
		entry = version_of(&r->history, i);
		if (entry && same_is(entry, r->live, digest, &r->history.arena))
			r->current = entry;
	}
}

static int read_live(struct rollback *r, struct err *e)
{
	const struct rollback_request *q = r->q;

	r->live = whisk_get_action(q->whisk, q->function, true, e);
	if (r->live || e->status != 404)
		return r->live ? 0 : -1;
	err_clear(e);
	return 0;
}

int rollback_read(const struct rollback_request *q, struct rollback *r, struct err *e)
{
	const struct history_place place = place_of(q);

	*r = (struct rollback){.q = q};
	if (history_read(&place, q->function, &r->history, e) < 0 || read_live(r, e) < 0)
		return -1;
	if (r->live)
		find_current(r);
	return 0;
}

const struct json *rollback_record(const struct history_entry *entry)
{
	return whisk_annotation(entry->body, "deployer");
}

static int check_force(const struct rollback *r, struct err *e)
{
	const char *name = r->q->function, *version = json_cstr(json_get(r->live, "version"));

	if (r->current)
		return 0;
	if (!r->live)
		return err_set(e, ERR_REMOTE,
			       "'%s' is not live in the namespace '%s'; --force puts it there "
			       "again",
			       name, r->q->namespace);
	return err_set(
		e, ERR_REMOTE,
		"'%s' was changed elsewhere: what is live (version %s) is not among what was "
		"deployed from here, and would be lost; --force replaces it all the same",
		name, version ? version : "unknown");
}

static bool is_same_content(const struct history_entry *a, const struct history_entry *b)
{
	return strcmp(a->sha256, b->sha256) == 0 &&
	       json_equal(json_get(rollback_record(a), "digest"),
			  json_get(rollback_record(b), "digest"));
}

/* The one before what is live; the latest when that is none of them. */
static const struct history_entry *find_before(const struct rollback *r)
{
	const struct history *h = &r->history;
	bool behind = r->current == NULL;
	size_t i;

	for (i = 0; i < h->entries.n; i++) {
		const struct history_entry *entry = h->entries.v[i];

		if (behind && !entry->again &&
		    (!r->current || !is_same_content(entry, r->current)))
			return entry;
		behind = behind || entry == r->current;
	}
	return NULL;
}

static int fail_choice(const struct rollback *r, uint64_t to, struct err *e)
{
	const char *name = r->q->function;

	if (to)
		return err_set(e, ERR_USAGE, "there is no number %llu of '%s'; see --list",
			       (unsigned long long)to, name);
	return err_set(
		e, ERR_SYSTEM,
		"nothing earlier of '%s' is kept than what is live; --list shows what is, "
		"--to puts back one of these",
		name);
}

/* What the platform built is not known; where it was built from may be. */
static int check_known(const struct rollback *r, const struct history_entry *entry,
		       struct err *e)
{
	const char *commit = json_cstr(json_get(rollback_record(entry), "commit"));

	if (!entry->remote)
		return 0;
	return err_set(
		e, ERR_SYSTEM,
		"number %llu of '%s' was built on the platform, and what came out is not "
		"known here; deploy its sources again%s%s",
		(unsigned long long)entry->number, r->q->function, commit ? ", commit " : "",
		commit ? commit : "");
}

const struct history_entry *rollback_choose(const struct rollback *r, uint64_t to, bool force,
					    struct err *e)
{
	const struct history_entry *entry;

	if (r->history.entries.n == 0) {
		err_set(e, ERR_SYSTEM,
			"nothing of '%s' is kept here: it was not deployed from this machine "
			"to "
			"the namespace '%s'; deploy an earlier commit instead",
			r->q->function, r->q->namespace);
		return NULL;
	}
	if (!force && check_force(r, e) < 0)
		return NULL;
	entry = to ? history_find(&r->history, to) : find_before(r);
	if (!entry)
		(void)fail_choice(r, to, e);
	else if (check_known(r, entry, e) < 0)
		entry = NULL;
	return entry;
}

/*
 * Of its record as it was then, two things are those of now: the triggers that a project gave
 * to the function, and the version that it will come with (version.h).
 */
static void renew_record(struct json *deployer, const struct json *live)
{
	const struct json *version = json_get(live, "version");
	const struct json *marks = json_get(whisk_annotation(live, "deployer"), "triggers");

	if (!json_is(deployer, JSON_OBJECT))
		return;
	json_set(deployer, "triggers", json_clone(marks));
	json_set(deployer, "version", live && !version ? NULL : version_after(version, 1));
}

static struct json *names_list(const char *const *names, size_t n)
{
	struct json *list = json_new_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_push(list, json_new_cstr(names[i]));
	return list;
}

/* As it was sent, and what came since is taken away: a server would keep it. */
static struct json *body_of(const struct history_entry *entry, const struct json *live)
{
	struct json *body = json_clone(entry->body), *limits;
	struct arena a = ARENA_INIT;
	struct plan_item item;
	const struct json *m;

	same_plan(&item, entry, live, &a);
	if (item.stale.n)
		json_set(body, "delAnnotations", names_list(item.stale.v, item.stale.n));
	if (item.reset && !json_is(json_get(body, "limits"), JSON_OBJECT))
		json_set(body, "limits", json_new_object());
	limits = json_get(body, "limits");
	for (m = json_first(item.reset); m; m = json_next(m))
		json_setn(limits, json_name(m), json_clone(m));
	renew_record(whisk_annotation(body, "deployer"), live);
	plan_item_release(&item);
	arena_release(&a);
	return body;
}

struct sending {
	bool done;
	struct json *answer;
	struct err failure;
};

static void put_done(void *arg, struct json *answer, struct err *failure)
{
	struct sending *s = arg;

	s->done = true;
	if (failure)
		err_move(&s->failure, failure);
	else
		s->answer = json_clone(answer);
}

static int wait_for(const struct rollback *r, struct sending *s, struct err *e)
{
	loop_run_until(r->q->loop, &s->done);
	return s->failure.code == ERR_OK ? 0 : err_move(e, &s->failure);
}

static int put_without_code(const struct rollback *r, const struct json *body,
			    struct sending *s, struct err *e)
{
	struct strbuf text = STRBUF_INIT;

	json_write(&text, body);
	whisk_put_action(r->q->whisk, r->q->function, &text, put_done, s);
	return wait_for(r, s, e);
}

/* Its exec comes first, with the place of the code at the end of head. */
static void write_around(struct json *body, struct strbuf *head, struct strbuf *tail)
{
	struct json *exec = json_take(body, "exec");
	struct strbuf rest = STRBUF_INIT;

	json_del(exec, "code");
	json_write(&rest, exec);
	strbuf_adds(head, "{\"exec\":{\"code\":\"");
	strbuf_adds(tail, "\",");
	strbuf_addstr(tail, str_from(strbuf_str(&rest), 1));
	strbuf_addc(tail, ',');
	strbuf_reset(&rest);
	json_write(&rest, body);
	strbuf_addstr(tail, str_from(strbuf_str(&rest), 1));
	strbuf_release(&rest);
	json_free(exec);
}

static int put_with_code(const struct rollback *r, const struct history_entry *entry,
			 struct json *body, struct sending *s, struct err *e)
{
	struct strbuf head = STRBUF_INIT, tail = STRBUF_INIT;
	struct upload_code code = {.bytes = entry->bytes, .binary = entry->binary};
	struct upload_body *upload = NULL;
	struct spool spool;
	int rc = -1;

	spool_init(&spool, NULL, KEEP_IN_MEMORY);
	code.spool = &spool;
	if (history_read_code(&r->history, entry, &spool, e) == 0) {
		write_around(body, &head, &tail);
		upload = upload_body_around(&code, &head, &tail, e);
	}
	if (upload) {
		whisk_upload_action(r->q->whisk, r->q->function, upload_body_source(upload),
				    put_done, s);
		rc = wait_for(r, s, e);
	}
	upload_body_free(upload);
	spool_release(&spool);
	return rc;
}

/* Without it the next rollback goes by what is live, which finds it too. */
static void note(const struct rollback *r, const struct history_entry *entry,
		 const char *version, char **unkept)
{
	const struct history_place place = place_of(r->q);
	const struct history_new again = {
		.function = r->q->function, .version = version, .again = entry->number};
	struct err e = ERR_INIT;
	struct history_writer *w = history_writer_new(&place, &e);
	const char *why;

	history_keep(w, &again);
	why = e.code != ERR_OK ? e.msg : history_writer_failure(w);
	*unkept = why ? xstrdup(why) : NULL;
	history_writer_free(w);
	err_clear(&e);
}

/*
 * A write that was sent again because its answer was lost moves the version by two; then the
 * record would say that somebody else wrote.  When this fails it says just that.
 */
static void correct_record(const struct rollback *r, const struct json *body,
			   struct json **answer)
{
	const struct json *noted = json_get(whisk_annotation(body, "deployer"), "version");
	const struct json *version = json_get(*answer, "version");
	struct sending s = {.failure = ERR_INIT};
	struct strbuf text = STRBUF_INIT;
	struct err ignored = ERR_INIT;
	struct json *deployer;

	if (!noted || json_equal(noted, version))
		return;
	deployer = json_clone(whisk_annotation(body, "deployer"));
	json_set(deployer, "version", version_after(version, 1));
	record_body(&text, deployer);
	whisk_put_action(r->q->whisk, r->q->function, &text, put_done, &s);
	if (wait_for(r, &s, &ignored) == 0) {
		json_free(*answer);
		*answer = s.answer;
	}
	json_free(deployer);
	err_clear(&ignored);
}

int rollback_put(const struct rollback *r, const struct history_entry *entry, char **version,
		 char **unkept, struct err *e)
{
	struct json *body = body_of(entry, r->live);
	struct sending s = {.failure = ERR_INIT};
	const char *text;
	int rc;

	*version = *unkept = NULL;
	if (entry->has_code && json_is(json_get(body, "exec"), JSON_OBJECT))
		rc = put_with_code(r, entry, body, &s, e);
	else
		rc = put_without_code(r, body, &s, e);
	if (rc == 0) {
		correct_record(r, body, &s.answer);
		text = json_cstr(json_get(s.answer, "version"));
		*version = xstrdup(text ? text : "");
		note(r, entry, *version, unkept);
	}
	json_free(s.answer);
	json_free(body);
	return rc;
}

void rollback_release(struct rollback *r)
{
	json_free(r->live);
	history_release(&r->history);
}
