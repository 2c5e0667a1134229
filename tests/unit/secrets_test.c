#include "secrets/secrets.h"

#include "base/clock.h"
#include "base/strbuf.h"
#include "test.h"

#define PEM_KEY "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
#define AWS "credentials of AWS"
#define NPM "credentials of npm"

static void files_with_secrets_are_known(void **state UNUSED)
{
	static const struct {
		const char *path, *text, *want;
	} cases[] = {
		{"id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3\n", "a private key"},
		{"d/id_work", "-----BEGIN RSA PRIVATE KEY-----\r\n", "a private key"},
		{"server.pem", "Bag Attributes\n-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
		 "a private key"},
		{"SERVER.KEY", PEM_KEY, "a private key"},
		{"deploy", PEM_KEY, "a private key"},
		{"x.ppk", "PuTTY-User-Key-File-3: ssh-ed25519\n", "a private key"},
		{"x.asc", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n", "a private key"},
		{"node_modules/m/id_rsa", PEM_KEY, "a private key"},
		{"cacert.pem", "-----BEGIN CERTIFICATE-----\nMII\n", NULL},
		{"id_rsa.pub", PEM_KEY, NULL},
		{"id_rsa", "ssh-rsa AAAA\n", NULL},
		{"a.py", "KEY = '''\n" PEM_KEY "'''\n", NULL},
		{"key.pem", "x -----BEGIN PRIVATE KEY-----\n", NULL},
		{"key.pem", "", NULL},
		{".npmrc", "//registry.npmjs.org/:_authToken=npm_x\n", NPM},
		{".npmrc", "a=1\n_auth = \"eA==\"", NPM},
		{".npmrc", "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n", NULL},
		{".npmrc", "# _authToken=x\n; _auth=x\nregistry=https://r.example/\n", NULL},
		{".npmrc", "_authToken=\n", NULL},
		{".yarnrc.yml", "npmAuthToken: \"t\"\n", "credentials of Yarn"},
		{".pypirc", "[pypi]\nusername = __token__\npassword = pypi-x\n",
		 "credentials of PyPI"},
		{".pypirc", "[pypi]\nusername: u\npassword: p\n", "credentials of PyPI"},
		{".pypirc", "[pypi]\nrepository = https://pypi.example\n", NULL},
		{"pip.conf", "[global]\nindex-url = https://u:p@pypi.example/simple\n",
		 "credentials of pip"},
		{"pip.conf", "[global]\nindex-url = https://${U}:${P}@pypi.example/s\n", NULL},
		{"pip.conf", "[global]\nindex-url = https://pypi.example:8080/a@b\n", NULL},
		{".git-credentials", "https://<u>:${P}@a.example\nhttps://u:p@b.example\n",
		 "credentials of git"},
		{".netrc", "machine a.example login u password p", "passwords"},
		{"_netrc", "machine a.example\n\tlogin u\n\tpassword\tp\n", "passwords"},
		{".netrc", "machine a.example login password", NULL},
		{".aws/credentials", "[default]\naws_secret_access_key = x\n", AWS},
		{"d/.aws/config", "aws_secret_access_key=x\n", AWS},
		{"aws/credentials", "aws_secret_access_key=x\n", NULL},
		{"x.aws/credentials", "aws_secret_access_key=x\n", NULL},
		{".aws/credentials", "[default]\naws_access_key_id = x\n", NULL},
		{"d/.aws/sso/cache/0a1b.json", "{\"accessToken\": \"x\"}", AWS},
		{".aws/sso/cache/0a1b.json", "{\"accessToken\": \"\"}", NULL},
		{".aws/sso/cache/d/0a1b.json", "{\"accessToken\": \"x\"}", NULL},
		{".aws/cli/cache/0a.json", "{\"Credentials\":{\"SecretAccessKey\":\"x\"}}",
		 AWS},
		{"x.aws/cli/cache/0a.json", "{\"SecretAccessKey\":\"x\"}", NULL},
		{".docker/config.json", "{\"auths\":{\"r.example\":{\"auth\": \"eDp5\"}}}",
		 "credentials of Docker"},
		{".docker/config.json", "{\"auths\":{\"r.example\":{}},\"auth\":\"\"}", NULL},
		{".docker/config.json", "{\"a\":\"auth\", \"credsStore\": \"pass\"}", NULL},
		{"gcloud/application_default_credentials.json", "{\"refresh_token\": \"1//x\"}",
		 "credentials of Google Cloud"},
		{"service.json", "{\"private_key\" :\n\"-----BEGIN PRIVATE KEY-----\\nM\"}",
		 "a private key"},
		{"package.json", "{\"private_key\": \"where it is\"}", NULL},
		{"doctl/config.yaml", "access-token: dop_v1_x\n",
		 "credentials of DigitalOcean"},
		{"doctl/config.yaml", "access-token: \"\"\ncontext: default\n", NULL},
		{".kube/config", "users:\n- user:\n    token: x\n",
		 "credentials of Kubernetes"},
		{"my-kubeconfig.yaml", "    client-key-data: LS0t\n",
		 "credentials of Kubernetes"},
		{".cargo/credentials.toml", "[registry]\ntoken = \"x\"\n",
		 "credentials of Cargo"},
		{".gem/credentials", "---\n:rubygems_api_key: rubygems_x\n",
		 "credentials of RubyGems"},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct str path = str_of(cases[i].path);
		const char *got = secrets_find(path, str_of(cases[i].text));

		if (!got != !cases[i].want || (got && strcmp(got, cases[i].want) != 0))
			fail_msg("row %zu '%s': %s", i, cases[i].path, got ? got : "nothing");
		if (got)
			assert_true(secrets_may_be_in(path));
	}
}

static void only_names_that_may_hold_a_secret_are_read(void **state UNUSED)
{
	static const char *const read[] = {"id_x.py",
					   "a/LICENSE",
					   "a.json",
					   "x.PEM",
					   "node_modules/a/x.pem",
					   "node_modules/.npmrc",
					   "site-packages/id_rsa"};
	static const char *const not_read[] = {"a.py",
					       "a.js",
					       "id_rsa.pub",
					       "node_modules/a/LICENSE",
					       "node_modules/a/package.json",
					       "x/site-packages/METADATA"};
	size_t i;

	for (i = 0; i < countof(read); i++)
		assert_true(secrets_may_be_in(str_of(read[i])));
	for (i = 0; i < countof(not_read); i++)
		if (secrets_may_be_in(str_of(not_read[i])))
			fail_msg("'%s'", not_read[i]);
}

static void folders_of_dependencies(void **state UNUSED)
{
	assert_true(secrets_is_dependency(STR("virtualenv/lib/python3.11/site-packages/a/k")));
	assert_true(secrets_is_dependency(STR("node_modules/a")));
	assert_true(secrets_is_dependency(STR("vendor/a/b")));
	assert_false(secrets_is_dependency(STR("node_modules")));
	assert_false(secrets_is_dependency(STR("my_node_modules/a")));
	assert_false(secrets_is_dependency(STR("a.py")));
}

static void env_files(void **state UNUSED)
{
	assert_true(secrets_is_env(STR(".env")));
	assert_true(secrets_is_env(STR("d/.env.local")));
	assert_false(secrets_is_env(STR("env")));
	assert_false(secrets_is_env(STR(".env/x")));
}

/* As much of one byte or word as is judged, for every file that is read at all. */
static void hostile_text_takes_bounded_time(void **state UNUSED)
{
	static const char *const paths[] = {".npmrc", "pip.conf", ".netrc",      ".dockercfg",
					    "a.json", "id_rsa",   ".kube/config"};
	static const char *const units[] = {
		" ",       "=",         "_auth=", "_auth= ", "\"auth\"", "//u:${P}@",
		"token: ", "password ", "\n",     "auth\":", "\0"};
	uint64_t start = clock_monotonic_ms();
	size_t i, j;

	for (i = 0; i < countof(units); i++) {
		struct strbuf text = STRBUF_INIT;

		while (text.len < SECRETS_MAX_BYTES / 2)
			strbuf_add(&text, units[i], strlen(units[i]) + (*units[i] == '\0'));
		while (text.len / 2 < SECRETS_MAX_BYTES)
			strbuf_addc(&text, ' ');
		for (j = 0; j < countof(paths); j++)
			(void)secrets_find(str_of(paths[j]), strbuf_str(&text));
		strbuf_release(&text);
	}
	assert_true(clock_monotonic_ms() - start < 3000);
}

static void a_secret_behind_the_ceiling_is_not_looked_for(void **state UNUSED)
{
	struct strbuf text = STRBUF_INIT;

	while (text.len < SECRETS_MAX_BYTES)
		strbuf_addc(&text, '\n');
	strbuf_adds(&text, PEM_KEY);
	assert_null(secrets_find(STR("id_rsa"), strbuf_str(&text)));
	assert_string_equal(secrets_find(STR("id_rsa"), str_from(strbuf_str(&text), 100)),
			    "a private key");
	strbuf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_with_secrets_are_known),
		cmocka_unit_test(only_names_that_may_hold_a_secret_are_read),
		cmocka_unit_test(folders_of_dependencies),
		cmocka_unit_test(env_files),
		cmocka_unit_test(hostile_text_takes_bounded_time),
		cmocka_unit_test(a_secret_behind_the_ceiling_is_not_looked_for),
	};

	return cmocka_run_group_tests_name("secrets", tests, NULL, NULL);
}
