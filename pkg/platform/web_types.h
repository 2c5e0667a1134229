/*
 * web_types.h - media types as the platform's HTTP library (pekko-http) sorts
 * them: what is binary, what is JSON, which header an answer gets
 *
 * platform.md 2.4.
 */
#ifndef PLATFORM_WEB_TYPES_H
#define PLATFORM_WEB_TYPES_H
#include "base/str.h"
#include "base/strbuf.h"

/* Slices of the parsed text, in the case they were written in. */
struct web_type {
	struct str main, sub;
	struct str params; /* from the first ';' on, or empty */
	bool has_charset;
};

/* One or more of the characters that names in HTTP are made of (RFC 9110 5.6.2). */
bool web_is_token(struct str s);
/* False when it is no media type. */
bool web_type_parse(struct str text, struct web_type *t);
/* "main/sub", in any case. */
bool web_type_is(const struct web_type *t, const char *name);
/* application/json, or anything that ends in +json. */
bool web_type_is_json(const struct web_type *t);

enum web_class {
	WEB_BINARY,
	WEB_TEXT,      /* in some charset: an answer names it */
	WEB_TEXT_UTF8, /* always UTF-8: an answer names no charset */
};
enum web_class web_type_class(const struct web_type *t);

/* The Content-Type of an answer whose text is UTF-8: another charset is replaced. */
void web_type_write(struct strbuf *out, const struct web_type *t);
#endif
