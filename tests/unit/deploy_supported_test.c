#include "config/config.h"
#include "deploy/supported.h"
#include "test.h"

/* What project_check_deployable() says of a text, as "line:col text" lines. */
static char *check(const char *text, int *result)
{
	struct project p;
	struct diags d = DIAGS_INIT;
	struct strbuf out = STRBUF_INIT;
	size_t i;

	project_init(&p);
	p.config = (struct diag_source){"project.yml", str_of(text)};
	config_read(&p, &(struct config_options){0}, &d);
	if (d.list.n)
		fail_msg("%s", d.list.v[0].text);
	*result = project_check_deployable(&p, &d);
	diags_sort(&d);
	for (i = 0; i < d.list.n; i++)
		strbuf_addf(&out, "%u:%u %s\n", d.list.v[i].pos.line, d.list.v[i].pos.col,
			    d.list.v[i].text);
	diags_release(&d);
	project_release(&p);
	return strbuf_detach(&out, NULL);
}

static void keys_that_would_be_left_undone_are_found(void **state UNUSED)
{
	int result;
	char *got = check("targetNamespace: x\n"
			  "packages:\n"
			  "- {name: a, binding: {namespace: n, name: m}}\n"
			  "- name: p\n"
			  "  functions:\n"
			  "  - name: f\n"
			  "    remoteBuild: true\n"
			  "    docker: image\n"
			  "    triggers: [{name: t, type: SCHEDULED, scheduledDetails: {cron: "
			  "'* * * * *'}}]\n"
			  "  - {name: s, sequence: [p/f]}\n",
			  &result);

	assert_int_equal(result, -1);
	assert_string_equal(got, "9:5 'triggers' is not carried out by deploy yet\n");
	free(got);
}

static void empty_and_false_ones_do_not_matter(void **state UNUSED)
{
	int result;
	char *got =
		check("targetNamespace: ''\n"
		      "packages:\n"
		      "- name: p\n"
		      "  binding:\n"
		      "  functions: [{name: f, triggers: [], remoteBuild: false, localBuild: "
		      "true, file: x.py}]\n",
		      &result);

	assert_int_equal(result, 0);
	assert_string_equal(got, "");
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_that_would_be_left_undone_are_found),
		cmocka_unit_test(empty_and_false_ones_do_not_matter),
	};

	return cmocka_run_group_tests_name("deploy_supported", tests, NULL, NULL);
}
