#include "platform/web_types.h"

#include <strings.h>

static bool is_token_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

static struct str take_token(struct str *rest)
{
	struct str token = {rest->p, 0};

	while (token.n < rest->n && is_token_char(rest->p[token.n]))
		token.n++;
	*rest = str_from(*rest, token.n);
	return token;
}

bool web_is_token(struct str s)
{
	return take_token(&s).n > 0 && s.n == 0;
}

static bool take_char(struct str *rest, char c)
{
	if (rest->n == 0 || rest->p[0] != c)
		return false;
	*rest = str_from(*rest, 1);
	return true;
}

/* Behind the opening quote, up to and with the closing one. */
static bool take_quoted(struct str *rest)
{
	while (rest->n) {
		unsigned char c = (unsigned char)rest->p[0];
		size_t n = c == '\\' ? 2 : 1;

		if (c < ' ' || c == 0x7f)
			return false;
		*rest = str_from(*rest, n);
		if (c == '"')
			return true;
	}
	return false;
}

static bool take_value(struct str *rest)
{
	if (take_char(rest, '"'))
		return take_quoted(rest);
	return take_token(rest).n > 0;
}

struct param {
	struct str name;
	struct str text; /* name=value */
};

enum step { STEP_PARAM, STEP_END, STEP_WRONG };

/* The next of ";name=value"; a semicolon with nothing behind it is passed over. */
static enum step next_param(struct str *rest, struct param *p)
{
	do {
		*rest = str_trim(*rest);
		if (rest->n == 0)
			return STEP_END;
		if (!take_char(rest, ';'))
			return STEP_WRONG;
		*rest = str_trim(*rest);
	} while (rest->n == 0 || rest->p[0] == ';');
	p->text = *rest;
	p->name = take_token(rest);
	if (p->name.n == 0 || !take_char(rest, '=') || !take_value(rest))
		return STEP_WRONG;
	p->text.n -= rest->n;
	return STEP_PARAM;
}

static bool is_word(struct str s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

bool web_type_parse(struct str text, struct web_type *t)
{
	struct str rest = str_trim(text);
	struct param p;
	enum step step;

	*t = (struct web_type){0};
	t->main = take_token(&rest);
	if (t->main.n == 0 || !take_char(&rest, '/'))
		return false;
	t->sub = take_token(&rest);
	t->params = rest;
	while ((step = next_param(&rest, &p)) == STEP_PARAM)
		if (is_word(p.name, "charset"))
			t->has_charset = true;
	return t->sub.n > 0 && step == STEP_END;
}

bool web_type_is(const struct web_type *t, const char *name)
{
	const char *slash = strchr(name, '/');

	return slash && is_word(t->sub, slash + 1) && t->main.n == (size_t)(slash - name) &&
	       strncasecmp(t->main.p, name, t->main.n) == 0;
}

bool web_type_is_json(const struct web_type *t)
{
	return web_type_is(t, "application/json") ||
	       (t->sub.n > 5 && is_word(str_from(t->sub, t->sub.n - 5), "+json"));
}

static bool is_one_of(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (is_word(s, *words))
			return true;
	return false;
}

static bool has_prefix(struct str s, const char *const *prefixes)
{
	for (; *prefixes; prefixes++)
		if (s.n >= strlen(*prefixes) && !strncasecmp(s.p, *prefixes, strlen(*prefixes)))
			return true;
	return false;
}

static enum web_class text_class(struct str sub)
{
	static const char *const known[] = {
		"asp",
		"cache-manifest",
		"calendar",
		"css",
		"csv",
		"html",
		"markdown",
		"mcf",
		"plain",
		"richtext",
		"tab-separated-values",
		"uri-list",
		"vnd.wap.wml",
		"vnd.wap.wmlscript",
		"x-asm",
		"x-c",
		"x-component",
		"x-h",
		"x-java-source",
		"x-pascal",
		"x-script",
		"x-scriptcsh",
		"x-scriptelisp",
		"x-scriptksh",
		"x-scriptlisp",
		"x-scriptperl",
		"x-scriptperl-module",
		"x-scriptphyton",
		"x-scriptrexx",
		"x-scriptscheme",
		"x-scriptsh",
		"x-scripttcl",
		"x-scripttcsh",
		"x-scriptzsh",
		"x-server-parsed-html",
		"x-setext",
		"x-sgml",
		"x-speech",
		"x-uuencode",
		"x-vcalendar",
		"x-vcard",
		"xml",
		NULL,
	};

	if (is_word(sub, "event-stream"))
		return WEB_TEXT_UTF8;
	return is_one_of(sub, known) ? WEB_TEXT : WEB_BINARY;
}

static enum web_class application_class(struct str sub)
{
	static const char *const utf8[] = {
		"json",         "json-patch+json",       "problem+json", "merge-patch+json",
		"vnd.api+json", "x-www-form-urlencoded", NULL,
	};
	static const char *const text[] = {
		"atom+xml",
		"base64",
		"javascript",
		"problem+xml",
		"rss+xml",
		"soap+xml",
		"vnd.google-earth.kml+xml",
		"x-latex",
		"x-vrml",
		"xhtml+xml",
		"xml",
		"xml-dtd",
		NULL,
	};

	if (is_one_of(sub, utf8))
		return WEB_TEXT_UTF8;
	return is_one_of(sub, text) ? WEB_TEXT : WEB_BINARY;
}

/*
 * A type the registry knows as binary stays that, whatever charset it claims.
 * Of the kinds that are binary as a whole every type is taken as registered.
 */
static bool is_registered_binary(const struct web_type *t)
{
	static const char *const kinds[] = {
		"audio", "font", "image", "message", "multipart", "video", NULL,
	};
	static const char *const applications[] = {
		"cbor",
		"gnutar",
		"grpc+proto",
		"java-archive",
		"lha",
		"lzx",
		"msword",
		"octet-stream",
		"pdf",
		"postscript",
		"vnd.google-earth.kmz",
		"x-7z-compressed",
		"x-ace-compressed",
		"x-apple-diskimage",
		"x-arc-compressed",
		"x-bzip",
		"x-bzip2",
		"x-chrome-extension",
		"x-compress",
		"x-compressed",
		"x-debian-package",
		"x-dvi",
		"x-font-opentype",
		"x-font-truetype",
		"x-gtar",
		"x-gzip",
		"x-rar-compressed",
		"x-redhat-package-manager",
		"x-shockwave-flash",
		"x-tar",
		"x-tex",
		"x-texinfo",
		"x-x509-ca-cert",
		"x-xpinstall",
		"zip",
		NULL,
	};
	static const char *const office[] = {
		"vnd.ms-excel", "vnd.ms-fontobject",       "vnd.ms-powerpoint",
		"vnd.ms-word",  "vnd.oasis.opendocument.", "vnd.openxmlformats-officedocument.",
		NULL,
	};

	if (is_one_of(t->main, kinds))
		return true;
	return is_word(t->main, "application") &&
	       (is_one_of(t->sub, applications) || has_prefix(t->sub, office));
}

enum web_class web_type_class(const struct web_type *t)
{
	enum web_class class = WEB_BINARY;

	if (is_word(t->main, "text"))
		class = text_class(t->sub);
	else if (is_word(t->main, "application"))
		class = application_class(t->sub);
	if (class == WEB_BINARY && t->has_charset && !is_registered_binary(t))
		class = WEB_TEXT;
	return class;
}

void web_type_write(struct strbuf *out, const struct web_type *t)
{
	enum web_class class = web_type_class(t);
	struct str rest = t->params;
	struct param p;

	strbuf_addstr(out, t->main);
	strbuf_addc(out, '/');
	strbuf_addstr(out, t->sub);
	while (next_param(&rest, &p) == STEP_PARAM) {
		if (class != WEB_BINARY && is_word(p.name, "charset"))
			continue;
		strbuf_adds(out, "; ");
		strbuf_addstr(out, p.text);
	}
	if (class == WEB_TEXT)
		strbuf_adds(out, "; charset=UTF-8");
}
