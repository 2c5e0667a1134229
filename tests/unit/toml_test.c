#include "build/toml.h"

#include "base/strbuf.h"
#include "test.h"

static void dependencies_are_found_wherever_they_stand(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool listed, dynamic, poetry;
	} cases[] = {
		{"", false, false, false},
		{"[project]\ndependencies = ['a']\n", true, false, false},
		{"\xef\xbb\xbf[project]\r\ndependencies = [\r\n  \"a\",\r\n]\r\n", true, false,
		 false},
		{"[project]\ndependencies = []\n", false, false, false},
		{"[project]\ndependencies = [ # 'a'\n# 'b',\n]\n", false, false, false},
		{"[ project ] # x\n\"dependencies\" = [\n# one\n'a', # two\n]\n", true, false,
		 false},
		{"project.dependencies = ['a']", true, false, false},
		{"project = {name = 'x', dependencies = [\"a\"]}\n", true, false, false},
		{"[project]\nname = '''\n[x]\n'''\ndependencies = ['a']\n", true, false, false},
		{"[project]\nreadme = \"\"\"\n\\\"\"\"dependencies = ['a']\n\"\"\"\n", false,
		 false, false},
		{"[project]\ntext = \"\"\"x\"\"\"\"\"\ndependencies = ['a']\n", true, false,
		 false},
		{"[project]\ntext = 'C:\\'\ndependencies = ['a']\n", true, false, false},
		{"[project]\ntext = \"\\\"]\"\nn = -1.5e+3\nd = 1979-05-27T07:32:00Z\nb = "
		 "true\n"
		 "dependencies = ['a']\n",
		 true, false, false},
		{"[project]\nd = 1979-05-27 07:32:00\ndependencies = ['a']\n", true, false,
		 false},
		{"[project.optional-dependencies]\ndependencies = ['a']\n", false, false,
		 false},
		{"[[project]]\nx = 1\n[tool]\ndependencies = ['a']\n", false, false, false},
		{"[project]\nx = [[1, 2], {a = ['dependencies']}]\n", false, false, false},
		{"[project]\ndynamic = ['version', \"dependencies\"]\n", false, true, false},
		{"[project]\ndynamic = ['version']\n", false, false, false},
		{"[tool.poetry.dependencies]\npython = '^3.11'\n", false, false, false},
		{"[tool.poetry.dependencies]\npython = '^3.11'\ngreet = {version = '1'}\n",
		 false, false, true},
		{"[tool.poetry.dependencies.greet]\nversion = '1'\n", false, false, true},
		{"[tool.poetry.group.dev.dependencies]\ngreet = '1'\n", false, false, false},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct toml_dependencies d = toml_dependencies(str_of(cases[i].text));

		if (d.listed != cases[i].listed || d.dynamic != cases[i].dynamic ||
		    d.poetry != cases[i].poetry)
			fail_msg("%s", cases[i].text);
	}
}

static void reading_ends_at_what_is_no_toml(void **state UNUSED)
{
	static const char *const texts[] = {
		"[project\ndependencies = ['a']\n",
		"[project]\nname\ndependencies = ['a']\n",
		"[project]\nname = \ndependencies = ['a']\n",
		"[project]\nname = 'x\ndependencies = ['a']\n",
		"[project]\nname = 'x' 'y'\ndependencies = ['a']\n",
		"[project]\nx = ['a' 'b']\ndependencies = ['a']\n",
		"[project]\nx = {a = 1 b = 2}\ndependencies = ['a']\n",
		"[project]\nx = {a = 1,\ndependencies = ['a']\n",
		"[project] dependencies = ['a']\n",
		"[[project]\ndependencies = ['a']\n",
		"[project]\n$ = 1\ndependencies = ['a']\n",
		"[project]\nx = '''\ndependencies = ['a']\n",
		"=\n[project]\ndependencies = ['a']\n",
	};
	size_t i;

	for (i = 0; i < countof(texts); i++)
		if (toml_dependencies(str_of(texts[i])).listed)
			fail_msg("%s", texts[i]);
}

static void depth_and_length_have_bounds(void **state UNUSED)
{
	struct strbuf text = STRBUF_INIT;
	int i;

	strbuf_adds(&text, "x = ");
	for (i = 0; i < 100000; i++)
		strbuf_addc(&text, '[');
	assert_false(toml_dependencies(strbuf_str(&text)).listed);
	strbuf_reset(&text);
	for (i = 0; i < 1000; i++)
		strbuf_adds(&text, "project.");
	strbuf_adds(&text, "x = 1\nproject.dependencies = ['a']\n");
	assert_true(toml_dependencies(strbuf_str(&text)).listed);
	strbuf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dependencies_are_found_wherever_they_stand),
		cmocka_unit_test(reading_ends_at_what_is_no_toml),
		cmocka_unit_test(depth_and_length_have_bounds),
	};

	return cmocka_run_group_tests_name("toml", tests, NULL, NULL);
}
