#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

#include "test.h"

static void stamp_has_nine_digits_of_fraction(void **state UNUSED)
{
	static const struct {
		uint64_t ns;
		const char *stamp;
	} cases[] = {
		{0, "1970-01-01T00:00:00.000000000Z"},
		{1, "1970-01-01T00:00:00.000000001Z"},
		{UINT64_C(1682935872345678901), "2023-05-01T10:11:12.345678901Z"},
		{UINT64_C(1709164799999999999), "2024-02-28T23:59:59.999999999Z"},
		{UINT64_C(1709164800000000000), "2024-02-29T00:00:00.000000000Z"},
		{UINT64_MAX, "2554-07-21T23:34:33.709551615Z"},
	};
	char out[CLOCK_STAMP];
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		clock_stamp(cases[i].ns, out);
		assert_string_equal(out, cases[i].stamp);
	}
}

static void in_zone(const char *zone, uint64_t ms, const char *want)
{
	char out[CLOCK_DATE];

	setenv("TZ", zone, 1);
	tzset();
	clock_local(ms, out);
	assert_string_equal(out, want);
}

static void local_time_follows_the_zone(void **state UNUSED)
{
	in_zone("UTC0", UINT64_C(1682935872345), "2023-05-01 10:11:12");
	in_zone("AAA-5:30", UINT64_C(1682935872345), "2023-05-01 15:41:12");
	in_zone("BBB8", UINT64_C(1682935872345), "2023-05-01 02:11:12");
}

static void years_beyond_four_digits_do_not_overflow(void **state UNUSED)
{
	in_zone("UTC0", UINT64_MAX, "1970-01-01 00:00:00");
	in_zone("UTC0", UINT64_C(253402300800000), "1970-01-01 00:00:00");
	in_zone("UTC0", UINT64_C(253402300799999), "9999-12-31 23:59:59");
}

static void stamp_does_not_follow_the_zone(void **state UNUSED)
{
	char out[CLOCK_STAMP];

	setenv("TZ", "BBB8", 1);
	tzset();
	clock_stamp(0, out);
	assert_string_equal(out, "1970-01-01T00:00:00.000000000Z");
}

static void clocks_agree_and_go_forward(void **state UNUSED)
{
	uint64_t a = clock_monotonic_ms(), ms = clock_realtime_ms(), ns = clock_realtime_ns();

	assert_true(ms > UINT64_C(1577836800000));
	assert_true(ns / 1000000 - ms < 60000);
	assert_true(clock_monotonic_ms() >= a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamp_has_nine_digits_of_fraction),
		cmocka_unit_test(local_time_follows_the_zone),
		cmocka_unit_test(years_beyond_four_digits_do_not_overflow),
		cmocka_unit_test(stamp_does_not_follow_the_zone),
		cmocka_unit_test(clocks_agree_and_go_forward),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
