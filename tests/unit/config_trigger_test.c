#include "config_rows.h"

/* A trigger `t` with one more key, and the function's model. */
#define T(keys) F("triggers: [{name: t, " keys "}]")
#define NOW(details) T("type: SCHEDULED, scheduledDetails: {" details "}")
#define OLD(details) T("sourceType: scheduler, sourceDetails: {" details "}")
#define T_IS(json) F_IS(",'triggers':[{'name':'t'" json "}]")
#define CRON_IS(cron) T_IS(",'cron':'" cron "'")

static const struct row good[] = {
	{F("triggers: []"), F_IS("")},
	{F("triggers:"), F_IS("")},
	{NOW("cron: '* * * * *'"), CRON_IS("* * * * *")},
	{OLD("cron: '* * * * *'"), CRON_IS("* * * * *")},
	{NOW("cron: '20,40 */8 * JUL-DEC *'"), CRON_IS("20,40 */8 * 7-12 *")},
	{OLD("cron: 0 0 * * SUN"), CRON_IS("0 0 * * 0")},
	{NOW("cron: 0 0 * * 7"), CRON_IS("0 0 * * 0")},
	{NOW("cron: \" 00  05 * * MON-fri \""), CRON_IS("0 5 * * 1-5")},
	{NOW("cron: '0 0 1 1 *', body: {a: 1, b: [x, null]}"),
	 T_IS(",'cron':'0 0 1 1 *','body':{'a':1,'b':['x',null]}")},
	{NOW("cron: '0 0 1 1 *', body: {}"), T_IS(",'cron':'0 0 1 1 *','body':{}")},
	{NOW("cron: '0 0 1 1 *', body: "), CRON_IS("0 0 1 1 *")},
	{OLD("cron: '0 0 1 1 *', withBody: {a: 1.50}"),
	 T_IS(",'cron':'0 0 1 1 *','body':{'a':1.50}")},
	{T("enabled: true, type: SCHEDULED, scheduledDetails: {cron: '* * * * *'}"),
	 CRON_IS("* * * * *")},
	{T("enabled: false, type: SCHEDULED, scheduledDetails: {cron: '* * * * *'}"),
	 T_IS(",'enabled':false,'cron':'* * * * *'")},
	{T("enabled: no, type: SCHEDULED, scheduledDetails: {cron: '* * * * *'}"),
	 "5:35 'enabled' must be true or false; 'no' is a string"},
	{T("type: scheduled, scheduledDetails: {cron: '* * * * *'}"), CRON_IS("* * * * *")},
	{T("sourceType: SCHEDULER, sourceDetails: {cron: '* * * * *'}"), CRON_IS("* * * * *")},
	{F("triggers:\n"
	   "    - {name: a, type: SCHEDULED, scheduledDetails: &x {cron: '1 * * * *'}}\n"
	   "    - {name: b, type: SCHEDULED, scheduledDetails: *x}"),
	 F_IS(",'triggers':[{'name':'a','cron':'1 * * * *'},{'name':'b','cron':'1 * * * *'}]")},
	{F("triggers:\n"
	   "    - name: every-5 min\n"
	   "      sourceType: scheduler\n"
	   "      sourceDetails:\n"
	   "        cron: \"*/5 * * * *\"  # five\n"
	   "        withBody:\n"
	   "          name: ${A}\n"
	   "          n: ${NUM}"),
	 F_IS(",'triggers':[{'name':'every-5 min','cron':'*/5 * * * *','body':{'name':'alpha',"
	      "'n':512}}]")},
};

static void triggers_of_both_spellings_reach_the_model(void **state UNUSED)
{
	assert_rows(good, countof(good));
}

static const struct row shapes[] = {
	{F("triggers: {}"), "5:15 'triggers' must be a list, not a mapping"},
	{F("triggers: t"), "5:15 'triggers' must be a list, not a string"},
	{F("triggers: [t]"),
	 "5:16 an item of 'triggers' must be a mapping with a 'name', not a string"},
	{F("triggers: [{}]"), "5:16 a trigger needs a 'name'\n"
			      "5:16 a trigger needs 'type: SCHEDULED'\n"
			      "5:16 a trigger needs 'scheduledDetails' with a 'cron'"},
	{F("triggers: [{name: t}]"), "5:16 a trigger needs 'type: SCHEDULED'\n"
				     "5:16 a trigger needs 'scheduledDetails' with a 'cron'"},
	{T("type: SCHEDULED"), "5:16 a trigger needs 'scheduledDetails' with a 'cron'"},
	{T("type: SCHEDULED, scheduledDetails: "),
	 "5:16 a trigger needs 'scheduledDetails' with a 'cron'"},
	{T("type: SCHEDULED, scheduledDetails: {}"), "5:61 'scheduledDetails' needs a 'cron'"},
	{T("type: SCHEDULED, scheduledDetails: '* * * * *'"),
	 "5:61 'scheduledDetails' must be a mapping, not a string"},
	{T("scheduledDetails: {cron: '* * * * *'}"), "5:16 a trigger needs 'type: SCHEDULED'"},
	{T("sourceDetails: {cron: '* * * * *'}"),
	 "5:16 a trigger needs 'sourceType: scheduler'"},
	{T("sourceType: scheduler"), "5:16 a trigger needs 'sourceDetails' with a 'cron'"},
	{T("sourceType: scheduler, sourceDetails: {}"), "5:64 'sourceDetails' needs a 'cron'"},
	{T("type: SCHEDULED, sourceDetails: {cron: '* * * * *'}"),
	 "5:43 'sourceDetails' is of the old way to write a trigger; use only 'type' and "
	 "'scheduledDetails'"},
	{T("sourceType: scheduler, scheduledDetails: {cron: '* * * * *'}"),
	 "5:26 'sourceType' is of the old way to write a trigger; use only 'type' and "
	 "'scheduledDetails'"},
	{T("type: QUEUE, scheduledDetails: {cron: '* * * * *'}"),
	 "5:32 'type' must be SCHEDULED, not 'QUEUE'"},
	{T("type: 5, scheduledDetails: {cron: '* * * * *'}"),
	 "5:32 'type' must be a string, not a number; put it in quotes"},
	{T("type: '', scheduledDetails: {cron: '* * * * *'}"),
	 "5:32 'type' is empty; give it a value or remove the key"},
	{T("sourceType: queue, sourceDetails: {cron: '* * * * *'}"),
	 "5:38 'sourceType' must be scheduler, not 'queue'"},
	{T("type: SCHEDULED, enabled: 1, scheduledDetails: {cron: '* * * * *'}"),
	 "5:52 'enabled' must be true or false, not a number"},
	{T("type: SCHEDULED, enabled: , scheduledDetails: {cron: '* * * * *'}"),
	 "5:43 'enabled' has no value; give it one or remove the key"},
	{T("type: SCHEDULED, scheduleDetails: {cron: '* * * * *'}"),
	 "5:16 a trigger needs 'scheduledDetails' with a 'cron'\n"
	 "5:43 unknown key 'scheduleDetails' in a trigger; did you mean 'scheduledDetails'?"},
	{T("type: SCHEDULED, when: now, scheduledDetails: {cron: '* * * * *'}"),
	 "5:43 unknown key 'when' in a trigger; known: name, type, enabled, scheduledDetails, "
	 "sourceType, sourceDetails"},
	{NOW("cron: '* * * * *', withBody: {}"),
	 "5:81 unknown key 'withBody' in 'scheduledDetails'; known: cron, body"},
	{OLD("cron: '* * * * *', body: {}"),
	 "5:84 unknown key 'body' in 'sourceDetails'; known: cron, withBody"},
	{NOW("corn: '* * * * *'"),
	 "5:61 'scheduledDetails' needs a 'cron'\n"
	 "5:62 unknown key 'corn' in 'scheduledDetails'; did you mean 'cron'?"},
	{NOW("cron: '* * * * *', body: [1]"), "5:87 'body' must be a mapping, not a list"},
	{NOW("cron: '* * * * *', body: text"), "5:87 'body' must be a mapping, not a string"},
	{F("triggers: [{name: a/b, type: SCHEDULED, scheduledDetails: {cron: '* * * * *'}}]"),
	 "5:23 'a/b' cannot be the name of a trigger; use letters, digits and '_', behind the "
	 "first one also '-', '.', '@', '&' and spaces"},
	{F("triggers: [{name: 5, type: SCHEDULED, scheduledDetails: {cron: '* * * * *'}}]"),
	 "5:23 'name' must be a string, not a number; put it in quotes"},
};

static void wrong_shapes_of_triggers_are_found(void **state UNUSED)
{
	assert_rows(shapes, countof(shapes));
}

#define ONE(name) "{name: " name ", type: SCHEDULED, scheduledDetails: {cron: '* * * * *'}}"

static const struct row names[] = {
	{F("triggers: [" ONE("t") ", " ONE("t") "]"),
	 "5:90 a second trigger 't'; the first one is in line 5"},
	{"packages:\n"
	 "- {name: p, functions: [{name: f, triggers: [" ONE(
		 "t") "]}]}\n"
		      "- {name: q, functions: [{name: f, triggers: [" ONE("t") "]}]}\n",
	 "3:53 a second trigger 't'; the first one is in line 2"},
	{"packages:\n"
	 "- {name: p, functions: [{name: f, triggers: [" ONE(
		 "${A}") "]}]}\n"
			 "- {name: q, functions: [{name: f, triggers: [" ONE(
				 "alpha") "]}]}\n"
					  "- {name: r, functions: [{name: f, triggers: [" ONE(
						  "${A}") "]}]}\n",
	 "3:53 a second trigger 'alpha'; the first one is in line 2\n"
	 "4:53 a second trigger of one name; the first one is in line 2"},
	/* the trigger of a function that is there twice is not there twice */
	{"packages:\n"
	 "- name: p\n"
	 "  functions:\n"
	 "  - {name: f, triggers: [" ONE("t") "]}\n"
					      "  - {name: f, triggers: [" ONE("t") "]}\n",
	 "5:12 a second function 'f'; the first one is in line 4"},
};

static void a_trigger_name_is_unique_in_the_project(void **state UNUSED)
{
	assert_rows(names, countof(names));
}

static const struct row schedules[] = {
	{NOW("cron: "), "5:62 'cron' has no value; give it one or remove the key"},
	{NOW("cron:"), "5:66 a space is missing behind this ':'"},
	{NOW("cron: ''"), "5:68 'cron' is empty; give it a value or remove the key"},
	{NOW("cron: 5"), "5:68 'cron' must be a string, not a number; put it in quotes"},
	{NOW("cron: [1]"), "5:68 'cron' must be a string, not a list"},
	{NOW("cron: foo"),
	 "5:68 'cron': five fields are wanted (minute hour day month weekday), not 1"},
	{NOW("cron: '0 0 12 * * *'"), "5:68 'cron': five fields are wanted (minute hour day "
				      "month weekday), not 6; there are "
				      "no seconds or years"},
	{NOW("cron: '@daily'"),
	 "5:68 'cron': '@daily' is not known; write the five fields '0 0 * * *'"},
	{NOW("cron: '0 0 ? * *'"),
	 "5:68 'cron': '?' is not known; write '*', or a number from 1 to 31"},
	{NOW("cron: '0 0 L * *'"),
	 "5:68 'cron': 'L' (the last one) is not known; write a number from 1 to 31"},
	{NOW("cron: '0 0 1W * *'"), "5:68 'cron': 'W' (the nearest working day) is not known; "
				    "write a number from 1 to 31"},
	{NOW("cron: '0 0 * * 1#1'"),
	 "5:68 'cron': '#' is not known: a schedule cannot count weekdays in a month; write a "
	 "number from 0 to 7 or a name such as 'mon'"},
	{OLD("cron: '60 * * * *'"), "5:71 'cron': minute '60' is not a number from 0 to 59"},
	{NOW("cron: '0 0 * * 8'"), "5:68 'cron': weekday '8' is not a number from 0 to 7 or a "
				   "name such as 'mon'"},
	{NOW("cron: '*/0 * * * *'"),
	 "5:68 'cron': step '0' of the minute is not a number from 1"},
	{NOW("cron: '9-5 * * * *'"),
	 "5:68 'cron': range '9-5' of the minute runs backwards; write two ranges with ','"},
	{NOW("cron: ${SECRET}"), "5:68 the value filled in here is no schedule of five fields"},
	{NOW("cron: '${NUM} * * * *'"),
	 "5:68 the value filled in here is no schedule of five fields"},
	{T("type: ${A}, scheduledDetails: {cron: '* * * * *'}"),
	 "5:32 'type' must be SCHEDULED, not the value filled in here"},
};

static void wrong_schedules_are_explained(void **state UNUSED)
{
	assert_rows(schedules, countof(schedules));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(triggers_of_both_spellings_reach_the_model),
		cmocka_unit_test(wrong_shapes_of_triggers_are_found),
		cmocka_unit_test(a_trigger_name_is_unique_in_the_project),
		cmocka_unit_test(wrong_schedules_are_explained),
	};

	return cmocka_run_group_tests_name("config_trigger", tests, NULL, NULL);
}
