#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

PRINTF(1, 0)
static char *vformat(const char *fmt, va_list ap)
{
	char *s;

	if (vasprintf(&s, fmt, ap) < 0)
		bug("cannot format '%s'", fmt);
	return s;
}

int err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	if (e->code != ERR_OK)
		bug("error set twice: '%s'", e->msg);
	va_start(ap, fmt);
	e->msg = vformat(fmt, ap);
	va_end(ap);
	e->code = code;
	return -1;
}

int err_sys(struct err *e, const char *fmt, ...)
{
	int saved = errno;
	char *what;
	va_list ap;

	va_start(ap, fmt);
	what = vformat(fmt, ap);
	va_end(ap);
	err_set(e, ERR_SYSTEM, "%s: %s", what, strerror(saved));
	e->sys = saved;
	free(what);
	return -1;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char *what, *whole;
	va_list ap;

	if (e->code == ERR_OK)
		bug("err_wrap without an error");
	va_start(ap, fmt);
	what = vformat(fmt, ap);
	va_end(ap);
	if (asprintf(&whole, "%s: %s", what, e->msg) < 0)
		bug("cannot format '%s'", fmt);
	free(what);
	free(e->msg);
	e->msg = whole;
	return -1;
}

int err_move(struct err *to, struct err *from)
{
	if (to->code != ERR_OK)
		bug("error set twice: '%s'", to->msg);
	*to = *from;
	*from = ERR_INIT;
	return -1;
}

void err_clear(struct err *e)
{
	free(e->msg);
	*e = ERR_INIT;
}

int err_exit_status(const struct err *e)
{
	switch (e->code) {
	case ERR_OK: return 0;
	case ERR_USAGE:
	case ERR_PROJECT: return 2;
	case ERR_CANCELLED: return 130;
	default: return 1;
	}
}
