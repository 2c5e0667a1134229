#include <inttypes.h>

#include "platform/api_call.h"
#include "platform/refuse.h"

enum { PAGE = 30, PAGE_MAX = 200 };

const char *api_decode(struct api_call *c, struct str s, bool plus)
{
	struct strbuf b = STRBUF_INIT;
	const char *text;

	httpd_decode(&b, s, plus);
	if (memchr(b.buf, '\0', b.len)) {
		strbuf_reset(&b);
		strbuf_addstr(&b, s);
	}
	text = arena_strndup(c->arena, b.buf, b.len);
	strbuf_release(&b);
	return text;
}

const char *api_query(struct api_call *c, const char *name)
{
	struct str rest = c->query, field;
	size_t n;

	while (rest.p && str_next(&rest, '&', &field)) {
		n = 0;
		while (n < field.n && field.p[n] != '=')
			n++;
		if (str_is((struct str){field.p, n}, name))
			return api_decode(c, str_from(field, n + 1), true);
	}
	return NULL;
}

int api_query_bool(struct api_call *c, const char *name, bool *v, struct err *e)
{
	const char *text = api_query(c, name);

	if (!text)
		return 0;
	if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return refuse(e, 400,
			      "The query parameter '%s' was malformed:\n'%s' is not a valid "
			      "Boolean value",
			      name, text);
	*v = strcmp(text, "true") == 0;
	return 0;
}

static int query_int(struct api_call *c, const char *name, const char *what, int64_t *v,
		     struct err *e)
{
	const char *text = api_query(c, name);

	if (text && !str_to_i64(str_of(text), v))
		return refuse(e, 400, "The value '%s' is not an integer for %s.", text, what);
	return 0;
}

int api_query_page(struct api_call *c, const char *what, unsigned *limit, unsigned *skip,
		   struct err *e)
{
	int64_t l = PAGE, s = 0;

	if (query_int(c, "limit", what, &l, e) < 0 || query_int(c, "skip", what, &s, e) < 0)
		return -1;
	if (l < 0 || l > PAGE_MAX)
		return refuse(e, 400,
			      "The value '%" PRId64 "' is not in the range of 0 to %d for %s.",
			      l, PAGE_MAX, what);
	if (s < 0)
		return refuse(e, 400,
			      "The value '%" PRId64
			      "' is not greater than or equal to 0 for %s.",
			      s, what);
	*limit = l ? (unsigned)l : PAGE_MAX;
	*skip = s > INT32_MAX ? INT32_MAX : (unsigned)s;
	return 0;
}
