#include "deploy/upload.h"

#include <stdlib.h>

#include "base/base64.h"

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

/* Everything that a request would get of it, in reads of n bytes at most. */
static void read_body(struct strbuf *out, const struct http_source *source, size_t n)
{
	struct err e = ERR_INIT;
	char buf[8192];
	ssize_t got;

	source->rewind(source->arg);
	while (out->len < source->size) {
		got = source->read(source->arg, buf, n, &e);
		assert_true(got > 0 && (size_t)got <= n);
		strbuf_add(out, buf, (size_t)got);
	}
	assert_int_equal(out->len, source->size);
	assert_int_equal(source->read(source->arg, buf, n, &e), 0);
}

/* The artifact's code, from its place in a spool on. */
static void spool_code(struct spool *spool, struct artifact *a, struct str code)
{
	struct err e = ERR_INIT;

	assert_int_equal(spool_add(spool, "before", 6, &e), 0);
	a->at = spool->n;
	a->bytes = code.n;
	assert_int_equal(spool_add(spool, code.p, code.n, &e), 0);
	assert_int_equal(spool_add(spool, "behind", 6, &e), 0);
}

static char *function_text_less(struct project *p, struct function *f, const char *code,
				bool binary, size_t stale_n)
{
	static const char *const stale[] = {"old", "older"};
	struct artifact a = {.runtime = "python:default", .binary = binary, .zipped = binary};
	struct json *deployer = parsed("{\"digest\":\"d1\"}");
	struct upload u = {
		.artifact = &a, .deployer = deployer, .stale = stale, .stale_n = stale_n};
	struct strbuf out = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct upload_body *body;
	struct spool spool;

	spool_init(&spool, NULL, SIZE_MAX);
	spool_code(&spool, &a, str_of(code));
	body = upload_body_new(&spool, p, f, &u, &e);
	assert_non_null(body);
	read_body(&out, upload_body_source(body), 7);
	upload_body_free(body);
	spool_release(&spool);
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

static void a_limit_that_is_gone_goes_back_to_the_platforms(void **state UNUSED)
{
	struct artifact a = {.runtime = "python:default"};
	struct json *reset = parsed("{\"memory\":256}");
	struct upload u = {.artifact = &a, .reset = reset};
	struct strbuf out = STRBUF_INIT;
	struct project p;
	struct function *f;

	project_init(&p);
	f = package_add_function(&p, project_add_package(&p, "p"), "f");
	function_body(&out, &out, &p, f, &u);
	assert_non_null(strstr(out.buf, ",\"limits\":{\"memory\":256}}"));
	strbuf_reset(&out);
	f->limits = (struct function_limits){.timeout_ms = 5000, .given = true};
	values_body(&out, &p, f, &u);
	assert_non_null(strstr(out.buf, ",\"limits\":{\"timeout\":5000,\"memory\":256}}"));
	strbuf_release(&out);
	json_free(reset);
	project_release(&p);
}

static void a_sequence_and_an_image_say_what_runs(void **state UNUSED)
{
	struct artifact a = {.runtime = "blackbox"};
	struct json *components = parsed("[\"/ns/p/a\"]");
	struct upload image = {.artifact = &a}, list = {.components = components};
	struct strbuf out = STRBUF_INIT;
	struct project p;
	struct function *f;

	project_init(&p);
	f = package_add_function(&p, project_add_package(&p, "p"), "f");
	function_body(&out, &out, &p, f, &list);
	assert_non_null(strstr(out.buf, ",\"exec\":{\"kind\":\"sequence\",\"components\":["
					"\"/ns/p/a\"]}}"));
	strbuf_reset(&out);
	f->docker = "me/image";
	function_body(&out, &out, &p, f, &image);
	assert_non_null(strstr(out.buf, ",\"exec\":{\"binary\":false,\"kind\":\"blackbox\","
					"\"image\":\"me/image\"}}"));
	strbuf_reset(&out);
	a.files = 1;
	function_body(&out, &out, &p, f, &image);
	assert_non_null(strstr(out.buf, "\"exec\":{\"code\":\"\",\"binary\":false,"));
	strbuf_release(&out);
	json_free(components);
	project_release(&p);
}

static void a_binding_names_the_namespace(void **state UNUSED)
{
	static const char *const rows[][2] = {{"_", "ns"}, {"other", "other"}};
	struct package pkg = {.name = "b"};
	struct json *j;
	size_t i;

	assert_null(binding_body(&pkg, "ns"));
	pkg.binding.name = "p";
	for (i = 0; i < countof(rows); i++) {
		pkg.binding.namespace = rows[i][0];
		j = binding_body(&pkg, "ns");
		assert_string_equal(json_cstr(json_get(j, "namespace")), rows[i][1]);
		assert_string_equal(json_cstr(json_get(j, "name")), "p");
		json_free(j);
	}
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

/* What stands between the quotes of "code" in a body made of these bytes. */
static void assert_code(struct str code, bool binary, size_t read_n)
{
	struct artifact a = {.runtime = "python:default", .binary = binary};
	struct upload u = {.artifact = &a};
	struct strbuf text = STRBUF_INIT, want = STRBUF_INIT;
	struct upload_body *body;
	struct err e = ERR_INIT;
	struct spool spool;
	struct project p;
	struct json *j;

	project_init(&p);
	spool_init(&spool, NULL, read_n % 2 ? 0 : SIZE_MAX); /* in a file and in memory */
	spool_code(&spool, &a, code);
	body = upload_body_new(&spool, &p,
			       package_add_function(&p, project_add_package(&p, "p"), "f"), &u,
			       &e);
	assert_non_null(body);
	read_body(&text, upload_body_source(body), read_n);
	j = json_parse(strbuf_str(&text), &e);
	assert_non_null(j);
	if (binary)
		base64_encode(&want, code.p, code.n);
	else
		strbuf_addstr(&want, code);
	assert_true(str_eq(json_str(json_get(json_get(j, "exec"), "code")), strbuf_str(&want)));
	json_free(j);
	upload_body_free(body);
	spool_release(&spool);
	project_release(&p);
	strbuf_release(&text);
	strbuf_release(&want);
}

/* Code is encoded 48 KiB at a time. */
static void code_of_any_length_comes_whole(void **state UNUSED)
{
	static const size_t sizes[] = {0, 1, 2, 3, 49151, 49152, 49153, 98304, 200000};
	static const size_t reads[] = {8192, 4093};
	struct strbuf bytes = STRBUF_INIT;
	size_t i, j;

	for (i = 0; i < 200000; i++)
		strbuf_addc(&bytes, (char)(i * 31 % 251));
	for (i = 0; i < countof(sizes); i++)
		for (j = 0; j < countof(reads); j++)
			assert_code((struct str){bytes.buf, sizes[i]}, true, reads[j]);
	strbuf_release(&bytes);
}

static void text_is_not_cut_inside_of_a_character(void **state UNUSED)
{
	static const char *const characters[] = {
		"a", "\"", "\n", "\303\274", "\342\202\254", "\360\237\230\200"};
	struct strbuf text = STRBUF_INIT;
	size_t i, shift;

	for (i = 0; i < countof(characters); i++)
		for (shift = 0; shift < 4; shift++) {
			strbuf_reset(&text);
			strbuf_add(&text, "...", shift);
			while (text.len < 120000)
				strbuf_adds(&text, characters[i]);
			assert_code(strbuf_str(&text), false, 8191);
		}
	strbuf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(package_values_win_and_keep_the_projects_place),
		cmocka_unit_test(a_parameter_and_a_variable_of_one_name_are_both_sent),
		cmocka_unit_test(a_plain_function_is_a_web_function_with_its_text),
		cmocka_unit_test(everything_set_is_sent_in_the_order_of_the_reference),
		cmocka_unit_test(empty_limits_are_sent_as_given),
		cmocka_unit_test(a_limit_that_is_gone_goes_back_to_the_platforms),
		cmocka_unit_test(a_sequence_and_an_image_say_what_runs),
		cmocka_unit_test(a_binding_names_the_namespace),
		cmocka_unit_test(a_function_without_a_package_gets_the_projects_values),
		cmocka_unit_test(annotations_that_are_no_longer_wanted_are_named),
		cmocka_unit_test(code_of_any_length_comes_whole),
		cmocka_unit_test(text_is_not_cut_inside_of_a_character),
	};

	return cmocka_run_group_tests_name("deploy body", tests, NULL, NULL);
}
