#include <stdlib.h>
#include <string.h>

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
	{"0 0 ? * *", "'?' is not known; write '*'"},
	{"0 0 L * *", "'L' (the last one) is not known"},
	{"0 0 LW * *", "'L' (the last one) is not known"},
	{"0 0 * * 5L", "'L' (the last one) is not known"},
	{"0 0 15W * *", "'W' (the nearest working day) is not known"},
	{"0 0 * * 5#2", "'#' is not known: a schedule cannot count weekdays in a month"},
	{"0 0 * * FRI#2", "'#' is not known: a schedule cannot count weekdays in a month"},
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schedules_come_in_one_form),
		cmocka_unit_test(what_is_no_schedule_is_explained),
		cmocka_unit_test(long_texts_are_not_read),
		cmocka_unit_test(weekdays_keep_their_meaning),
	};

	return cmocka_run_group_tests_name("cron", tests, NULL, NULL);
}
