/* clock.h - what time it is, and how it is written; always UTC, 24 hours */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H
#include "base/base.h"

/* Milliseconds that only go forward; for durations and deadlines. */
uint64_t clock_monotonic_ms(void);
/* Since 1970-01-01, UTC. */
uint64_t clock_realtime_ms(void);
uint64_t clock_realtime_ns(void);

enum { CLOCK_STAMP = 31, CLOCK_STAMP_S = 21, CLOCK_DATE = 20 };
/* "2023-05-01T10:11:12.345678901Z", always nine digits of fraction. */
void clock_stamp(uint64_t realtime_ns, char out[CLOCK_STAMP]);
/* "2023-05-01T10:11:12Z" */
void clock_stamp_s(uint64_t realtime_ms, char out[CLOCK_STAMP_S]);
/* "2023-05-01 10:11:12" in the local time zone. */
void clock_local(uint64_t realtime_ms, char out[CLOCK_DATE]);
#endif
