#include <time.h>

#include "cron/cron.h"

/*
 * From one 29th of February to the next there are at most eight years (1896 to
 * 1904, 2096 to 2104); the day and the month of a date have no longer wait.
 */
enum { DAY_S = 86400, HOUR_S = 3600, MINUTE_S = 60, MOST_DAYS = 8 * 366 + 1 };

static bool has(uint64_t bits, int n)
{
	return bits >> n & 1;
}

static bool is_date(const struct cron *c, int64_t day)
{
	time_t seconds = (time_t)(day * DAY_S);
	struct tm tm;
	bool in_days, in_weekdays;

	if (!gmtime_r(&seconds, &tm) || !has(c->months, tm.tm_mon + 1))
		return false;
	in_days = has(c->days, tm.tm_mday);
	in_weekdays = has(c->weekdays, tm.tm_wday);
	if (!c->any_day && !c->any_weekday)
		return in_days || in_weekdays;
	return in_days && in_weekdays;
}

/* The first minute of the day that is not before `from`, in seconds of the day; -1: none. */
static int first_minute(const struct cron *c, int from)
{
	int hour = from / HOUR_S, minute = from % HOUR_S / MINUTE_S;

	for (; hour < 24; hour++, minute = 0) {
		if (!has(c->hours, hour))
			continue;
		for (; minute < 60; minute++)
			if (has(c->minutes, minute))
				return hour * HOUR_S + minute * MINUTE_S;
	}
	return -1;
}

int64_t cron_next(const struct cron *c, int64_t after)
{
	int64_t start = (after / MINUTE_S + 1) * MINUTE_S;
	int64_t day = start / DAY_S, last = day + MOST_DAYS;
	int from = (int)(start % DAY_S), found;

	for (; day <= last; day++, from = 0) {
		if (!is_date(c, day))
			continue;
		found = first_minute(c, from);
		if (found >= 0)
			return day * DAY_S + found;
	}
	return -1;
}
