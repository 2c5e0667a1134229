#include "base/arena.h"

#include <string.h>

#include "test.h"

static void memory_is_zeroed_and_aligned(void **state UNUSED)
{
	static const size_t sizes[] = {1, 3, 16, 100, 4095, 4096, 5000, 1, 70000, 3 << 20, 7};
	struct arena a = ARENA_INIT;
	size_t i, j;

	for (i = 0; i < countof(sizes); i++) {
		unsigned char *p = arena_alloc(&a, sizes[i]);

		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (j = 0; j < sizes[i]; j++)
			assert_int_equal(p[j], 0);
		memset(p, 0xaa, sizes[i]);
	}
	arena_release(&a);
	assert_int_equal(a.used, 0);
}

static void pieces_do_not_overlap(void **state UNUSED)
{
	enum { PIECES = 3000 };
	struct arena a = ARENA_INIT;
	size_t *pieces[PIECES], i;

	for (i = 0; i < PIECES; i++) {
		pieces[i] = arena_new(&a, size_t);
		*pieces[i] = i;
	}
	for (i = 0; i < PIECES; i++)
		assert_int_equal(*pieces[i], i);
	assert_true(a.used >= PIECES * sizeof(size_t));
	arena_release(&a);
}

static void empty_pieces_are_usable_pointers(void **state UNUSED)
{
	struct arena a = ARENA_INIT;

	assert_non_null(arena_alloc(&a, 0));
	assert_non_null(arena_calloc(&a, 0, 8));
	assert_string_equal(arena_strndup(&a, NULL, 0), "");
	assert_string_equal(arena_str(&a, (struct str){0}).p, "");
	arena_release(&a);
}

static void copies_are_terminated(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	struct str s = arena_str(&a, STR("a\0b"));

	assert_true(str_eq(s, STR("a\0b")));
	assert_int_equal(s.p[s.n], 0);
	assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
	assert_string_equal(arena_strdup(&a, "whole"), "whole");
	assert_string_equal(arena_printf(&a, "%s-%05d", "n", 42), "n-00042");
	assert_string_equal(arena_printf(&a, "%s", ""), "");
	arena_release(&a);
}

static void released_arena_can_be_used_again(void **state UNUSED)
{
	struct arena a = ARENA_INIT;

	arena_release(&a);
	assert_string_equal(arena_strdup(&a, "one"), "one");
	arena_release(&a);
	assert_string_equal(arena_strdup(&a, "two"), "two");
	arena_release(&a);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(pieces_do_not_overlap),
		cmocka_unit_test(empty_pieces_are_usable_pointers),
		cmocka_unit_test(copies_are_terminated),
		cmocka_unit_test(released_arena_can_be_used_again),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
