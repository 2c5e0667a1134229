#include "deploy/plan.h"

#include <stdlib.h>

#include "deploy/digest.h"
#include "deploy/origin.h"
#include "test.h"

static struct json *parsed(const char *text)
{
	struct err e = ERR_INIT;
	struct json *j = json_parse(str_of(text), &e);

	assert_non_null(j);
	return j;
}

/* ---- the decision ---- */

#define DIGEST(digest, code, limits, variables)                                            \
	"{\"digest\":\"" digest "\",\"parts\":{\"code\":\"" code "\",\"limits\":\"" limits \
	"\"},\"variables\":{" variables "}}"
#define LIVE(deployer, more)                                                         \
	"{\"annotations\":[{\"key\":\"deployer\",\"value\":" deployer "}," more "]," \
	"\"limits\":{\"timeout\":1000,\"memory\":256},\"publish\":false}"
#define WEB "{\"key\":\"web-export\",\"value\":true}"

static const char wanted_digest[] = DIGEST("d", "c", "l", "\"A\":\"1\",\"B\":\"2\"");
static const char wanted_annotations[] =
	"[{\"key\":\"mine\",\"value\":1},{\"key\":\"deployer\",\"value\":{}}," WEB "]";

static void add_names(struct strbuf *out, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		strbuf_addf(out, "%s%s", i ? " " : "", names[i]);
	strbuf_addc(out, '|');
}

/* "update code limits|+A|old|": action and changes, variables, stale annotations. */
static char *decision(const struct plan_wanted *wanted, const char *live_text)
{
	struct json *live = live_text ? parsed(live_text) : NULL;
	struct arena arena = ARENA_INIT;
	struct strbuf out = STRBUF_INIT;
	struct plan_item item;

	plan_decide(&item, wanted, live, &arena);
	strbuf_addf(&out, "%s ", plan_action_name(item.action));
	add_names(&out, item.changes.v, item.changes.n);
	add_names(&out, item.variables.v, item.variables.n);
	add_names(&out, item.stale.v, item.stale.n);
	plan_item_release(&item);
	arena_release(&arena);
	json_free(live);
	return strbuf_detach(&out, NULL);
}

static void decides_by_what_differs(void **state UNUSED)
{
	static const struct {
		const char *live, *limits, *runtime, *want;
		bool shared, force;
	} rows[] = {
		{NULL, "{}", "k:1", "create |||", false, false},
		{NULL, "{}", "k:1", "create |||", false, true},
		{LIVE(DIGEST("d", "c", "l", ""), WEB), "{}", "k:1", "unchanged |||", false,
		 false},
		{LIVE(DIGEST("d", "c", "l", ""), WEB), "{}", "k:1", "update forced|||", false,
		 true},
		{LIVE(DIGEST("e", "x", "l", "\"A\":\"1\",\"B\":\"2\""), WEB), "{}", "k:1",
		 "update code|||", false, false},
		{LIVE(DIGEST("e", "x", "y", "\"A\":\"9\",\"C\":\"3\""), WEB), "{}", "k:1",
		 "update code limits|~A +B -C||", false, false},
		{LIVE(DIGEST("e", "c", "l", ""), WEB), "{}", "k:1", "update unknown|||", false,
		 false},
		{LIVE("{\"digest\":\"08db2a6d\"}", WEB), "{}", "k:1", "update unknown|||",
		 false, false},
		{"{}", "{}", "k:1", "update unknown|||", false, false},
		{"[]", "{}", "k:1", "update unknown|||", false, false},
		/* what the list shows of later changes */
		{LIVE(DIGEST("d", "c", "l", ""), WEB), "{\"timeout\":1000}", "k:1",
		 "unchanged |||", false, false},
		{LIVE(DIGEST("d", "c", "l", ""), WEB), "{\"timeout\":2000}", "k:1",
		 "update elsewhere|||", false, false},
		{LIVE(DIGEST("d", "c", "l", ""), WEB), "{\"logs\":1}", "k:1", "unchanged |||",
		 false, false},
		{LIVE(DIGEST("d", "c", "l", ""), "{\"key\":\"web-export\",\"value\":false}"),
		 "{}", "k:1", "update elsewhere|||", false, false},
		{LIVE(DIGEST("d", "c", "l", ""), "{\"key\":\"mine\",\"value\":2}"), "{}", "k:1",
		 "unchanged |||", false, false},
		{LIVE(DIGEST("d", "c", "l", ""), "{\"key\":\"exec\",\"value\":\"k:2\"}"), "{}",
		 "k:1", "update elsewhere|||", false, false},
		{LIVE(DIGEST("d", "c", "l", ""), "{\"key\":\"exec\",\"value\":\"k:2\"}"), "{}",
		 "k:default", "unchanged |||", false, false},
		{LIVE(DIGEST("d", "c", "l", ""), WEB), "{}", NULL, "unchanged |||", false,
		 false},
		{LIVE(DIGEST("d", "c", "l", ""), WEB), "{}", NULL, "update elsewhere|||", true,
		 false},
		/* what is not wanted any more */
		{LIVE(DIGEST("d", "c", "l", ""), "{\"key\":\"old\",\"value\":1},{\"key\":"
						 "\"provide-api-key\",\"value\":1}"),
		 "{}", "k:1", "unchanged ||old|", false, false},
		{LIVE("1", "null,{\"key\":5},{\"value\":6},{\"key\":\"x\"}"), "{}", "k:1",
		 "update unknown||x|", false, false},
	};
	struct json *digest = parsed(wanted_digest), *annotations = parsed(wanted_annotations);
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		struct json *limits = parsed(rows[i].limits);
		struct plan_wanted wanted = {.digest = digest,
					     .annotations = annotations,
					     .limits = limits,
					     .runtime = rows[i].runtime,
					     .shared = rows[i].shared,
					     .force = rows[i].force};
		char *got = decision(&wanted, rows[i].live);

		assert_string_equal(got, rows[i].want);
		free(got);
		json_free(limits);
	}
	json_free(digest);
	json_free(annotations);
}

static void limits_that_the_last_deploy_set_are_reset(void **state UNUSED)
{
	static const struct {
		const char *before, *wanted, *want;
	} rows[] = {
		{"", "{}", "null"},
		{",\"limits\":{\"timeout\":5000}", "{\"timeout\":5000}", "null"},
		{",\"limits\":{\"timeout\":5000}", "{\"memory\":128}", "{\"timeout\":3000}"},
		{",\"limits\":{\"memory\":128,\"logs\":1,\"x\":1}", "{}",
		 "{\"memory\":256,\"logs\":16}"},
		{",\"limits\":\"no\"", "{}", "null"},
	};
	struct json *digest = parsed(wanted_digest), *annotations = parsed(wanted_annotations);
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		struct json *limits = parsed(rows[i].wanted), *live;
		struct plan_wanted wanted = {
			.digest = digest, .annotations = annotations, .limits = limits};
		struct strbuf text = STRBUF_INIT;
		struct arena arena = ARENA_INIT;
		struct plan_item item;

		strbuf_addf(&text,
			    "{\"annotations\":[{\"key\":\"deployer\",\"value\":{\"digest\":"
			    "\"e\"%s}}]}",
			    rows[i].before);
		live = parsed(text.buf);
		plan_decide(&item, &wanted, live, &arena);
		strbuf_reset(&text);
		if (item.reset)
			json_write(&text, item.reset);
		assert_string_equal(item.reset ? text.buf : "null", rows[i].want);
		plan_item_release(&item);
		arena_release(&arena);
		strbuf_release(&text);
		json_free(live);
		json_free(limits);
	}
	json_free(digest);
	json_free(annotations);
}

static void binding_to_another_package_was_changed_elsewhere(void **state UNUSED)
{
	static const struct {
		const char *live, *want;
	} rows[] = {
		{"{\"namespace\":\"n\",\"name\":\"p\"}", "unchanged |||"},
		{"{\"namespace\":\"n\",\"name\":\"q\"}", "update elsewhere|||"},
		{"{\"namespace\":\"m\",\"name\":\"p\"}", "update elsewhere|||"},
		{"{}", "unchanged |||"}, /* the list tells nothing */
		{"1", "unchanged |||"},
	};
	struct json *digest = parsed(wanted_digest), *annotations = parsed(wanted_annotations);
	struct json *binding = parsed("{\"namespace\":\"n\",\"name\":\"p\"}");
	struct plan_wanted wanted = {
		.digest = digest, .annotations = annotations, .binding = binding};
	struct strbuf live = STRBUF_INIT;
	char *got;
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		strbuf_reset(&live);
		strbuf_addf(&live,
			    "{\"annotations\":[{\"key\":\"deployer\",\"value\":%s}],"
			    "\"binding\":%s}",
			    wanted_digest, rows[i].live);
		got = decision(&wanted, live.buf);
		assert_string_equal(got, rows[i].want);
		free(got);
	}
	strbuf_release(&live);
	json_free(digest);
	json_free(annotations);
	json_free(binding);
}

/* ---- the digest ---- */

struct subject {
	struct project p;
	struct function *f;
	struct artifact a;
};

static void make(struct subject *s, const char *package)
{
	*s = (struct subject){.a = {.runtime = "python:default"}};
	project_init(&s->p);
	s->f = package_add_function(&s->p, project_add_package(&s->p, package), "f");
	s->f->parameters = parsed("{\"a\":{\"x\":1,\"y\":[1,{\"m\":1,\"n\":2}]},\"b\":2}");
	s->f->environment = parsed("{\"E\":\"v\",\"F\":\"w\"}");
	s->f->annotations = parsed("{\"note\":\"hi\"}");
	memcpy(s->a.content, "c0", 3);
}

static char *digest_text(const struct subject *s, const char *member)
{
	struct json *j = digest_function(&s->p, s->f, &s->a);
	struct strbuf out = STRBUF_INIT;

	json_write(&out, json_get(j, member));
	json_free(j);
	return strbuf_detach(&out, NULL);
}

static struct json *replace(struct json *old, const char *text)
{
	json_free(old);
	return text ? parsed(text) : NULL;
}

static void with_all_reordered(struct subject *s)
{
	s->f->parameters = replace(s->f->parameters,
				   "{\"b\":2,\"a\":{\"y\":[1,{\"n\":2,\"m\":1}],\"x\":1}}");
	s->f->environment = replace(s->f->environment, "{\"F\":\"w\",\"E\":\"v\"}");
}

static void with_web_as_by_default(struct subject *s)
{
	s->f->web = WEB_YES;
}

static void with_code(struct subject *s)
{
	s->a.content[0] = 'd';
}

static void with_bytes_as_base64(struct subject *s)
{
	s->a.binary = true;
}

static void with_runtime(struct subject *s)
{
	s->a.runtime = "python:3.11";
}

static void with_main(struct subject *s)
{
	s->f->main = "go";
}

static void with_web(struct subject *s)
{
	s->f->web = WEB_NO;
}

static void with_secret(struct subject *s)
{
	s->f->web_secure = "x";
}

static void without_annotation(struct subject *s)
{
	s->f->annotations = replace(s->f->annotations, NULL);
}

static void with_parameter_order_in_a_list(struct subject *s)
{
	s->f->parameters = replace(s->f->parameters,
				   "{\"a\":{\"x\":1,\"y\":[{\"m\":1,\"n\":2},1]},\"b\":2}");
}

static void with_variable(struct subject *s)
{
	s->f->environment = replace(s->f->environment, "{\"E\":\"v\",\"F\":\"W\"}");
}

static void with_project_values(struct subject *s)
{
	s->p.parameters = parsed("{\"z\":1}");
	s->p.environment = parsed("{\"Z\":\"1\"}");
}

static void with_image(struct subject *s)
{
	s->f->docker = "me/image";
}

static void with_limit(struct subject *s)
{
	s->f->limits.memory_mb = 128;
	s->f->limits.given = true;
}

static void counts_what_makes_another_function(void **state UNUSED)
{
	static const struct {
		void (*change)(struct subject *s);
		const char *package;
		bool other;
	} rows[] = {
		{with_all_reordered, "p", false},
		{with_web_as_by_default, "p", false},
		{with_project_values, "p", false}, /* they are the package's */
		{with_project_values, "default", true},
		{with_code, "p", true},
		{with_bytes_as_base64, "p", true},
		{with_runtime, "p", true},
		{with_main, "p", true},
		{with_web, "p", true},
		{with_secret, "p", true},
		{without_annotation, "p", true},
		{with_parameter_order_in_a_list, "p", true},
		{with_variable, "p", true},
		{with_limit, "p", true},
		{with_image, "p", true},
	};
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		struct subject s;
		char *before, *after;

		make(&s, rows[i].package);
		before = digest_text(&s, "digest");
		rows[i].change(&s);
		after = digest_text(&s, "digest");
		assert_int_equal(strcmp(before, after) != 0, rows[i].other);
		free(before);
		free(after);
		project_release(&s.p);
	}
}

static void variables_have_names_and_no_values(void **state UNUSED)
{
	struct subject s;
	struct json *j;

	make(&s, "p");
	j = digest_function(&s.p, s.f, &s.a);
	assert_int_equal(json_count(json_get(j, "variables")), 2);
	assert_int_equal(json_str(json_get(json_get(j, "variables"), "E")).n, 8);
	assert_int_equal(json_str(json_get(j, "digest")).n, 64);
	assert_int_equal(json_count(json_get(j, "parts")), 5);
	json_free(j);
	project_release(&s.p);
}

static char *package_digest(const struct subject *s)
{
	struct json *j = digest_package(&s->p, s->f->package);
	char *text = xstrdup(json_cstr(json_get(j, "digest")));

	json_free(j);
	return text;
}

static void package_counts_the_projects_values_and_its_own(void **state UNUSED)
{
	struct subject s;
	struct package *pkg;
	char *texts[5];
	size_t i, k;

	make(&s, "p");
	pkg = project_package(&s.p, "p");
	texts[0] = package_digest(&s);
	with_project_values(&s);
	texts[1] = package_digest(&s);
	pkg->parameters = parsed("{\"z\":2}");
	texts[2] = package_digest(&s);
	pkg->annotations = parsed("{\"n\":2}");
	texts[3] = package_digest(&s);
	pkg->shared = true;
	texts[4] = package_digest(&s);
	for (i = 0; i < countof(texts); i++)
		for (k = 0; k < i; k++)
			assert_string_not_equal(texts[i], texts[k]);
	for (i = 0; i < countof(texts); i++)
		free(texts[i]);
	project_release(&s.p);
}

/* ---- the origin ---- */

static void repository_says_nothing_of_the_user_or_the_machine(void **state UNUSED)
{
	static const char *const rows[][2] = {
		{"https://example.org/a.git", "https://example.org/a.git"},
		{"https://u:p@example.org/a.git", "https://example.org/a.git"},
		{"https://u:p@x@example.org/a", "https://example.org/a"},
		{"https://example.org", "https://example.org"},
		{"https://u@example.org", "https://example.org"},
		{"git@example.org:a.git", "example.org:a.git"},
		{"example.org:a/b", "example.org:a/b"},
		{"", NULL},
		{"/home/u/a", NULL},
		{"a/b:c", NULL},
		{"a", NULL},
		{"https://", NULL},
		{"file:///home/u/a", NULL},
		{"https://example.org/\xff", NULL},
	};
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		struct strbuf out = STRBUF_INIT;
		bool told = origin_add_repository(&out, str_of(rows[i][0]));

		assert_int_equal(told, rows[i][1] != NULL);
		if (told)
			assert_string_equal(out.buf, rows[i][1]);
		strbuf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides_by_what_differs),
		cmocka_unit_test(limits_that_the_last_deploy_set_are_reset),
		cmocka_unit_test(binding_to_another_package_was_changed_elsewhere),
		cmocka_unit_test(counts_what_makes_another_function),
		cmocka_unit_test(variables_have_names_and_no_values),
		cmocka_unit_test(package_counts_the_projects_values_and_its_own),
		cmocka_unit_test(repository_says_nothing_of_the_user_or_the_machine),
	};

	return cmocka_run_group_tests_name("deploy plan", tests, NULL, NULL);
}
