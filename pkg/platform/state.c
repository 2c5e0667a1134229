#include "platform/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "fs/fs.h"
#include "json/json.h"

enum { SMALL = 4096, UUID_LENGTH = 36, KEY_LENGTH = 64 };

char *state_dir(struct err *e)
{
	char *home = fs_home_dir(FS_DATA, e), *dir;

	if (!home)
		return NULL;
	dir = xasprintf("%s/local", home);
	free(home);
	return dir;
}

int state_open_dir(const char *dir, struct err *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno != ENOENT)
		err_sys(e, "cannot open the data folder '%s'", dir);
	return fd;
}

/* A record lock: it goes with the process and names its holder. */
static int open_locked(int dir, const char *name, int how, struct err *e)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600), r;

	if (fd < 0)
		return err_sys(e, "cannot open the lock '%s' of the local platform", name);
	do
		r = fcntl(fd, how, &whole);
	while (r < 0 && how == F_SETLKW && errno == EINTR);
	if (r == 0)
		return fd;
	err_sys(e, "cannot lock '%s' of the local platform", name);
	(void)close(fd);
	return -1;
}

int state_lock(int dir, struct err *e)
{
	int fd = open_locked(dir, "lock", F_SETLK, e);

	if (fd < 0 && (e->sys == EACCES || e->sys == EAGAIN) && state_holder(dir) != 0) {
		err_clear(e);
		err_set(e, ERR_USAGE, "the local platform runs already, as process %d",
			(int)state_holder(dir));
	}
	return fd;
}

int state_lock_changes(struct err *e)
{
	char *home = fs_home_dir(FS_DATA, e);
	int dir = -1, lock = -1;

	if (!home)
		return -1;
	if (fs_make_dirs(AT_FDCWD, home, 0700, e) == 0)
		dir = fs_open_dir(AT_FDCWD, home, e);
	free(home);
	if (dir >= 0) {
		lock = open_locked(dir, "local.lock", F_SETLKW, e);
		(void)close(dir);
	}
	return lock;
}

pid_t state_holder(int dir)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = openat(dir, "lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int r;

	if (fd < 0)
		return 0;
	r = fcntl(fd, F_GETLK, &whole);
	(void)close(fd);
	return r == 0 && whole.l_type != F_UNLCK ? whole.l_pid : 0;
}

/* 1 read, 0 there is none, -1. */
static int read_small(int dir, const char *name, struct strbuf *out, struct err *e)
{
	if (faccessat(dir, name, F_OK, 0) < 0 && errno == ENOENT)
		return 0;
	return fs_read(dir, name, SMALL, out, e) < 0 ? -1 : 1;
}

static bool is_key(struct str s)
{
	return s.n == UUID_LENGTH + 1 + KEY_LENGTH && s.p[UUID_LENGTH] == ':' &&
	       strspn(s.p, "0123456789abcdef-:") == s.n;
}

char *state_read_key(int dir, struct err *e)
{
	struct strbuf text = STRBUF_INIT;
	struct str key;
	char *copy = NULL;

	if (read_small(dir, "key", &text, e) == 1) {
		key = str_trim(strbuf_str(&text));
		if (is_key(key))
			copy = xstrndup(key.p, key.n);
		else
			err_set(e, ERR_SYSTEM,
				"the file 'key' in the data folder holds no key; remove it for "
				"a new one");
	}
	strbuf_release(&text);
	return copy;
}

/* Random, version 4. */
static void add_uuid(struct strbuf *b)
{
	char hex[33];

	random_hex(hex, 16);
	hex[12] = '4';
	hex[16] = "89ab"[(unsigned char)hex[16] % 4];
	strbuf_addf(b, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

char *state_make_key(int dir, struct err *e)
{
	struct err missing = ERR_INIT;
	char *key = state_read_key(dir, &missing), secret[KEY_LENGTH + 1];
	struct strbuf text = STRBUF_INIT;

	if (key)
		return key;
	if (missing.code != ERR_OK) {
		err_move(e, &missing);
		return NULL;
	}
	random_hex(secret, KEY_LENGTH / 2);
	add_uuid(&text);
	strbuf_addf(&text, ":%s", secret);
	if (fs_write_atomic(dir, "key", strbuf_str(&text), 0600, e) < 0) {
		strbuf_release(&text);
		return NULL;
	}
	return strbuf_detach(&text, NULL);
}

char *state_namespace(const char *key)
{
	return xasprintf("fn-%.*s", (int)strcspn(key, ":"), key);
}

static bool to_port(struct str text, uint16_t *port)
{
	uint64_t v;

	if (!str_to_u64(text, &v) || v == 0 || v > UINT16_MAX)
		return false;
	*port = (uint16_t)v;
	return true;
}

uint16_t state_last_port(int dir)
{
	struct strbuf text = STRBUF_INIT;
	struct err ignored = ERR_INIT;
	uint16_t port = 0;

	if (read_small(dir, "port", &text, &ignored) == 1 &&
	    !to_port(str_trim(strbuf_str(&text)), &port))
		port = 0;
	err_clear(&ignored);
	strbuf_release(&text);
	return port;
}

uint16_t state_server_port(int dir, pid_t pid)
{
	struct strbuf text = STRBUF_INIT;
	struct err ignored = ERR_INIT;
	struct json *j = NULL;
	int64_t of_pid = 0;
	uint16_t port = 0;

	if (read_small(dir, "server.json", &text, &ignored) == 1)
		j = json_parse(strbuf_str(&text), &ignored);
	if (!json_int(json_get(j, "pid"), &of_pid) || of_pid != pid ||
	    !to_port(json_number(json_get(j, "port")), &port))
		port = 0;
	json_free(j);
	err_clear(&ignored);
	strbuf_release(&text);
	return port;
}

int state_write_server(int dir, uint16_t port, const char *version, struct err *e)
{
	struct json *j = json_new_object();
	struct strbuf text = STRBUF_INIT, port_text = STRBUF_INIT;
	int rc;

	json_set(j, "pid", json_new_int(getpid()));
	json_set(j, "port", json_new_int(port));
	if (version)
		json_set(j, "version", json_new_cstr(version));
	json_write(&text, j);
	strbuf_addf(&port_text, "%d\n", port);
	rc = fs_write_atomic(dir, "port", strbuf_str(&port_text), 0600, e);
	if (rc == 0)
		rc = fs_write_atomic(dir, "server.json", strbuf_str(&text), 0600, e);
	json_free(j);
	strbuf_release(&text);
	strbuf_release(&port_text);
	return rc;
}

void state_remove_server(int dir)
{
	(void)!unlinkat(dir, "server.json", 0);
}
