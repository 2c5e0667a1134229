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
#endif
