#include "deploy/jobs.h"
#include "deploy/trigger_changes.h"

#include <stdlib.h>

#include "test.h"

static struct json *parsed(const char *text)
{
	struct err e = ERR_INIT;
	struct json *j = text ? json_parse(str_of(text), &e) : NULL;

	if (text && !j)
		fail_msg("%s: %s", text, e.msg);
	return j;
}

/* ---- what an update changes ---- */

struct difference {
	const char *cron, *body; /* wanted; and enabled */
	const char *live, *changes;
};

#define LIVE(enabled, details) \
	"{\"is_enabled\":" enabled ",\"scheduled_details\":{" details "}}"

static const struct difference differences[] = {
	{"0 3 * * *", NULL, LIVE("true", "\"cron\":\"0 3 * * *\""), ""},
	{"0 3 * * *", NULL, LIVE("true", "\"cron\":\" 00 03 * * *\""), ""},
	{"0 3 * * 0", NULL, LIVE("true", "\"cron\":\"0 3 * * SUN\""), ""},
	{"0 3 * * *", NULL, LIVE("true", "\"cron\":\"0 4 * * *\""), "cron "},
	{"0 3 * * *", NULL, LIVE("true", "\"cron\":\"rubbish\""), "cron "},
	{"0 3 * * *", NULL, LIVE("true", ""), "cron "},
	{"0 3 * * *", NULL, LIVE("false", "\"cron\":\"0 3 * * *\""), "enabled "},
	{"0 3 * * *", NULL, "{}", "cron enabled "},
	/* a body without members is none */
	{"0 3 * * *", NULL, LIVE("true", "\"cron\":\"0 3 * * *\",\"body\":{}"), ""},
	{"0 3 * * *", NULL, LIVE("true", "\"cron\":\"0 3 * * *\",\"body\":null"), ""},
	{"0 3 * * *", "{}", LIVE("true", "\"cron\":\"0 3 * * *\""), ""},
	{"0 3 * * *", NULL, LIVE("true", "\"cron\":\"0 3 * * *\",\"body\":{\"a\":1}"), "body "},
	{"0 3 * * *", "{\"a\":1}", LIVE("true", "\"cron\":\"0 3 * * *\""), "body "},
	/* values, whatever they look like */
	{"0 3 * * *", "{\"a\":1,\"b\":[2.50,{\"c\":null}]}",
	 LIVE("true", "\"cron\":\"0 3 * * *\",\"body\":{\"b\":[2.5,{\"c\":null}],\"a\":1.0}"),
	 ""},
	{"0 3 * * *", "{\"a\":1e3}",
	 LIVE("true", "\"cron\":\"0 3 * * *\",\"body\":{\"a\":1000}"), ""},
	{"0 3 * * *", "{\"a\":1}",
	 LIVE("true", "\"cron\":\"0 3 * * *\",\"body\":{\"a\":\"1\"}"), "body "},
	{"0 3 * * *", "{\"a\":1}", LIVE("true", "\"cron\":\"0 3 * * *\",\"body\":{\"a\":2}"),
	 "body "},
	{"0 3 * * *", "{\"a\":1}",
	 LIVE("true", "\"cron\":\"0 3 * * *\",\"body\":{\"a\":1,\"b\":2}"), "body "},
	{"0 3 * * *", "{\"a\":1,\"b\":2}",
	 LIVE("true", "\"cron\":\"0 3 * * *\",\"body\":{\"a\":1}"), "body "},
	{"0 3 * * *", "{\"a\":1}", LIVE("true", "\"cron\":\"0 3 * * *\",\"body\":{\"A\":1}"),
	 "body "},
	{"0 3 * * *", "{\"l\":[1,2]}",
	 LIVE("true", "\"cron\":\"0 3 * * *\",\"body\":{\"l\":[1]}"), "body "},
	{"0 3 * * *", "{\"l\":[1]}",
	 LIVE("true", "\"cron\":\"0 3 * * *\",\"body\":{\"l\":[1,2]}"), "body "},
	{"0 3 * * *", "{\"l\":[1,2]}",
	 LIVE("true", "\"cron\":\"0 3 * * *\",\"body\":{\"l\":[2,1]}"), "body "},
	{"1 2 3 4 5", "{\"l\":true}",
	 LIVE("false", "\"cron\":\"0 3 * * *\",\"body\":{\"l\":false}"), "cron body enabled "},
};

static void changes_are_found_by_value(void **state UNUSED)
{
	size_t i, j;

	for (i = 0; i < countof(differences); i++) {
		const struct difference *d = &differences[i];
		struct json *live = parsed(d->live), *body = parsed(d->body);
		struct trigger wanted = {
			.name = "t", .cron = d->cron, .body = body, .enabled = true};
		struct live_trigger there = {"t", "p/f", live};
		struct plan_item item = {.action = PLAN_UPDATE};
		struct strbuf got = STRBUF_INIT;

		trigger_changes(&item, &wanted, &there);
		for (j = 0; j < item.changes.n; j++)
			strbuf_addf(&got, "%s ", item.changes.v[j]);
		if (strcmp(got.buf, d->changes) != 0)
			fail_msg("%zu: '%s', not '%s'", i, got.buf, d->changes);
		plan_item_release(&item);
		strbuf_release(&got);
		json_free(live);
		json_free(body);
	}
}

/* ---- the plan ---- */

/* What is live, as the lists show it, and a project to deploy there. */
struct world {
	struct project project;
	struct live live;
	struct live_triggers triggers;
	struct deploy_request request;
	struct deploy_result result;
	struct deploy deploy;
	struct json *items;
};

static void add_live_function(struct world *w, const char *name, const char *package,
			      const struct json *item)
{
	struct live_function *f = arena_new(&w->live.arena, struct live_function);

	*f = (struct live_function){.name = name, .package = package, .item = item};
	assert_null(names_add(&w->live.function_names, f));
	vec_push(&w->live.functions, f);
}

/* {"p/f": ["t1"]}: functions and the names of triggers in their record. */
static void make_live(struct world *w, const char *functions)
{
	struct json *all = parsed(functions), *f, *item;
	struct arena *a = &w->live.arena;

	w->items = json_new_array();
	for (f = json_first(all); f; f = json_next(f)) {
		const char *name = arena_str(a, json_name(f)).p;
		struct str rest = str_of(name), package;

		item = parsed(
			"{\"version\":\"0.0.4\",\"annotations\":[{\"key\":"
			"\"deployer\",\"value\":{\"digest\":\"d\",\"commit\":\"c0ffee\"}}]}");
		if (json_count(f) > 0)
			json_set(json_get(json_at(json_get(item, "annotations"), 0), "value"),
				 "triggers", json_clone(f));
		json_push(w->items, item);
		assert_true(str_next(&rest, '/', &package));
		add_live_function(w, name, arena_str(a, package).p, item);
	}
	json_free(all);
}

/* {"t1": "p/f"}: all of them with the schedule that add_function() gives. */
static void make_triggers(struct world *w, const char *triggers)
{
	struct json *all = parsed(triggers), *t, *item;
	struct live_trigger *one;

	w->triggers.list = json_new_array();
	for (t = json_first(all); t; t = json_next(t)) {
		item = parsed("{\"is_enabled\":true,"
			      "\"scheduled_details\":{\"cron\":\"0 3 * * *\"}}");
		json_push(w->triggers.list, item);
		one = arena_new(&w->triggers.arena, struct live_trigger);
		one->name = arena_str(&w->triggers.arena, json_name(t)).p;
		one->function = arena_str(&w->triggers.arena, json_str(t)).p;
		one->item = item;
		assert_null(names_add(&w->triggers.names, one));
		vec_push(&w->triggers.all, one);
	}
	json_free(all);
}

/* triggers: "t1 t2" */
static void add_function(struct world *w, const char *package, const char *name,
			 const char *triggers)
{
	struct package *pkg = project_package(&w->project, package);
	struct str rest = str_of(triggers), word;
	struct function *f;
	struct job job = {.deploy = &w->deploy};

	if (!pkg)
		pkg = project_add_package(&w->project, package);
	f = package_add_function(&w->project, pkg, name);
	while (rest.n && str_next(&rest, ' ', &word)) {
		struct trigger *t = function_add_trigger(&w->project, f,
							 arena_str(&w->project.arena, word).p);

		t->cron = "0 3 * * *";
		t->enabled = true;
	}
	job.function = f;
	job.name = function_full_name(&w->project, f);
	job.deployer = json_new_object();
	job.plan.action = live_function(&w->live, job.name) ? PLAN_UNCHANGED : PLAN_CREATE;
	job_settle_record(&job);
	vec_push(&w->deploy.jobs, job);
}

static void make_world(struct world *w, const char *functions, const char *triggers)
{
	*w = (struct world){.live = {.arena = ARENA_INIT}, .triggers = {.arena = ARENA_INIT}};
	project_init(&w->project);
	w->project.config.name = "project.yml";
	make_live(w, functions);
	make_triggers(w, triggers);
	w->request.project = &w->project;
	w->request.live = &w->live;
	w->request.triggers = &w->triggers;
	w->deploy.q = &w->request;
	w->deploy.result = &w->result;
}

static void release_world(struct world *w)
{
	size_t i;

	plan_triggers_release(&w->deploy);
	for (i = 0; i < w->deploy.jobs.n; i++) {
		json_free(w->deploy.jobs.v[i].deployer);
		json_free(w->deploy.jobs.v[i].version);
	}
	vec_release(&w->deploy.jobs);
	live_triggers_release(&w->triggers);
	live_release(&w->live);
	json_free(w->items);
	project_release(&w->project);
}

/* "create t1 p/f; update t2 p/f function; extra t3 p/g; " and the marks "p/f:t1,t2 " */
static void expect_plan(struct world *w, const char *expected, const char *marks)
{
	struct strbuf got = STRBUF_INIT, written = STRBUF_INIT;
	struct trigger_plan *plan = &w->deploy.triggers;
	struct err e = ERR_INIT;
	const struct json *m;
	size_t i, j;

	if (plan_triggers(&w->deploy, &e) < 0)
		fail_msg("%s", e.msg);
	for (i = 0; i < plan->jobs.n; i++) {
		const struct trigger_job *tj = plan->jobs.v[i];

		strbuf_addf(&got, "%s %s %s", plan_action_name(tj->plan.action), tj->name,
			    tj->owner->name);
		for (j = 0; j < tj->plan.changes.n; j++)
			strbuf_addf(&got, " %s", tj->plan.changes.v[j]);
		strbuf_adds(&got, "; ");
	}
	for (i = 0; i < plan->extra.n; i++)
		strbuf_addf(&got, "extra %s %s; ", plan->extra.v[i]->name,
			    plan->extra.v[i]->function);
	for (i = 0; i < plan->owners.n; i++) {
		strbuf_addf(&written, "%s:", plan->owners.v[i]->name);
		for (m = json_first(plan->owners.v[i]->marks); m; m = json_next(m))
			strbuf_addf(&written, "%s,", json_cstr(m));
		strbuf_addc(&written, ' ');
	}
	assert_string_equal(got.buf, expected);
	assert_string_equal(written.buf, marks);
	strbuf_release(&got);
	strbuf_release(&written);
}

static void new_and_old_and_gone_ones_are_told_apart(void **state UNUSED)
{
	struct world w;

	make_world(&w, "{\"p/f\":[\"old\",\"gone\",\"lost\"],\"p/g\":[],\"q/x\":[\"far\"]}",
		   "{\"old\":\"p/f\",\"gone\":\"p/f\",\"hand\":\"p/g\",\"far\":\"q/x\","
		   "\"dangling\":\"no/where\"}");
	add_function(&w, "p", "f", "old new");
	add_function(&w, "p", "g", "");
	add_function(&w, "p", "h", "other");
	expect_plan(&w,
		    "unchanged old p/f; create new p/f; create other p/h; delete gone p/f; "
		    "extra hand p/g; ",
		    "p/f:old,new,gone, p/h:other, ");
	release_world(&w);
}

static void who_does_not_look_forgets_nothing(void **state UNUSED)
{
	struct world w;

	make_world(&w, "{\"p/f\":[\"old\",\"gone\"]}", "{}");
	w.request.triggers = NULL;
	add_function(&w, "p", "f", "");
	expect_plan(&w, "", "p/f:old,gone, ");
	assert_int_equal(json_count(json_get(w.deploy.jobs.v[0].deployer, "triggers")), 2);
	release_world(&w);
}

static void moves_are_updates_of_the_function(void **state UNUSED)
{
	struct world w;

	make_world(&w, "{\"p/f\":[\"a\"],\"p/g\":[]}", "{\"a\":\"p/f\",\"b\":\"no/longer\"}");
	add_function(&w, "p", "f", "");
	add_function(&w, "p", "g", "a b");
	expect_plan(&w, "update a p/g function; update b p/g function; ", "p/f:a, p/g:a,b, ");
	release_world(&w);
}

static void force_updates_what_is_unchanged(void **state UNUSED)
{
	struct world w;

	make_world(&w, "{\"p/f\":[\"a\"]}", "{\"a\":\"p/f\"}");
	w.request.force = true;
	add_function(&w, "p", "f", "a");
	expect_plan(&w, "update a p/f forced; ", "p/f:a, ");
	release_world(&w);
}

static void names_of_others_are_refused(void **state UNUSED)
{
	static const struct {
		const char *functions, *triggers;
	} cases[] = {
		/* of another project's package, made by hand in ours */
		{"{\"p/f\":[],\"q/x\":[\"a\"]}", "{\"a\":\"q/x\"}"},
		{"{\"p/f\":[],\"p/g\":[]}", "{\"a\":\"p/g\"}"},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct err e = ERR_INIT;
		struct world w;

		make_world(&w, cases[i].functions, cases[i].triggers);
		add_function(&w, "p", "f", "a");
		assert_int_equal(plan_triggers(&w.deploy, &e), -1);
		assert_int_equal(e.code, ERR_PROJECT);
		assert_non_null(strstr(e.msg, "there is a trigger 'a' already"));
		err_clear(&e);
		release_world(&w);
	}
}

static void triggers_matter_where_there_are_or_were_some(void **state UNUSED)
{
	static const struct {
		const char *functions, *triggers;
		bool expected;
	} cases[] = {
		{"{}", "", false},
		{"{\"p/f\":[]}", "", false},
		{"{\"q/f\":[\"a\"],\"p/g\":[\"a\"]}", "", false},
		{"{\"p/f\":[\"a\"]}", "", true},
		{"{}", "a", true},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct world w;

		make_world(&w, cases[i].functions, "{}");
		add_function(&w, "p", "f", cases[i].triggers);
		if (live_triggers_matter(&w.project, &w.live) != cases[i].expected)
			fail_msg("%s %s", cases[i].functions, cases[i].triggers);
		release_world(&w);
	}
}

/* ---- the record of a function ---- */

static void expect_body(const struct trigger_owner *o, const struct json *marks,
			const char *expected)
{
	struct strbuf body = STRBUF_INIT;

	trigger_marks_body(o, marks, &body);
	assert_string_equal(body.buf, expected);
	strbuf_release(&body);
}

#define RECORD(value) "{\"annotations\":[{\"key\":\"deployer\",\"value\":" value "}]}"

static void names_stay_in_the_record_as_long_as_the_trigger(void **state UNUSED)
{
	struct trigger_owner *o;
	struct world w;

	make_world(&w, "{\"p/f\":[\"gone1\",\"gone2\"]}",
		   "{\"gone1\":\"p/f\",\"gone2\":\"p/f\"}");
	add_function(&w, "p", "f", "new");
	expect_plan(&w, "create new p/f; delete gone1 p/f; delete gone2 p/f; ",
		    "p/f:new,gone1,gone2, ");
	o = w.deploy.triggers.owners.v[0];
	assert_true(trigger_marks_missing(o)); /* "new" */
	expect_body(
		o, o->marks,
		RECORD("{\"digest\":\"d\",\"commit\":\"c0ffee\","
		       "\"triggers\":[\"new\",\"gone1\",\"gone2\"],\"version\":\"0.0.5\"}"));
	o->on_server = o->marks;
	assert_false(trigger_marks_missing(o));
	w.deploy.triggers.jobs.v[0]->done = true;
	w.deploy.triggers.jobs.v[1]->done = true; /* and gone2 could not be deleted */
	assert_true(trigger_marks_finish(o));
	expect_body(o, o->last,
		    RECORD("{\"digest\":\"d\",\"commit\":\"c0ffee\","
			   "\"triggers\":[\"new\",\"gone2\"],\"version\":\"0.0.5\"}"));
	release_world(&w);
}

static void a_record_that_is_right_is_not_written(void **state UNUSED)
{
	struct trigger_owner *o;
	struct world w;

	make_world(&w, "{\"p/f\":[\"a\"]}", "{\"a\":\"p/f\"}");
	add_function(&w, "p", "f", "a");
	expect_plan(&w, "unchanged a p/f; ", "p/f:a, ");
	o = w.deploy.triggers.owners.v[0];
	assert_false(trigger_marks_missing(o));
	assert_false(trigger_marks_finish(o));
	release_world(&w);
}

static void the_last_name_takes_the_member_along(void **state UNUSED)
{
	struct trigger_owner *o;
	struct json *answer;
	struct world w;

	make_world(&w, "{\"p/f\":[\"stale\"]}", "{}");
	add_function(&w, "p", "f", "");
	expect_plan(&w, "", "p/f: ");
	assert_null(json_get(w.deploy.jobs.v[0].deployer, "triggers"));
	o = w.deploy.triggers.owners.v[0];
	assert_false(trigger_marks_missing(o));
	assert_true(trigger_marks_finish(o));
	expect_body(o, o->last,
		    RECORD("{\"digest\":\"d\",\"commit\":\"c0ffee\","
			   "\"version\":\"0.0.5\"}"));
	/* of a function that was uploaded, its new record, and one version more */
	w.deploy.jobs.v[0].plan.action = PLAN_UPDATE;
	json_free(w.deploy.jobs.v[0].deployer);
	w.deploy.jobs.v[0].deployer = parsed("{\"digest\":\"e\",\"version\":\"0.0.5\"}");
	answer = parsed("{\"version\":\"0.0.5\"}");
	job_take_version(&w.deploy.jobs.v[0], answer);
	assert_false(w.deploy.jobs.v[0].misnoted);
	expect_body(o, o->last, RECORD("{\"digest\":\"e\",\"version\":\"0.0.6\"}"));
	job_take_version(&w.deploy.jobs.v[0], answer);
	assert_true(w.deploy.jobs.v[0].misnoted);
	json_free(answer);
	release_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_are_found_by_value),
		cmocka_unit_test(new_and_old_and_gone_ones_are_told_apart),
		cmocka_unit_test(who_does_not_look_forgets_nothing),
		cmocka_unit_test(moves_are_updates_of_the_function),
		cmocka_unit_test(force_updates_what_is_unchanged),
		cmocka_unit_test(names_of_others_are_refused),
		cmocka_unit_test(triggers_matter_where_there_are_or_were_some),
		cmocka_unit_test(names_stay_in_the_record_as_long_as_the_trigger),
		cmocka_unit_test(a_record_that_is_right_is_not_written),
		cmocka_unit_test(the_last_name_takes_the_member_along),
	};

	return cmocka_run_group_tests_name("deploy_triggers", tests, NULL, NULL);
}
