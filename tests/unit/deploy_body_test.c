#include "deploy/body.h"

#include <stdlib.h>

#include "test.h"

/* The texts compared are the captured ones of the reference, less what dofn leaves out on
 * purpose. */

static struct json *parsed(const char *text)
{
	struct err e = ERR_INIT;
	struct json *j = json_parse(str_of(text), &e);

	assert_non_null(j);
	return j;
}

static void assert_package_body(struct project *p, struct package *pkg, const char *want)
{
	struct json *deployer = parsed("{\"digest\":\"d2\"}");
	struct json *body = package_body(p, pkg, "ns", deployer);
	struct strbuf text = STRBUF_INIT;

	json_write(&text, body);
	assert_string_equal(text.buf, want);
	strbuf_release(&text);
	json_free(body);
	json_free(deployer);
}

static void package_values_win_and_keep_the_projects_place(void **state UNUSED)
{
	struct project p;
	struct package *pkg;

	project_init(&p);
	pkg = project_add_package(&p, "p");
	p.parameters = parsed("{\"pp\":1,\"both\":\"project\"}");
	p.environment = parsed("{\"PE\":\"pe\"}");
	pkg->parameters = parsed("{\"both\":\"package\",\"kp\":\"two\"}");
	pkg->environment = parsed("{\"KE\":\"ke\",\"PE\":\"mine\"}");
	pkg->annotations = parsed("{\"note\":\"hi\"}");
	pkg->shared = true;
	assert_package_body(&p, pkg,
			    "{\"parameters\":[{\"key\":\"pp\",\"value\":1},"
			    "{\"key\":\"both\",\"value\":\"package\"},"
			    "{\"key\":\"kp\",\"value\":\"two\"},"
			    "{\"key\":\"PE\",\"value\":\"mine\",\"init\":true},"
			    "{\"key\":\"KE\",\"value\":\"ke\",\"init\":true}],"
			    "\"annotations\":[{\"key\":\"note\",\"value\":\"hi\"},"
			    "{\"key\":\"deployer\",\"value\":{\"digest\":\"d2\"}}],"
			    "\"publish\":true}");
	project_release(&p);
}

static void a_parameter_and_a_variable_of_one_name_are_both_sent(void **state UNUSED)
{
	struct project p;
	struct package *pkg;

	project_init(&p);
	pkg = project_add_package(&p, "p");
	pkg->parameters = parsed("{\"X\":1}");
	pkg->environment = parsed("{\"X\":\"v\"}");
	assert_package_body(
		&p, pkg,
		"{\"parameters\":[{\"key\":\"X\",\"value\":1},"
		"{\"key\":\"X\",\"value\":\"v\",\"init\":true}],"
		"\"annotations\":[{\"key\":\"deployer\",\"value\":{\"digest\":\"d2\"}}],"
		"\"publish\":false}");
	project_release(&p);
}

static char *function_text_less(struct project *p, struct function *f, const char *code,
				bool binary, size_t stale_n)
{
	static const char *const stale[] = {"old", "older"};
	struct artifact a = {.code = STRBUF_INIT, .runtime = "python:default"};
	struct json *deployer = parsed("{\"digest\":\"d1\"}");
	struct upload u = {
		.artifact = &a, .deployer = deployer, .stale = stale, .stale_n = stale_n};
	struct strbuf out = STRBUF_INIT;

	strbuf_adds(&a.code, code);
	a.binary = a.zipped = binary;
	function_body(&out, p, f, &u);
	strbuf_release(&a.code);
	json_free(deployer);
	return strbuf_detach(&out, NULL);
}

static char *function_text(struct project *p, struct function *f, const char *code, bool binary)
{
	return function_text_less(p, f, code, binary, 0);
}

static void assert_function_body(struct project *p, struct function *f, const char *code,
				 bool binary, const char *want)
{
	char *text = function_text(p, f, code, binary);

	assert_string_equal(text, want);
	free(text);
}

static void a_plain_function_is_a_web_function_with_its_text(void **state UNUSED)
{
	struct project p;
	struct function *f;

	project_init(&p);
	f = package_add_function(&p, project_add_package(&p, "p"), "f");
	assert_function_body(&p, f, "x = \"\\\"\n", false,
			     "{\"annotations\":[{\"key\":\"deployer\",\"value\":{\"digest\":"
			     "\"d1\"}},{\"key\":\"final\",\"value\":true},"
			     "{\"key\":\"web-export\",\"value\":true},"
			     "{\"key\":\"raw-http\",\"value\":false},"
			     "{\"key\":\"require-whisk-auth\",\"value\":false}],"
			     "\"parameters\":[],\"exec\":{\"code\":\"x = \\\"\\\\\\\"\\n\","
			     "\"binary\":false,\"kind\":\"python:default\"}}");
	project_release(&p);
}

static void everything_set_is_sent_in_the_order_of_the_reference(void **state UNUSED)
{
	struct project p;
	struct function *f;

	project_init(&p);
	f = package_add_function(&p, project_add_package(&p, "p"), "f");
	f->web = WEB_RAW;
	f->web_secure = "s3cret";
	f->main = "mymain";
	f->annotations = parsed("{\"description\":\"d\"}");
	f->parameters = parsed("{\"a\":{\"b\":[1,null]}}");
	f->environment = parsed("{\"E\":\"v\"}");
	f->limits = (struct function_limits){5000, 128, 4, true};
	assert_function_body(
		&p, f, "PK", true,
		"{\"annotations\":[{\"key\":\"description\",\"value\":\"d\"},"
		"{\"key\":\"deployer\",\"value\":{\"digest\":\"d1\"}},"
		"{\"key\":\"final\",\"value\":true},{\"key\":\"web-export\",\"value\":true},"
		"{\"key\":\"raw-http\",\"value\":true},"
		"{\"key\":\"require-whisk-auth\",\"value\":\"s3cret\"}],"
		"\"parameters\":[{\"key\":\"a\",\"value\":{\"b\":[1,null]}},"
		"{\"key\":\"E\",\"value\":\"v\",\"init\":true}],"
		"\"exec\":{\"code\":\"UEs=\",\"binary\":true,\"kind\":\"python:default\","
		"\"main\":\"mymain\"},\"limits\":{\"timeout\":5000,\"memory\":128,\"logs\":4}"
		"}");
	project_release(&p);
}

static void empty_limits_are_sent_as_given(void **state UNUSED)
{
	struct project p;
	struct function *f;
	char *text;

	project_init(&p);
	f = package_add_function(&p, project_add_package(&p, "p"), "f");
	f->web = WEB_NO;
	f->limits.given = true;
	text = function_text(&p, f, "", false);
	assert_non_null(strstr(text, ",\"limits\":{}}"));
	assert_non_null(strstr(text, "{\"key\":\"web-export\",\"value\":false}"));
	free(text);
	project_release(&p);
}

static void a_function_without_a_package_gets_the_projects_values(void **state UNUSED)
{
	struct project p;
	struct function *f;
	char *text;

	project_init(&p);
	p.parameters = parsed("{\"a\":1,\"b\":2}");
	p.environment = parsed("{\"E\":\"project\"}");
	f = package_add_function(&p, project_add_package(&p, "default"), "f");
	f->parameters = parsed("{\"b\":3}");
	text = function_text(&p, f, "", false);
	assert_non_null(strstr(text, "\"parameters\":[{\"key\":\"a\",\"value\":1},"
				     "{\"key\":\"b\",\"value\":3},"
				     "{\"key\":\"E\",\"value\":\"project\",\"init\":true}]"));
	free(text);
	project_release(&p);
}

static void annotations_that_are_no_longer_wanted_are_named(void **state UNUSED)
{
	struct project p;
	struct function *f;
	char *text;

	project_init(&p);
	f = package_add_function(&p, project_add_package(&p, "p"), "f");
	text = function_text_less(&p, f, "", false, 2);
	assert_non_null(strstr(text, ",\"delAnnotations\":[\"old\",\"older\"]}"));
	free(text);
	project_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(package_values_win_and_keep_the_projects_place),
		cmocka_unit_test(a_parameter_and_a_variable_of_one_name_are_both_sent),
		cmocka_unit_test(a_plain_function_is_a_web_function_with_its_text),
		cmocka_unit_test(everything_set_is_sent_in_the_order_of_the_reference),
		cmocka_unit_test(empty_limits_are_sent_as_given),
		cmocka_unit_test(a_function_without_a_package_gets_the_projects_values),
		cmocka_unit_test(annotations_that_are_no_longer_wanted_are_named),
	};

	return cmocka_run_group_tests_name("deploy body", tests, NULL, NULL);
}
