#include "platform/refuse.h"

#include <stdarg.h>

#include "base/strbuf.h"

int refuse(struct err *e, int status, const char *fmt, ...)
{
	struct strbuf text = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	err_set(e, ERR_USAGE, "%s", text.buf);
	e->status = status;
	strbuf_release(&text);
	return -1;
}
