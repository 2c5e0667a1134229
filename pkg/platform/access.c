#include "platform/access.h"

#include <arpa/inet.h>
#include <strings.h>

#include "base/base64.h"

enum { HOST_MAX = 255, HEADER_MAX = 4096 };

static bool is_loopback_name(const char *name)
{
	static const char suffix[] = ".localhost";
	size_t n = strlen(name);
	struct in_addr v4;

	if (strcasecmp(name, "localhost") == 0)
		return true;
	if (n >= sizeof(suffix) && strcasecmp(name + n - (sizeof(suffix) - 1), suffix) == 0)
		return true;
	return inet_pton(AF_INET, name, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

static bool is_port(struct str s)
{
	uint64_t port;

	return s.n == 0 || (str_to_u64(s, &port) && port <= UINT16_MAX);
}

bool access_host_is_loopback(const char *host)
{
	char name[HOST_MAX + 1];
	struct str rest = str_of(host);
	size_t n;

	if (!host || rest.n > HOST_MAX)
		return false;
	if (str_starts(rest, "[::1]")) {
		rest = str_from(rest, 5);
		return rest.n == 0 || (rest.p[0] == ':' && is_port(str_from(rest, 1)));
	}
	n = strcspn(host, ":");
	memcpy(name, host, n);
	name[n] = '\0';
	return is_loopback_name(name) && is_port(str_from(rest, n + 1));
}

static bool is_same(struct str a, struct str b)
{
	volatile unsigned char differ = a.n != b.n;
	size_t i;

	for (i = 0; i < a.n; i++)
		differ |= (unsigned char)(a.p[i] ^ (b.n > 0 ? b.p[i % b.n] : 0));
	return differ == 0;
}

bool access_secret_is(const char *given, struct str secret)
{
	return given && is_same(str_of(given), secret);
}

enum access access_check(const char *header, const char *auth)
{
	struct str value = str_of(header);
	struct strbuf decoded = STRBUF_MAX(HEADER_MAX);
	bool granted;

	if (!header)
		return ACCESS_NONE;
	if (value.n < 6 || value.n > HEADER_MAX || strncasecmp(header, "Basic ", 6) != 0)
		return ACCESS_WRONG;
	granted = base64_decode(&decoded, str_trim(str_from(value, 6))) == 0 &&
		  is_same(strbuf_str(&decoded), str_of(auth));
	strbuf_release(&decoded);
	return granted ? ACCESS_GRANTED : ACCESS_WRONG;
}

enum access access_check_bearer(const char *header, const char *auth)
{
	struct str value = str_of(header), key = str_of(strchr(auth, ':'));

	if (!header)
		return ACCESS_NONE;
	if (value.n < 7 || value.n > HEADER_MAX || strncasecmp(header, "Bearer ", 7) != 0)
		return ACCESS_WRONG;
	key = str_from(key, 1);
	return key.n > 0 && is_same(str_trim(str_from(value, 7)), key) ? ACCESS_GRANTED
								       : ACCESS_WRONG;
}
