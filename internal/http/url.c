#include <stdlib.h>

#include "base/utf8.h"
#include "http/http.h"

enum { HOST_BYTES = 253 };

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void http_add_encoded(struct strbuf *out, struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (is_alnum(s.p[i]) || (s.p[i] && strchr("-._~", s.p[i])))
			strbuf_addc(out, s.p[i]);
		else
			strbuf_addf(out, "%%%02X", (unsigned char)s.p[i]);
	}
}

static bool consists_of(struct str s, const char *others)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && !(s.p[i] && strchr(others, s.p[i])))
			return false;
	return s.n > 0;
}

static bool is_port(struct str s)
{
	uint64_t n;

	return str_to_u64(s, &n) && n > 0 && n <= 65535;
}

static bool is_host(struct str s)
{
	return s.n <= HOST_BYTES && consists_of(s, ".-_") && is_alnum(s.p[0]);
}

/* Splits "host", "host:port", "[v6]" or "[v6]:port" and says whether it is one of them. */
static bool split_server(struct str s, struct str *host)
{
	const char *end = memchr(s.p, s.n && s.p[0] == '[' ? ']' : ':', s.n);
	struct str rest;

	if (s.n && s.p[0] == '[') {
		if (!end)
			return false;
		*host = (struct str){s.p + 1, (size_t)(end - s.p) - 1};
		rest = str_from(s, (size_t)(end - s.p) + 1);
		if (!consists_of(*host, ":.%") || !memchr(host->p, ':', host->n))
			return false;
	} else {
		*host = (struct str){s.p, end ? (size_t)(end - s.p) : s.n};
		rest = str_from(s, host->n);
		if (!is_host(*host))
			return false;
	}
	return rest.n == 0 || (rest.p[0] == ':' && is_port(str_from(rest, 1)));
}

static bool is_loopback(struct str host)
{
	return str_is(host, "127.0.0.1") || str_is(host, "localhost") || str_is(host, "::1");
}

static int refuse(struct str s, struct err *e)
{
	static const char how[] = "write 'host', 'host:port' or 'https://host:port'";
	struct strbuf clean = STRBUF_INIT;

	if (s.n && memchr(s.p, '@', s.n))
		return err_set(e, ERR_USAGE,
			       "the server's address holds a user name or password; %s", how);
	utf8_add_printable(&clean, s);
	err_set(e, ERR_USAGE, "'%s' is no server address; %s", clean.buf, how);
	strbuf_release(&clean);
	return -1;
}

char *http_base_url(const char *host, struct err *e)
{
	char *lower = xstrdup(host), *url = NULL, *c;
	struct str s = str_trim(str_of(lower)), name;
	const char *scheme = NULL;

	for (c = lower; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	if (str_starts(s, "https://"))
		scheme = "https://";
	else if (str_starts(s, "http://"))
		scheme = "http://";
	s = str_from(s, scheme ? strlen(scheme) : 0);
	if (str_ends(s, "/"))
		s.n--;
	if (split_server(s, &name)) {
		if (!scheme)
			scheme = is_loopback(name) ? "http://" : "https://";
		url = xasprintf("%s%.*s", scheme, STR_ARG(s));
	} else {
		refuse(str_of(host), e);
	}
	free(lower);
	return url;
}
