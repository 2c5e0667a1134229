#include "base/strbuf.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

static void additions_are_joined_and_terminated(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;

	assert_string_equal(b.buf, "");
	strbuf_adds(&b, "ab");
	strbuf_addc(&b, '-');
	strbuf_add(&b, "xyz", 2);
	strbuf_addstr(&b, STR("12"));
	strbuf_addstr(&b, (struct str){0});
	strbuf_addf(&b, "%03d%s", 7, "!");
	strbuf_addf(&b, "%s", "");
	assert_string_equal(b.buf, "ab-xy12007!");
	assert_int_equal(b.len, 11);
	strbuf_release(&b);
	assert_string_equal(b.buf, "");
}

static void nul_bytes_count(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_add(&b, "a\0b", 3);
	strbuf_addc(&b, '\0');
	assert_true(str_eq(strbuf_str(&b), STR("a\0b\0")));
	assert_int_equal(b.buf[4], 0);
	strbuf_release(&b);
}

static void ceiling_drops_additions_whole(void **state UNUSED)
{
	struct strbuf b = STRBUF_MAX(5);

	strbuf_adds(&b, "abc");
	strbuf_adds(&b, "def");
	assert_true(b.full);
	assert_string_equal(b.buf, "abc");
	strbuf_adds(&b, "d");
	assert_string_equal(b.buf, "abc");
	strbuf_addf(&b, "%d", 1);
	assert_null(strbuf_reserve(&b, 0));
	strbuf_reset(&b);
	assert_false(b.full);
	strbuf_adds(&b, "12345");
	assert_false(b.full);
	assert_string_equal(b.buf, "12345");
	strbuf_release(&b);
}

static void ceiling_stays_over_release_and_detach(void **state UNUSED)
{
	struct strbuf b = STRBUF_MAX(2);

	strbuf_adds(&b, "ab");
	strbuf_release(&b);
	strbuf_adds(&b, "abc");
	assert_true(b.full);
	free(strbuf_detach(&b, NULL));
	assert_false(b.full);
	assert_int_equal(b.max, 2);
	strbuf_release(&b);
}

static void ceiling_withstands_sizes_that_overflow(void **state UNUSED)
{
	struct strbuf b = STRBUF_MAX(100);

	strbuf_adds(&b, "x");
	assert_null(strbuf_reserve(&b, SIZE_MAX));
	assert_true(b.full);
	strbuf_release(&b);
}

static void buffer_of_many_additions_grows(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;
	int i;

	for (i = 0; i < 100000; i++)
		strbuf_addf(&b, "%d,", i % 10);
	assert_int_equal(b.len, 200000);
	assert_int_equal(strlen(b.buf), 200000);
	assert_string_equal(b.buf + b.len - 4, "8,9,");
	strbuf_release(&b);
}

static void reserved_room_is_filled_by_the_caller(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_adds(&b, "ab");
	memset(strbuf_reserve(&b, 300), 'x', 3);
	assert_int_equal(b.len, 2);
	b.len += 3;
	b.buf[b.len] = '\0';
	assert_string_equal(b.buf, "abxxx");
	strbuf_release(&b);
}

static void consumed_bytes_are_gone(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_consume(&b, 0);
	strbuf_adds(&b, "hello");
	strbuf_consume(&b, 2);
	assert_string_equal(b.buf, "llo");
	strbuf_consume(&b, 3);
	assert_string_equal(b.buf, "");
	assert_int_equal(b.len, 0);
	strbuf_release(&b);
}

static void detached_string_is_the_callers(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;
	char *s, *empty = strbuf_detach(&b, NULL);
	size_t n;

	assert_string_equal(empty, "");
	strbuf_add(&b, "a\0b", 3);
	s = strbuf_detach(&b, &n);
	assert_int_equal(n, 3);
	assert_memory_equal(s, "a\0b", 4);
	assert_int_equal(b.len, 0);
	strbuf_adds(&b, "again");
	assert_string_equal(b.buf, "again");
	strbuf_release(&b);
	free(s);
	free(empty);
}

static void reset_keeps_the_memory(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;
	const char *before;

	strbuf_reset(&b);
	strbuf_adds(&b, "some text");
	before = b.buf;
	strbuf_reset(&b);
	assert_string_equal(b.buf, "");
	strbuf_adds(&b, "other");
	assert_ptr_equal(b.buf, before);
	strbuf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(additions_are_joined_and_terminated),
		cmocka_unit_test(nul_bytes_count),
		cmocka_unit_test(ceiling_drops_additions_whole),
		cmocka_unit_test(ceiling_stays_over_release_and_detach),
		cmocka_unit_test(ceiling_withstands_sizes_that_overflow),
		cmocka_unit_test(buffer_of_many_additions_grows),
		cmocka_unit_test(reserved_room_is_filled_by_the_caller),
		cmocka_unit_test(consumed_bytes_are_gone),
		cmocka_unit_test(detached_string_is_the_callers),
		cmocka_unit_test(reset_keeps_the_memory),
	};

	return cmocka_run_group_tests_name("strbuf", tests, NULL, NULL);
}
