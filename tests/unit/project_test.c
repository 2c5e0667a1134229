#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "project/project.h"
#include "test.h"
#include "json/json.h"

static void names_follow_the_platform_grammar(void **state UNUSED)
{
	static const struct {
		struct str name;
		bool valid;
	} rows[] = {
		{STR("a"), true},           {STR("_"), true},         {STR("9"), true},
		{STR("hello-world"), true}, {STR("a.b@c&d e"), true}, {STR("a-"), true},
		{STR("a."), true},          {STR("Z_9"), true},       {STR(""), false},
		{STR("-a"), false},         {STR(".a"), false},       {STR(" a"), false},
		{STR("a "), false},         {STR("a/b"), false},      {STR("../x"), false},
		{STR("a\0b"), false},       {STR("a\n"), false},      {STR("a\tb"), false},
		{STR("\xc3\xa4"), false},   {STR("a:b"), false},      {STR("a%"), false},
	};
	char longest[258];
	size_t i;

	for (i = 0; i < countof(rows); i++)
		assert_int_equal(name_is_valid(rows[i].name), rows[i].valid);
	memset(longest, 'a', sizeof(longest));
	assert_true(name_is_valid((struct str){longest, 256}));
	assert_false(name_is_valid((struct str){longest, 257}));
	assert_false(name_is_valid((struct str){NULL, 0}));
}

static void packages_and_functions_are_found_by_name(void **state UNUSED)
{
	struct project p;
	struct package *a, *b;
	struct function *f;
	char name[] = "a";

	project_init(&p);
	a = project_add_package(&p, name);
	name[0] = 'x'; /* the name was copied */
	b = project_add_package(&p, "default");
	f = package_add_function(&p, a, "f");
	package_add_function(&p, b, "f");
	package_add_function(&p, b, "g");
	assert_ptr_equal(project_package(&p, "a"), a);
	assert_ptr_equal(project_package(&p, "default"), b);
	assert_null(project_package(&p, "x"));
	assert_ptr_equal(package_function(a, "f"), f);
	assert_null(package_function(a, "g"));
	assert_ptr_equal(package_function(b, "g")->package, b);
	assert_int_equal(project_function_count(&p), 3);
	assert_int_equal(p.packages.v[0]->functions.n, 1);
	project_release(&p);
}

static void functions_of_the_default_package_have_bare_names(void **state UNUSED)
{
	struct project p;
	struct package *pkg;

	project_init(&p);
	pkg = project_add_package(&p, "default");
	assert_true(package_is_default(pkg));
	assert_string_equal(function_full_name(&p, package_add_function(&p, pkg, "f")), "f");
	pkg = project_add_package(&p, "tools");
	assert_false(package_is_default(pkg));
	assert_string_equal(function_full_name(&p, package_add_function(&p, pkg, "f")),
			    "tools/f");
	project_release(&p);
}

static void web_comes_from_the_function_then_the_package_then_yes(void **state UNUSED)
{
	static const struct {
		enum web_mode package, function, want;
	} rows[] = {
		{WEB_UNSET, WEB_UNSET, WEB_YES}, {WEB_NO, WEB_UNSET, WEB_NO},
		{WEB_RAW, WEB_UNSET, WEB_RAW},   {WEB_NO, WEB_YES, WEB_YES},
		{WEB_YES, WEB_NO, WEB_NO},       {WEB_UNSET, WEB_RAW, WEB_RAW},
	};
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		struct package pkg = {.web = rows[i].package};
		struct function f = {.package = &pkg, .web = rows[i].function};

		assert_int_equal(function_web(&f), rows[i].want);
	}
}

static void release_frees_trees_and_closes_the_root(void **state UNUSED)
{
	struct project p;
	struct package *pkg;
	struct function *f;
	int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	project_init(&p);
	assert_int_equal(p.root_fd, -1);
	p.root_fd = fd;
	p.parameters = json_new_object();
	p.environment = json_new_object();
	pkg = project_add_package(&p, "p");
	pkg->parameters = json_new_object();
	pkg->environment = json_new_object();
	pkg->annotations = json_new_object();
	f = package_add_function(&p, pkg, "f");
	f->parameters = json_new_object();
	f->environment = json_new_object();
	f->annotations = json_new_object();
	vec_push(&p.strays, "notes.txt");
	project_release(&p);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(p.packages.n, 0);
	assert_int_equal(p.root_fd, -1);
	project_release(&p); /* once more is harmless */
}

static void triggers_have_one_name_each(void **state UNUSED)
{
	struct project p;
	struct package *pkg;
	struct function *f, *g;
	struct trigger *t;

	project_init(&p);
	pkg = project_add_package(&p, "p");
	f = package_add_function(&p, pkg, "f");
	g = package_add_function(&p, pkg, "g");
	t = function_add_trigger(&p, f, "t");
	t->body = json_new_object();
	assert_true(t->enabled);
	assert_ptr_equal(t->function, f);
	assert_null(function_add_trigger(&p, g, "t"));
	assert_non_null(function_add_trigger(&p, g, "u"));
	assert_int_equal(project_trigger_count(&p), 2);
	project_drop_triggers(&p);
	assert_int_equal(project_trigger_count(&p), 0);
	assert_non_null(function_add_trigger(&p, g, "t"));
	project_release(&p);
}

static bool keeps(void *arg, const struct package *pkg, const struct function *f)
{
	return f ? strcmp(f->name, arg) == 0 : pkg->functions.n > 0;
}

static void what_is_filtered_out_is_gone(void **state UNUSED)
{
	char name[] = "g";
	struct project p;
	struct package *a, *b;

	project_init(&p);
	a = project_add_package(&p, "a");
	b = project_add_package(&p, "b");
	package_add_function(&p, a, "f")->parameters = json_new_object();
	package_add_function(&p, a, "g");
	function_add_trigger(&p, package_add_function(&p, b, "f"), "t")->body =
		json_new_object();
	b->annotations = json_new_object();
	project_filter(&p, keeps, name);
	assert_int_equal(p.packages.n, 1);
	assert_ptr_equal(project_package(&p, "a"), a);
	assert_null(project_package(&p, "b"));
	assert_int_equal(a->functions.n, 1);
	assert_null(package_function(a, "f"));
	assert_string_equal(package_function(a, "g")->name, "g");
	assert_null(names_find(&p.trigger_names, "t"));
	project_release(&p);
}

static void names_are_found_among_many(void **state UNUSED)
{
	struct project p;
	struct package *pkg;
	char name[16];
	int i;

	project_init(&p);
	pkg = project_add_package(&p, "p");
	for (i = 0; i < 50000; i++) {
		(void)snprintf(name, sizeof(name), "f%d", i);
		package_add_function(&p, pkg, name);
	}
	for (i = 0; i < 50000; i++) {
		(void)snprintf(name, sizeof(name), "f%d", i);
		assert_string_equal(package_function(pkg, name)->name, name);
	}
	assert_null(package_function(pkg, "f50000"));
	project_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_follow_the_platform_grammar),
		cmocka_unit_test(packages_and_functions_are_found_by_name),
		cmocka_unit_test(functions_of_the_default_package_have_bare_names),
		cmocka_unit_test(web_comes_from_the_function_then_the_package_then_yes),
		cmocka_unit_test(release_frees_trees_and_closes_the_root),
		cmocka_unit_test(triggers_have_one_name_each),
		cmocka_unit_test(what_is_filtered_out_is_gone),
		cmocka_unit_test(names_are_found_among_many),
	};

	return cmocka_run_group_tests_name("project", tests, NULL, NULL);
}
