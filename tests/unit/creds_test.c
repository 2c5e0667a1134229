#include "creds/creds.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/fs.h"
#include "test.h"

/* Each test has a configuration folder of its own and none of the variables that count. */
static char home[64];

static int set_up(void **state UNUSED)
{
	static const char *const names[] = {"CI", "DOFN_APIHOST", "DOFN_AUTH",
					    "DIGITALOCEAN_ACCESS_TOKEN", "DIGITALOCEAN_TOKEN"};
	size_t i;

	for (i = 0; i < countof(names); i++)
		unsetenv(names[i]);
	snprintf(home, sizeof(home), "/tmp/dofn-creds-XXXXXX");
	assert_non_null(mkdtemp(home));
	setenv("XDG_CONFIG_HOME", home, 1);
	return 0;
}

static int tear_down(void **state UNUSED)
{
	struct err e = ERR_INIT;

	assert_int_equal(fs_remove_tree(AT_FDCWD, home, &e), 0);
	return 0;
}

static void assert_refused(const char *apihost, const char *auth, enum err_code code,
			   const char *part)
{
	struct err e = ERR_INIT;
	struct creds c;

	assert_int_equal(creds_find(apihost, auth, &c, &e), -1);
	assert_int_equal(e.code, code);
	if (!strstr(e.msg, part))
		fail_msg("'%s' is not in: %s", part, e.msg);
	creds_release(&c);
	err_clear(&e);
}

static struct creds found(const char *apihost, const char *auth)
{
	struct err e = ERR_INIT;
	struct creds c;

	if (creds_find(apihost, auth, &c, &e) < 0)
		fail_msg("%s", e.msg);
	return c;
}

static void flags_come_first(void **state UNUSED)
{
	struct creds c;

	setenv("DOFN_APIHOST", "other.example", 1);
	setenv("DOFN_AUTH", "x:y", 1);
	c = found("host.example", "a:b");
	assert_int_equal(c.from, CREDS_FLAGS);
	assert_string_equal(c.api_host, "https://host.example");
	assert_string_equal(c.auth, "a:b");
	creds_release(&c);
}

static void a_bare_word_is_a_host_of_digitalocean(void **state UNUSED)
{
	struct creds c = found("faas-nyc1-2ef2e6cc", "a:b");

	assert_string_equal(c.api_host, "https://faas-nyc1-2ef2e6cc.doserverless.co");
	creds_release(&c);
	c = found("localhost:3233", "a:b");
	assert_string_equal(c.api_host, "http://localhost:3233");
	creds_release(&c);
}

static void one_of_a_pair_is_refused(void **state UNUSED)
{
	assert_refused("host.example", NULL, ERR_USAGE, "together");
	assert_refused(NULL, "a:b", ERR_USAGE, "together");
	setenv("DOFN_AUTH", "a:b", 1);
	assert_refused(NULL, NULL, ERR_USAGE, "DOFN_APIHOST and DOFN_AUTH");
}

static void a_key_without_a_colon_is_refused(void **state UNUSED)
{
	assert_refused("host.example", "secret", ERR_USAGE, "user:password");
	assert_refused("host.example", "a:b\nX: y", ERR_USAGE, "user:password");
}

static void variables_come_before_what_is_stored(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct creds c;

	assert_int_equal(creds_store_local(&e), 0);
	setenv("DOFN_APIHOST", "http://127.0.0.1:1", 1);
	setenv("DOFN_AUTH", "a:b", 1);
	c = found(NULL, NULL);
	assert_int_equal(c.from, CREDS_ENVIRONMENT);
	assert_string_equal(c.api_host, "http://127.0.0.1:1");
	creds_release(&c);
}

static void what_was_stored_is_found_again(void **state UNUSED)
{
	char host[] = "https://faas.example", key[] = "dof_v1_a:b", ns[] = "fn-1",
	     label[] = "mine", api_url[] = "https://api.example";
	struct creds in = {CREDS_STORED, host, key, ns, label, api_url};
	struct err e = ERR_INIT;
	struct creds c;

	assert_int_equal(creds_store(&in, &e), 0);
	c = found(NULL, NULL);
	assert_int_equal(c.from, CREDS_STORED);
	assert_string_equal(c.api_host, in.api_host);
	assert_string_equal(c.auth, in.auth);
	assert_string_equal(c.namespace, in.namespace);
	assert_string_equal(c.label, in.label);
	assert_string_equal(c.api_url, in.api_url);
	creds_release(&c);
	in.api_url = NULL;
	assert_int_equal(creds_store(&in, &e), 0);
	c = found(NULL, NULL);
	assert_null(c.api_url);
	creds_release(&c);
}

static void the_file_is_readable_by_its_owner_only(void **state UNUSED)
{
	struct err e = ERR_INIT;
	char path[128];
	struct stat st;
	mode_t old = umask(0);

	assert_int_equal(creds_store_local(&e), 0);
	umask(old);
	snprintf(path, sizeof(path), "%s/dofn/credentials.json", home);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	snprintf(path, sizeof(path), "%s/dofn", home);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void nothing_connected_means_local(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct creds c = found(NULL, NULL);

	assert_int_equal(c.from, CREDS_LOCAL_DEFAULT);
	assert_null(c.api_host);
	creds_release(&c);
	setenv("CI", "false", 1);
	c = found(NULL, NULL);
	assert_int_equal(c.from, CREDS_LOCAL_DEFAULT);
	creds_release(&c);
	assert_int_equal(creds_store_local(&e), 0);
	c = found(NULL, NULL);
	assert_int_equal(c.from, CREDS_LOCAL);
	creds_release(&c);
}

static void ci_and_a_token_want_a_choice(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct creds c;

	setenv("CI", "true", 1);
	assert_refused(NULL, NULL, ERR_AUTH, "CI is set");
	unsetenv("CI");
	setenv("DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_secret", 1);
	assert_refused(NULL, NULL, ERR_AUTH, "dofn connect");
	setenv("CI", "true", 1);
	assert_int_equal(creds_store_local(&e), 0);
	c = found(NULL, NULL);
	assert_int_equal(c.from, CREDS_LOCAL);
	creds_release(&c);
}

static void a_damaged_file_says_how_to_mend_it(void **state UNUSED)
{
	static const struct {
		const char *text, *part;
	} rows[] = {
		{"", "damaged"},
		{"{", "damaged"},
		{"[]", "no usable credentials"},
		{"{}", "no usable credentials"},
		{"{\"currentHost\":\"h\",\"currentNamespace\":\"n\"}", "no usable credentials"},
		{"{\"currentHost\":\"h\",\"currentNamespace\":\"n\",\"credentials\":{\"h\":{"
		 "\"n\":"
		 "{\"api_key\":7}}}}",
		 "no usable credentials"},
	};
	struct err e = ERR_INIT;
	char path[128];
	size_t i;

	assert_int_equal(creds_store_local(&e), 0);
	snprintf(path, sizeof(path), "%s/dofn/credentials.json", home);
	for (i = 0; i < countof(rows); i++) {
		assert_int_equal(
			fs_write_atomic(AT_FDCWD, path, str_of(rows[i].text), 0600, &e), 0);
		setenv("CI", "", 1);
		assert_refused(NULL, NULL, i < 2 ? ERR_REMOTE : ERR_AUTH, rows[i].part);
	}
}

static void access_keys_have_one_form(void **state UNUSED)
{
	static const struct {
		const char *key, *part;
	} rows[] = {
		{"abc:def", "begins with"},
		{"dof_v1_abc", "no ':'"},
		{"dof_v1_a:b:c", "more than one ':'"},
		{"dof_v1_:b", "id is empty"},
		{"dof_v1_a:", "secret is empty"},
	};
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		assert_int_equal(creds_check_access_key(rows[i].key, &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
		assert_non_null(strstr(e.msg, rows[i].part));
		err_clear(&e);
	}
	assert_int_equal(creds_check_access_key("dof_v1_a:b", &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(flags_come_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_bare_word_is_a_host_of_digitalocean, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(one_of_a_pair_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_key_without_a_colon_is_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(variables_come_before_what_is_stored, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_was_stored_is_found_again, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_file_is_readable_by_its_owner_only, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(nothing_connected_means_local, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(ci_and_a_token_want_a_choice, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_file_says_how_to_mend_it, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(access_keys_have_one_form, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("creds", tests, NULL, NULL);
}
