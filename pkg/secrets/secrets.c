#include "secrets/secrets.h"

/* How the value of a key is written. */
enum form {
	LINES, /* key = value, key: value; in a line of its own */
	WORDS, /* key value */
	JSON,  /* "key": "value" */
	PEM,   /* the same with a key in PEM as the value */
	URLS,  /* https://user:value@host */
};

enum { MAX_KEYS = 4 };

struct kind {
	const char *path; /* the end of it, whole components; '*' in front: the end of the name;
			     '/' at the end: the folder that it is in */
	enum form form;
	const char *keys[MAX_KEYS]; /* a LINES key may have something in front of ":key" */
	const char *what;
};

/* Where the tools keep them, by their manuals.  Every line that fits a path is tried. */
static const struct kind kinds[] = {
	{".npmrc", LINES, {"_authToken", "_auth", "_password"}, "credentials of npm"},
	{".yarnrc.yml", LINES, {"npmAuthToken", "npmAuthIdent"}, "credentials of Yarn"},
	{".pypirc", LINES, {"password"}, "credentials of PyPI"},
	{"pip.conf", URLS, {0}, "credentials of pip"},
	{"pip.ini", URLS, {0}, "credentials of pip"},
	{".netrc", WORDS, {"password"}, "passwords"},
	{"_netrc", WORDS, {"password"}, "passwords"},
	{".git-credentials", URLS, {0}, "credentials of git"},
	{".aws/credentials", LINES, {"aws_secret_access_key"}, "credentials of AWS"},
	{".aws/config", LINES, {"aws_secret_access_key"}, "credentials of AWS"},
	{".aws/sso/cache/", JSON, {"accessToken", "refreshToken"}, "credentials of AWS"},
	{".aws/cli/cache/", JSON, {"SecretAccessKey"}, "credentials of AWS"},
	{".s3cfg", LINES, {"secret_key"}, "credentials of S3"},
	{".docker/config.json", JSON, {"auth", "identitytoken"}, "credentials of Docker"},
	{".dockercfg", JSON, {"auth"}, "credentials of Docker"},
	{".dockerconfigjson", JSON, {"auth"}, "credentials of Docker"},
	{"application_default_credentials.json",
	 JSON,
	 {"refresh_token"},
	 "credentials of Google Cloud"},
	{"*.json", PEM, {"private_key"}, "a private key"},
	{"doctl/config.yaml", LINES, {"access-token"}, "credentials of DigitalOcean"},
	{".kube/config",
	 LINES,
	 {"client-key-data", "token", "password"},
	 "credentials of Kubernetes"},
	{"*kubeconfig",
	 LINES,
	 {"client-key-data", "token", "password"},
	 "credentials of Kubernetes"},
	{"*kubeconfig.yaml",
	 LINES,
	 {"client-key-data", "token", "password"},
	 "credentials of Kubernetes"},
	{"*kubeconfig.yml",
	 LINES,
	 {"client-key-data", "token", "password"},
	 "credentials of Kubernetes"},
	{".cargo/credentials", LINES, {"token"}, "credentials of Cargo"},
	{".cargo/credentials.toml", LINES, {"token"}, "credentials of Cargo"},
	{".gem/credentials", LINES, {"rubygems_api_key"}, "credentials of RubyGems"},
};

/* Names that people give to private keys. */
static const char *const key_ends[] = {".pem", ".key", ".p8",   ".ppk", ".asc",
				       ".crt", ".cer", ".priv", "_rsa", "_ed25519"};

static struct str base_of(struct str path)
{
	size_t i = path.n;

	while (i > 0 && path.p[i - 1] != '/')
		i--;
	return str_from(path, i);
}

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

/* Windows and macOS keep no case apart, and people write KEY.PEM. */
static bool ends_with(struct str s, const char *end)
{
	size_t n = strlen(end), i;

	if (s.n < n)
		return false;
	for (i = 0; i < n; i++)
		if (lower(s.p[s.n - n + i]) != lower(end[i]))
			return false;
	return true;
}

static bool is_kind(const struct kind *kind, struct str path)
{
	size_t n = strlen(kind->path);

	if (*kind->path == '*')
		return ends_with(path, kind->path + 1);
	if (kind->path[n - 1] == '/')
		path.n -= base_of(path).n;
	return ends_with(path, kind->path) && (path.n == n || path.p[path.n - n - 1] == '/');
}

static bool has_extension(struct str base)
{
	return base.n > 1 && memchr(base.p + 1, '.', base.n - 1);
}

/* No extension says nothing, so that has to be read too. */
static bool may_be_key(struct str base)
{
	size_t i;

	if (ends_with(base, ".pub"))
		return false;
	if (str_starts(base, "id_") || !has_extension(base))
		return true;
	for (i = 0; i < countof(key_ends); i++)
		if (ends_with(base, key_ends[i]))
			return true;
	return false;
}

bool secrets_may_be_in(struct str path)
{
	bool dependency = secrets_is_dependency(path);
	struct str base = base_of(path);
	size_t i;

	for (i = 0; i < countof(kinds); i++)
		if (is_kind(&kinds[i], path) && !(dependency && *kinds[i].path == '*'))
			return true;
	/* Of the thousands of files there, only what has the name of a key. */
	if (dependency && !has_extension(base) && !str_starts(base, "id_"))
		return false;
	return may_be_key(base);
}

static bool is_key_header(struct str line)
{
	return (str_starts(line, "-----BEGIN ") &&
		(str_ends(line, "PRIVATE KEY-----") ||
		 str_ends(line, "PRIVATE KEY BLOCK-----"))) ||
	       str_starts(line, "PuTTY-User-Key-File-");
}

static bool has_key(struct str text)
{
	struct str line;

	while (str_next(&text, '\n', &line))
		if (is_key_header(str_trim(line)))
			return true;
	return false;
}

static struct str unquote(struct str s)
{
	s = str_trim(s);
	if (s.n && (s.p[0] == '"' || s.p[0] == '\''))
		s = str_from(s, 1);
	if (s.n && (s.p[s.n - 1] == '"' || s.p[s.n - 1] == '\''))
		s.n--;
	return s;
}

static bool is_value(struct str s)
{
	s = unquote(s);
	return s.n > 0 && !str_starts(s, "${") && s.p[0] != '<';
}

static bool is_key(const struct kind *kind, struct str key)
{
	size_t i, n;

	for (i = 0; i < MAX_KEYS && kind->keys[i]; i++) {
		n = strlen(kind->keys[i]);
		if (ends_with(key, kind->keys[i]) &&
		    (key.n == n || key.p[key.n - n - 1] == ':' || key.p[key.n - n - 1] == ' '))
			return true;
	}
	return false;
}

static bool has_value_in_line(const struct kind *kind, struct str line)
{
	size_t i;

	line = str_trim(line);
	if (!line.n || line.p[0] == '#' || line.p[0] == ';')
		return false;
	for (i = 0; i < line.n; i++)
		if ((line.p[i] == '=' || line.p[i] == ':') &&
		    is_key(kind, unquote((struct str){line.p, i})) &&
		    is_value(str_from(line, i + 1)))
			return true;
	return false;
}

static bool has_line(const struct kind *kind, struct str text)
{
	struct str line;

	while (str_next(&text, '\n', &line))
		if (has_value_in_line(kind, line))
			return true;
	return false;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct str next_word(struct str *text)
{
	size_t n = 0;
	struct str word;

	*text = str_trim(*text);
	while (n < text->n && !is_space(text->p[n]))
		n++;
	word = (struct str){text->p, n};
	*text = str_from(*text, n);
	return word;
}

static bool has_word(const struct kind *kind, struct str text)
{
	struct str word = next_word(&text);

	for (; word.n; word = next_word(&text))
		if (is_key(kind, word) && is_value(next_word(&text)))
			return true;
	return false;
}

/* What follows the key is `: "value"` with something in it. */
static bool is_json_value(const struct kind *kind, struct str text)
{
	text = str_trim(text);
	if (!str_starts(text, ":"))
		return false;
	text = str_trim(str_from(text, 1));
	if (!str_starts(text, "\""))
		return false;
	text = str_from(text, 1);
	if (kind->form == PEM)
		return str_starts(text, "-----BEGIN ");
	return text.n > 0 && text.p[0] != '"' && is_value(text);
}

static bool has_json(const struct kind *kind, struct str text)
{
	struct str field;

	text = str_trim(text);
	/* The fields between quotes are names, values, and what stands between them. */
	while (str_next(&text, '"', &field))
		if (is_key(kind, field) && is_json_value(kind, text))
			return true;
	return false;
}

/* "//user:value@" in one line. */
static bool has_url(struct str text)
{
	size_t i, colon = 0;
	bool in_url = false;

	for (i = 0; i + 1 < text.n; i++) {
		if (text.p[i] == '/' || is_space(text.p[i])) {
			in_url = text.p[i] == '/' && text.p[i + 1] == '/';
			i += in_url;
			colon = 0;
		} else if (in_url && text.p[i] == ':' && !colon) {
			colon = i;
		} else if (in_url && text.p[i] == '@' && colon) {
			if (is_value((struct str){text.p + colon + 1, i - colon - 1}))
				return true;
			in_url = false;
		}
	}
	return false;
}

static bool holds(const struct kind *kind, struct str text)
{
	switch (kind->form) {
	case LINES: return has_line(kind, text);
	case WORDS: return has_word(kind, text);
	case JSON:
	case PEM: return has_json(kind, text);
	default: return has_url(text);
	}
}

const char *secrets_find(struct str path, struct str text)
{
	size_t i;

	if (text.n > SECRETS_MAX_BYTES)
		text.n = SECRETS_MAX_BYTES;
	if (may_be_key(base_of(path)) && has_key(text))
		return "a private key";
	for (i = 0; i < countof(kinds); i++)
		if (is_kind(&kinds[i], path) && holds(&kinds[i], text))
			return kinds[i].what;
	return NULL;
}

bool secrets_is_dependency(struct str path)
{
	static const char *const folders[] = {"node_modules", "site-packages", "dist-packages",
					      "vendor"};
	struct str part;
	size_t i;

	while (str_next(&path, '/', &part)) {
		if (!path.p)
			break; /* the file itself */
		for (i = 0; i < countof(folders); i++)
			if (str_is(part, folders[i]))
				return true;
	}
	return false;
}

bool secrets_is_env(struct str path)
{
	return str_starts(base_of(path), ".env");
}
