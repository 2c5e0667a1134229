#include "build/traces.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "base/strbuf.h"
#include "fs/fs.h"

enum { FILE_MAX = 64 * 1024 * 1024 };

static const char *const own_of_uv[] = {"uv_cache.json", "uv_build.json"};

static int write_back(int dir, const char *name, struct str text, struct err *e)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, "cannot look at '%s'", name);
	return fs_write_atomic(dir, name, text, st.st_mode & 0777, e);
}

static int fix_script(int dir, const char *name, struct err *e)
{
	struct strbuf text = STRBUF_INIT, fixed = STRBUF_INIT;
	struct str rest, first;
	struct stat st;
	int rc = 0;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return 0;
	rc = fs_read(dir, name, FILE_MAX, &text, e);
	rest = strbuf_str(&text);
	if (rc == 0 && str_starts(rest, "#!") && str_next(&rest, '\n', &first) &&
	    memmem(first.p, first.n, "python", 6)) {
		strbuf_adds(&fixed, "#!/usr/bin/env python3\n");
		strbuf_add(&fixed, rest.p, rest.n);
		rc = write_back(dir, name, strbuf_str(&fixed), e);
	}
	strbuf_release(&fixed);
	strbuf_release(&text);
	return rc;
}

static bool is_of_uv(struct str name)
{
	size_t i;

	for (i = 0; i < countof(own_of_uv); i++)
		if (str_is(name, own_of_uv[i]))
			return true;
	return false;
}

static bool is_script(struct str name)
{
	while (str_starts(name, "../"))
		name = str_from(name, 3);
	return str_starts(name, "bin/");
}

/* "bin/x,sha256=...,123": of a script that was changed neither is said. */
static void add_record_line(struct strbuf *out, struct str line)
{
	struct str rest = line, name = {0};

	(void)str_next(&rest, ',', &name);
	if (is_of_uv(path_base(name)))
		return;
	if (is_script(name))
		strbuf_addf(out, "%.*s,,%s", STR_ARG(name), str_ends(line, "\r") ? "\r" : "");
	else
		strbuf_add(out, line.p, line.n);
	strbuf_addc(out, '\n');
}

static int fix_record(int dir, struct err *e)
{
	struct strbuf text = STRBUF_INIT, fixed = STRBUF_INIT;
	struct str rest, line;
	int rc;

	if (faccessat(dir, "RECORD", F_OK, 0) < 0)
		return 0;
	rc = fs_read(dir, "RECORD", FILE_MAX, &text, e);
	rest = strbuf_str(&text);
	while (rest.n > 0 && str_next(&rest, '\n', &line))
		add_record_line(&fixed, line);
	if (rc == 0 && (text.len != fixed.len || memcmp(text.buf, fixed.buf, text.len) != 0))
		rc = write_back(dir, "RECORD", strbuf_str(&fixed), e);
	strbuf_release(&fixed);
	strbuf_release(&text);
	return rc;
}

static int fix_info(int packages, const char *name, struct err *e)
{
	int dir, rc = 0;
	size_t i;

	if (!str_ends(str_of(name), ".dist-info"))
		return 0;
	dir = fs_open_dir(packages, name, e);
	if (dir < 0)
		return -1;
	for (i = 0; i < countof(own_of_uv) && rc == 0; i++)
		if (unlinkat(dir, own_of_uv[i], 0) < 0 && errno != ENOENT)
			rc = err_sys(e, "cannot remove '%s/%s'", name, own_of_uv[i]);
	if (rc == 0)
		rc = fix_record(dir, e);
	(void)close(dir);
	return rc;
}

/* fn for every name in the folder at dir, which is closed. */
static int for_each(int dir, int (*fn)(int dir, const char *name, struct err *e), struct err *e)
{
	DIR *list = fdopendir(dir);
	const struct dirent *d;
	int rc = 0;

	if (!list) {
		(void)close(dir);
		return err_sys(e, "cannot list the installed packages");
	}
	while (rc == 0 && (d = readdir(list)))
		if (*d->d_name != '.')
			rc = fn(dirfd(list), d->d_name, e);
	(void)closedir(list);
	return rc;
}

int traces_remove(int folder, const char *packages, struct err *e)
{
	int dir = fs_open_dir(folder, packages, e), bin;

	if (dir < 0)
		return -1;
	(void)unlinkat(dir, ".lock", 0);
	bin = openat(dir, "bin", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (bin >= 0 && for_each(bin, fix_script, e) < 0) {
		(void)close(dir);
		return -1;
	}
	return for_each(dir, fix_info, e);
}
