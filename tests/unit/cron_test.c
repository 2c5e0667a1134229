#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cron/cron.h"
#include "test.h"

struct row {
	const char *text, *want;
};

static const struct row good[] = {
	{"* * * * *", "* * * * *"},
	{"  0\t12  *  *\n* ", "0 12 * * *"},
	{"0 0 1 1 0", "0 0 1 1 0"},
	{"59 23 31 12 6", "59 23 31 12 6"},
	{"05 007 01 09 03", "5 7 1 9 3"},
	{"0,15,30,45 * * * *", "0,15,30,45 * * * *"},
	{"1,2-4,*/5 * * * *", "1,2-4,*/5 * * * *"},
	{"*/1 */23 */31 */12 */7", "*/1 */23 */31 */12 */7"},
	{"*/61 * * * *", "*/61 * * * *"},
	{"5/10 * * * *", "5/10 * * * *"},
	{"0-59/02 0-23/3 1-31/4 1-12/5 0-6/6", "0-59/2 0-23/3 1-31/4 1-12/5 0-6/6"},
	{"5-5 * * * *", "5-5 * * * *"},
	/* names */
	{"20,40 */8 * JUL-DEC *", "20,40 */8 * 7-12 *"},
	{"0 0 * jan,Feb,mAR *", "0 0 * 1,2,3 *"},
	{"0 0 * apr-may/2 *", "0 0 * 4-5/2 *"},
	{"0 0 * jun,aug,sep,oct,nov *", "0 0 * 6,8,9,10,11 *"},
	{"0 0 * * SUN", "0 0 * * 0"},
	{"0 0 * * mon-fri", "0 0 * * 1-5"},
	{"0 0 * * tue,wed,thu,sat", "0 0 * * 2,3,4,6"},
	/* Sunday is 0 and 7 */
	{"0 0 * * 7", "0 0 * * 0"},
	{"0 0 * * 7/2", "0 0 * * 0"},
	{"0 0 * * 0-7", "0 0 * * 0-6"},
	{"0 0 * * 0-7/2", "0 0 * * 0-6/2"},
	{"0 0 * * 0-7/7", "0 0 * * 0-6/7"},
	{"0 0 * * 1-7", "0 0 * * 1-6,0"},
	{"0 0 * * 1-7/2", "0 0 * * 1-6/2,0"},
	{"0 0 * * 1-7/4", "0 0 * * 1-6/4"},
	{"0 0 * * 5-7", "0 0 * * 5-6,0"},
	{"0 0 * * 6-7", "0 0 * * 6,0"},
	{"0 0 * * 6-7/2", "0 0 * * 6"},
	{"0 0 * * 7-7", "0 0 * * 0"},
	{"0 0 * * fri-sun", "0 0 * * 5-6,0"},
	{"0 0 * * sun-tue", "0 0 * * 0-2"},
	{"0 0 * * sun-sun", "0 0 * * 0-0"},
	{"0 0 * * mon,7", "0 0 * * 1,0"},
};

static const struct row bad[] = {
	{"", "five fields are wanted (minute hour day month weekday), not 0"},
	{"* * * *", "five fields are wanted (minute hour day month weekday), not 4"},
	{"0 0 12 * * *", "five fields are wanted (minute hour day month weekday), not 6; there "
			 "are no seconds or years"},
	{"@daily", "'@daily' is not known; write the five fields '0 0 * * *'"},
	{"@hourly", "'@hourly' is not known; write the five fields '0 * * * *'"},
	{"@weekly", "'@weekly' is not known; write the five fields '0 0 * * 0'"},
	{" @reboot", "'@reboot' is not known; write the five fields"},
	{"60 * * * *", "minute '60' is not a number from 0 to 59"},
	{"-1 * * * *", "minute '' is not a number from 0 to 59"},
	{"* 24 * * *", "hour '24' is not a number from 0 to 23"},
	{"* * 0 * *", "day '0' is not a number from 1 to 31"},
	{"* * 32 * *", "day '32' is not a number from 1 to 31"},
	{"* * * 13 *", "month '13' is not a number from 1 to 12 or a name such as 'feb'"},
	{"* * * 0 *", "month '0' is not a number from 1 to 12 or a name such as 'feb'"},
	{"* * * * 8", "weekday '8' is not a number from 0 to 7 or a name such as 'mon'"},
	{"* * * * monday",
	 "weekday 'monday' is not a number from 0 to 7 or a name such as 'mon'"},
	{"* * * mon *", "month 'mon' is not a number from 1 to 12 or a name such as 'feb'"},
	{"jan * * * *", "minute 'jan' is not a number from 0 to 59"},
	{"99999999999999999999 * * * *",
	 "minute '99999999999999999999' is not a number from 0 to 59"},
	{"1.5 * * * *", "minute '1.5' is not a number from 0 to 59"},
	{"1, * * * *", "minute '' is not a number from 0 to 59"},
	{",1 * * * *", "minute '' is not a number from 0 to 59"},
	{"1- * * * *", "minute '' is not a number from 0 to 59"},
	{"1-2-3 * * * *", "minute '2-3' is not a number from 0 to 59"},
	{"*-5 * * * *", "minute '*' is not a number from 0 to 59"},
	{"** * * * *", "minute '**' is not a number from 0 to 59"},
	{"30-10 * * * *",
	 "range '30-10' of the minute runs backwards; write two ranges with ','"},
	{"0 22-6 * * *", "range '22-6' of the hour runs backwards; write two ranges with ','"},
	{"* * * dec-jan *",
	 "range 'dec-jan' of the month runs backwards; write two ranges with "
	 "','"},
	{"* * * * sat-mon", "range 'sat-mon' of the weekday runs backwards; write two ranges "
			    "with ','"},
	{"*/0 * * * *", "step '0' of the minute is not a number from 1"},
	{"*/ * * * *", "step '' of the minute is not a number from 1"},
	{"*/x * * * *", "step 'x' of the minute is not a number from 1"},
	{"*/5/5 * * * *", "step '5/5' of the minute is not a number from 1"},
	{"0 0 ? * *", "'?' is not known; write '*', or a number from 1 to 31"},
	{"0 0 * * ?",
	 "'?' is not known; write '*', or a number from 0 to 7 or a name such as 'mon'"},
	{"0 0 L * *", "'L' (the last one) is not known; write a number from 1 to 31"},
	{"0 0 LW * *", "'L' (the last one) is not known; write a number from 1 to 31"},
	{"0 0 * * 5L",
	 "'L' (the last one) is not known; write a number from 0 to 7 or a name such as 'mon'"},
	{"0 0 15W * *",
	 "'W' (the nearest working day) is not known; write a number from 1 to 31"},
	{"0 0 * * 5#2", "'#' is not known: a schedule cannot count weekdays in a month; write "
			"a number from 0 to 7 or a name such as 'mon'"},
	{"0 0 * * FRI#2", "'#' is not known: a schedule cannot count weekdays in a month; "
			  "write a number from 0 to 7 or a name such as 'mon'"},
};

static void schedules_come_in_one_form(void **state UNUSED)
{
	size_t i;

	for (i = 0; i < countof(good); i++) {
		struct strbuf out = STRBUF_INIT, why = STRBUF_INIT, again = STRBUF_INIT;

		if (!cron_normalize(str_of(good[i].text), &out, &why))
			fail_msg("%s: %s", good[i].text, why.buf);
		assert_string_equal(out.buf, good[i].want);
		assert_true(cron_normalize(strbuf_str(&out), &again, &why));
		assert_string_equal(again.buf, out.buf);
		strbuf_release(&out);
		strbuf_release(&again);
		strbuf_release(&why);
	}
}

static void what_is_no_schedule_is_explained(void **state UNUSED)
{
	size_t i;

	for (i = 0; i < countof(bad); i++) {
		struct strbuf out = STRBUF_INIT, why = STRBUF_INIT;

		if (cron_normalize(str_of(bad[i].text), &out, &why))
			fail_msg("%s is taken", bad[i].text);
		assert_string_equal(why.buf, bad[i].want);
		strbuf_release(&out);
		strbuf_release(&why);
	}
}

static void long_texts_are_not_read(void **state UNUSED)
{
	struct strbuf text = STRBUF_INIT, out = STRBUF_INIT, why = STRBUF_INIT;

	while (text.len <= CRON_MAX_BYTES)
		strbuf_adds(&text, "1,");
	assert_false(cron_normalize(strbuf_str(&text), &out, &why));
	assert_string_equal(why.buf, "longer than 1000 characters");
	strbuf_release(&text);
	strbuf_release(&out);
	strbuf_release(&why);
}

static unsigned take_number(const char **text)
{
	unsigned v = 0;

	for (; **text >= '0' && **text <= '9'; (*text)++)
		v = v * 10 + (unsigned)(**text - '0');
	return v;
}

/* Which of the days 0 to 6 a list of ranges names, read apart from the code under test. */
static unsigned days_of(const char *list)
{
	unsigned days = 0, from, to, step;

	for (;; list++) {
		from = to = take_number(&list);
		if (*list == '-') {
			list++;
			to = take_number(&list);
		}
		step = 1;
		if (*list == '/') {
			list++;
			step = take_number(&list);
		}
		for (; from <= to; from += step)
			days |= 1U << (from % 7);
		if (*list != ',')
			return days;
	}
}

/* Every range of weekdays with every step means the same days before and after. */
static void weekdays_keep_their_meaning(void **state UNUSED)
{
	unsigned from, to, step;

	for (from = 0; from <= 7; from++) {
		for (to = from; to <= 7; to++) {
			for (step = 1; step <= 8; step++) {
				struct strbuf in = STRBUF_INIT, out = STRBUF_INIT;
				struct strbuf why = STRBUF_INIT;

				strbuf_addf(&in, "0 0 * * %u-%u/%u", from, to, step);
				assert_true(cron_normalize(strbuf_str(&in), &out, &why));
				assert_int_equal(days_of(in.buf + 8), days_of(out.buf + 8));
				if (step < 7)
					assert_null(strchr(out.buf, '7'));
				strbuf_release(&in);
				strbuf_release(&out);
				strbuf_release(&why);
			}
		}
	}
}

/* "2026-11-23 14:32:00" (19 characters, UTC) as seconds. */
static int64_t at(const char *text)
{
	struct tm tm = {0};
	const char *p = text;

	tm.tm_year = (int)take_number(&p) - 1900;
	p++;
	tm.tm_mon = (int)take_number(&p) - 1;
	p++;
	tm.tm_mday = (int)take_number(&p);
	p++;
	tm.tm_hour = (int)take_number(&p);
	p++;
	tm.tm_min = (int)take_number(&p);
	p++;
	tm.tm_sec = (int)take_number(&p);
	return timegm(&tm);
}

static int64_t next_of(const char *text, int64_t after)
{
	struct cron c;

	if (!cron_parse(str_of(text), &c))
		fail_msg("%s is not taken", text);
	return cron_next(&c, after);
}

/* 2026-11-23 is a Monday. */
static const struct {
	const char *cron, *after, *next;
} nexts[] = {
	{"* * * * *", "2026-11-23 14:32:00", "2026-11-23 14:33:00"},
	{"* * * * *", "2026-11-23 14:32:59", "2026-11-23 14:33:00"},
	{"* * * * *", "2026-11-23 14:31:59", "2026-11-23 14:32:00"},
	{"* * * * *", "2026-12-31 23:59:30", "2027-01-01 00:00:00"},
	{"30 * * * *", "2026-11-23 14:30:00", "2026-11-23 15:30:00"},
	{"30 * * * *", "2026-11-23 14:29:59", "2026-11-23 14:30:00"},
	{"*/15 * * * *", "2026-11-23 14:46:00", "2026-11-23 15:00:00"},
	{"5/10 * * * *", "2026-11-23 14:06:00", "2026-11-23 14:15:00"},
	{"5/10 * * * *", "2026-11-23 14:55:00", "2026-11-23 15:05:00"},
	{"*/61 * * * *", "2026-11-23 14:00:00", "2026-11-23 15:00:00"},
	{"0 9-17/4 * * *", "2026-11-23 14:00:00", "2026-11-23 17:00:00"},
	{"0 9-17/4 * * *", "2026-11-23 17:00:00", "2026-11-24 09:00:00"},
	{"0 0 * * *", "2026-11-23 00:00:00", "2026-11-24 00:00:00"},
	/* in a zone with summer time these hours are missing or come twice; not in UTC */
	{"30 2 * * *", "2026-03-28 12:00:00", "2026-03-29 02:30:00"},
	{"30 2 * * *", "2026-03-29 02:30:00", "2026-03-30 02:30:00"},
	{"30 1 * * *", "2026-10-25 01:30:00", "2026-10-26 01:30:00"},
	/* days, months, years */
	{"0 0 1 * *", "2026-11-23 14:32:00", "2026-12-01 00:00:00"},
	{"0 0 31 * *", "2026-11-23 14:32:00", "2026-12-31 00:00:00"},
	{"0 0 31 * *", "2027-01-31 00:00:00", "2027-03-31 00:00:00"},
	{"0 0 1 1 *", "2026-01-01 00:00:00", "2027-01-01 00:00:00"},
	{"59 23 31 12 *", "2026-11-23 14:32:00", "2026-12-31 23:59:00"},
	{"0 0 29 2 *", "2026-11-23 14:32:00", "2028-02-29 00:00:00"},
	{"0 0 29 2 *", "2028-02-29 00:00:00", "2032-02-29 00:00:00"},
	{"0 0 29 2 *", "2096-02-29 00:00:00", "2104-02-29 00:00:00"},
	{"0 0 28 2 *", "2100-02-28 00:00:00", "2101-02-28 00:00:00"},
	{"0 0 1 3 *", "2100-02-28 12:00:00", "2100-03-01 00:00:00"},
	/* weekdays */
	{"0 0 * * 0", "2026-11-23 14:32:00", "2026-11-29 00:00:00"},
	{"0 0 * * 7", "2026-11-23 14:32:00", "2026-11-29 00:00:00"},
	{"0 0 * * 1-5", "2026-11-27 00:00:00", "2026-11-30 00:00:00"},
	{"0 0 * * 5-7", "2026-11-23 00:00:00", "2026-11-27 00:00:00"},
	{"0 0 * * 5-7", "2026-11-28 00:00:00", "2026-11-29 00:00:00"},
	{"0 0 * * 5/2", "2026-11-27 00:00:00", "2026-12-04 00:00:00"},
	{"0 0 * * */2", "2026-11-24 00:00:00", "2026-11-26 00:00:00"},
	{"0 0 * * SUN", "2026-11-23 14:32:00", "2026-11-29 00:00:00"},
	/* a day and a weekday: either */
	{"0 0 13 * 5", "2026-11-23 00:00:00", "2026-11-27 00:00:00"},
	{"0 0 13 * 5", "2026-12-11 00:00:00", "2026-12-13 00:00:00"},
	{"0 0 29 2 1", "2026-11-23 00:00:00", "2027-02-01 00:00:00"},
	{"0 0 */1 * 5", "2026-11-23 00:00:00", "2026-11-27 00:00:00"},
	{"0 0 13 * *,5", "2026-11-23 00:00:00", "2026-12-13 00:00:00"},
	/* never */
	{"0 0 30 2 *", "2026-11-23 14:32:00", NULL},
	{"0 0 31 4,6,9,11 *", "2026-11-23 14:32:00", NULL},
};

static void the_next_run_is_found(void **state UNUSED)
{
	int64_t got, want;
	size_t i;

	for (i = 0; i < countof(nexts); i++) {
		got = next_of(nexts[i].cron, at(nexts[i].after));
		want = nexts[i].next ? at(nexts[i].next) : -1;
		if (got != want)
			fail_msg("%s after %s: %lld, not %lld", nexts[i].cron, nexts[i].after,
				 (long long)got, (long long)want);
	}
}

/* The same by trying every minute of some weeks, with an own reading of the rules. */
static void the_next_run_is_the_one_that_every_minute_tried_gives(void **state UNUSED)
{
	static const char *const crons[] = {"7,39 */5 * * *", "0 3 2-9/3 * *", "*/20 1 * * 2",
					    "11 11 11 * 4"};
	int64_t t, from = at("2028-02-20 00:00:00"), expected;
	struct cron c;
	struct tm tm;
	time_t now;
	size_t i;

	for (i = 0; i < countof(crons); i++) {
		assert_true(cron_parse(str_of(crons[i]), &c));
		expected = cron_next(&c, from);
		for (t = from + 60; t < from + 20 * 86400; t += 60) {
			bool day, weekday;

			now = (time_t)t;
			assert_non_null(gmtime_r(&now, &tm));
			day = c.days >> tm.tm_mday & 1;
			weekday = c.weekdays >> tm.tm_wday & 1;
			if (!(c.minutes >> tm.tm_min & 1) || !(c.hours >> tm.tm_hour & 1) ||
			    !(c.any_day || c.any_weekday ? day && weekday : day || weekday))
				continue;
			assert_int_equal(t, expected);
			expected = cron_next(&c, t);
		}
		assert_true(expected >= t);
	}
}

static void what_is_no_schedule_is_not_parsed(void **state UNUSED)
{
	struct strbuf text = STRBUF_INIT;
	struct cron c;
	size_t i;

	for (i = 0; i < countof(bad); i++)
		if (cron_parse(str_of(bad[i].text), &c))
			fail_msg("%s is taken", bad[i].text);
	while (text.len <= CRON_MAX_BYTES)
		strbuf_adds(&text, "1,");
	assert_false(cron_parse(strbuf_str(&text), &c));
	strbuf_release(&text);
}

/* Both readings of a schedule agree: the normal form names the same minutes. */
static void the_one_form_names_the_same(void **state UNUSED)
{
	struct cron before, after;
	size_t i;

	for (i = 0; i < countof(good); i++) {
		assert_true(cron_parse(str_of(good[i].text), &before));
		assert_true(cron_parse(str_of(good[i].want), &after));
		assert_int_equal(before.minutes, after.minutes);
		assert_int_equal(before.hours, after.hours);
		assert_int_equal(before.days, after.days);
		assert_int_equal(before.months, after.months);
		assert_int_equal(before.weekdays, after.weekdays);
		assert_int_equal(before.any_day, after.any_day);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schedules_come_in_one_form),
		cmocka_unit_test(what_is_no_schedule_is_explained),
		cmocka_unit_test(long_texts_are_not_read),
		cmocka_unit_test(weekdays_keep_their_meaning),
		cmocka_unit_test(the_next_run_is_found),
		cmocka_unit_test(the_next_run_is_the_one_that_every_minute_tried_gives),
		cmocka_unit_test(what_is_no_schedule_is_not_parsed),
		cmocka_unit_test(the_one_form_names_the_same),
	};

	return cmocka_run_group_tests_name("cron", tests, NULL, NULL);
}
