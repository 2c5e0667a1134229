#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static uint64_t read_ns(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t) < 0)
		bug("clock_gettime failed");
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t clock_monotonic_ms(void)
{
	return read_ns(CLOCK_MONOTONIC) / 1000000;
}

uint64_t clock_realtime_ms(void)
{
	return read_ns(CLOCK_REALTIME) / 1000000;
}

uint64_t clock_realtime_ns(void)
{
	return read_ns(CLOCK_REALTIME);
}

void clock_stamp(uint64_t realtime_ns, char out[CLOCK_STAMP])
{
	time_t seconds = (time_t)(realtime_ns / 1000000000);
	struct tm tm;
	char date[CLOCK_DATE];

	if (!gmtime_r(&seconds, &tm) || !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm))
		memcpy(date, "1970-01-01T00:00:00", sizeof(date));
	(void)snprintf(out, CLOCK_STAMP, "%s.%09uZ", date,
		       (unsigned)(realtime_ns % 1000000000));
}

void clock_stamp_s(uint64_t realtime_ms, char out[CLOCK_STAMP_S])
{
	char stamp[CLOCK_STAMP];

	clock_stamp(realtime_ms / 1000 * 1000000000, stamp);
	memcpy(out, stamp, CLOCK_STAMP_S - 2);
	memcpy(out + CLOCK_STAMP_S - 2, "Z", 2);
}

void clock_local(uint64_t realtime_ms, char out[CLOCK_DATE])
{
	time_t seconds = (time_t)(realtime_ms / 1000);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) || !strftime(out, CLOCK_DATE, "%Y-%m-%d %H:%M:%S", &tm))
		memcpy(out, "1970-01-01 00:00:00", CLOCK_DATE);
}
