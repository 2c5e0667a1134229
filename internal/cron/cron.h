/*
 * cron.h - schedules of five fields: minute, hour, day, month, weekday
 *
 * A field is '*', a number, a range a-b, or a list of those with commas; '*' and
 * ranges (and numbers, which then are the start of a range) may have a step /n.
 * Months and weekdays may be given by the first three letters of their English
 * names; Sunday is 0 and 7.  Seconds, years, '?', 'L', 'W', '#' and words such
 * as "@daily" are not known.
 */
#ifndef CRON_CRON_H
#define CRON_CRON_H
#include "base/strbuf.h"

enum { CRON_MAX_BYTES = 1000 };

/*
 * Appends the schedule to out in the one form that every platform takes: five
 * fields with one space between, numbers without leading zeros, no names, Sunday as
 * 0.  False, with what is wrong and what is allowed in *why, when text is none.
 */
bool cron_normalize(struct str text, struct strbuf *out, struct strbuf *why) NODISCARD;

/* What a schedule names, as sets of bits. */
struct cron {
	uint64_t minutes;
	uint32_t hours, days, months, weekdays; /* bit 1 of days is the first day */
	bool any_day, any_weekday;              /* the field is '*' */
};

/* False when the text is no schedule, as above. */
bool cron_parse(struct str text, struct cron *c) NODISCARD;
/*
 * The first minute behind `after`, both in seconds since 1970, UTC; -1 when
 * there is none ("0 0 30 2 *").  When neither day nor weekday is '*', a date
 * needs to be in one of the two.
 */
int64_t cron_next(const struct cron *c, int64_t after) NODISCARD;
#endif
