#include "pack/refusal.h"

#include <errno.h>

#include "diag/diag.h"
#include "test.h"

struct told {
	struct sink sink;
	struct strbuf text;
};

static void take(struct sink *s, const struct event *ev)
{
	struct told *t = (struct told *)s;

	assert_int_equal(ev->type, EVENT_FINDING);
	strbuf_addf(&t->text, "%s %s: %s\n", ev->function, ev->finding->path,
		    ev->finding->text);
}

static const struct function function = {.name = "f", .source = "packages/p/f"};

static bool refuse(struct refusals *r, struct told *t, enum err_code code, int sys)
{
	struct err e = ERR_INIT;
	bool taken;

	err_set(&e, code, "too much");
	e.sys = sys;
	taken = refusals_take(r, &t->sink, "p/f", &function, &e);
	assert_int_equal(e.code, taken ? ERR_OK : code);
	err_clear(&e);
	return taken;
}

static void only_a_function_that_is_too_large_is_passed_over(void **state UNUSED)
{
	struct told t = {.sink.emit = take, .text = STRBUF_INIT};
	struct refusals r = {0};

	assert_false(refuse(&r, &t, ERR_PROJECT, 0));
	assert_false(refuse(&r, &t, ERR_SYSTEM, EFBIG));
	assert_false(refuse(&r, &t, ERR_CANCELLED, 0));
	assert_int_equal(t.text.len, 0);
	assert_int_equal(r.too_large, 0);
	assert_true(refuse(&r, &t, ERR_PROJECT, EFBIG));
	assert_string_equal(t.text.buf, "p/f packages/p/f: too much\n");
	assert_int_equal(r.too_large, 1);
	strbuf_release(&t.text);
}

static void findings_are_told_and_errors_counted(void **state UNUSED)
{
	struct told t = {.sink.emit = take, .text = STRBUF_INIT};
	struct artifact a = {0};
	struct refusals r = {0};

	diags_add_path(&a.findings, DIAG_ERROR, "x", "one");
	diags_add_path(&a.findings, DIAG_WARNING, "y", "two");
	refusals_add(&r, &t.sink, "p/g", &a);
	assert_string_equal(t.text.buf, "p/g x: one\np/g y: two\n");
	assert_int_equal(r.errors, 1);
	artifact_release(&a);
	strbuf_release(&t.text);
}

static void the_end_says_what_there_was(void **state UNUSED)
{
	static const struct {
		struct refusals r;
		const char *message;
	} cases[] = {
		{{0, 0}, NULL},
		{{1, 0},
		 "1 error in what the functions are made of; '--no-verify' goes on all the "
		 "same"},
		{{2, 0},
		 "2 errors in what the functions are made of; '--no-verify' goes on all the "
		 "same"},
		{{0, 1}, "1 function too large for the platform"},
		{{0, 3}, "3 functions too large for the platform"},
		{{2, 1},
		 "2 errors in what the functions are made of, and 1 function too large for "
		 "the platform"},
	};
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		assert_int_equal(refusals_check(&cases[i].r, &e), cases[i].message ? -1 : 0);
		if (cases[i].message) {
			assert_int_equal(e.code, ERR_PROJECT);
			assert_string_equal(e.msg, cases[i].message);
		}
		err_clear(&e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_function_that_is_too_large_is_passed_over),
		cmocka_unit_test(findings_are_told_and_errors_counted),
		cmocka_unit_test(the_end_says_what_there_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
