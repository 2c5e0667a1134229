#include "build/requirements.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "build/toml.h"
#include "fs/fs.h"

enum { FILE_MAX = 1024 * 1024, NESTED_MAX = 100 };

struct reading {
	struct requirements *r;
	struct arena arena;
	struct sha256 *hash;
	int root;
	size_t files;
	bool names_any; /* a package is asked for */
};

static int read_file(struct reading *rd, const char *path, struct err *e);

static bool is_there(int root, const char *path)
{
	struct stat st;

	return fstatat(root, path, &st, 0) == 0 && S_ISREG(st.st_mode);
}

/* "-r base.txt", "-rbase.txt", "--requirement=base.txt": the value, else an empty one. */
static struct str value_of(struct str line, const char *letter, const char *name)
{
	struct str value = {0};

	if (str_starts(line, name))
		value = str_from(line, strlen(name));
	else if (str_starts(line, letter) && !str_starts(line, "--"))
		value = str_from(line, strlen(letter));
	value = str_trim(value);
	if (str_starts(value, "="))
		value = str_trim(str_from(value, 1));
	return value;
}

/* Another file, relative to the one that names it.  pip tells when it is missing. */
static int read_nested(struct reading *rd, const char *from, struct str name, struct err *e)
{
	const char *text = arena_strndup(&rd->arena, name.p, name.n);
	const char *path = path_resolve(&rd->arena, path_dir(str_of(from)), str_of(text));

	if (path && is_there(rd->root, path) && rd->files < NESTED_MAX)
		return read_file(rd, path, e);
	rd->r->has_local = true;
	return 0;
}

/* Something on this machine whose contents may change while its name stays. */
static bool is_local(struct str line)
{
	return str_starts(line, ".") || str_starts(line, "/") || str_starts(line, "-e") ||
	       str_starts(line, "--editable") || memmem(line.p, line.n, "file:", 5) ||
	       str_ends(line, ".whl") || str_ends(line, ".tar.gz") || str_ends(line, ".zip");
}

static int read_line(struct reading *rd, const char *path, struct str line, struct err *e)
{
	struct str nested = value_of(line, "-r", "--requirement");

	if (nested.n == 0)
		nested = value_of(line, "-c", "--constraint");
	if (nested.n > 0)
		return read_nested(rd, path, nested, e);
	if (is_local(line))
		rd->r->has_local = true;
	if (line.n > 0 &&
	    (*line.p != '-' || str_starts(line, "-e") || str_starts(line, "--editable")))
		rd->names_any = true;
	return 0;
}

/* Without the comment, which begins the line or stands behind a blank. */
static struct str without_comment(struct str line)
{
	size_t i;

	for (i = 0; i < line.n; i++)
		if (line.p[i] == '#' &&
		    (i == 0 || line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
			line.n = i;
	return str_trim(line);
}

static int read_file(struct reading *rd, const char *path, struct err *e)
{
	struct strbuf text = STRBUF_INIT;
	struct str rest, line;
	int rc = fs_read_below(rd->root, -1, path, FILE_MAX, &text, e);

	rd->files++;
	if (rc == 0) {
		sha256_add(rd->hash, &text.len, sizeof(text.len));
		sha256_add(rd->hash, text.buf, text.len);
	}
	rest = strbuf_str(&text);
	while (rc == 0 && str_next(&rest, '\n', &line))
		rc = read_line(rd, path, without_comment(line), e);
	strbuf_release(&text);
	return rc;
}

static int read_pyproject(struct reading *rd, const char *path, struct err *e)
{
	struct strbuf text = STRBUF_INIT;
	int rc = fs_read_below(rd->root, -1, path, FILE_MAX, &text, e);
	struct toml_dependencies asked = toml_dependencies(strbuf_str(&text));

	if (rc == 0)
		sha256_add(rd->hash, text.buf, text.len);
	rd->names_any = asked.listed;
	if (asked.dynamic)
		rd->r->unread = "dynamic";
	else if (asked.poetry)
		rd->r->unread = "[tool.poetry.dependencies]";
	if (memmem(text.buf, text.len, "file:", 5))
		rd->r->has_local = true;
	strbuf_release(&text);
	return rc;
}

int requirements_read(struct requirements *r, int root, const char *folder, struct err *e)
{
	struct reading rd = {.r = r, .root = root, .hash = sha256_new()};
	const char *list = arena_printf(&rd.arena, "%s/requirements.txt", folder);
	const char *project = arena_printf(&rd.arena, "%s/pyproject.toml", folder);
	int rc = 0;

	*r = (struct requirements){0};
	if (is_there(root, list)) {
		r->file = "requirements.txt";
		rc = read_file(&rd, list, e);
	} else if (is_there(root, project)) {
		r->file = "pyproject.toml";
		rc = read_pyproject(&rd, project, e);
	}
	if (!rd.names_any)
		r->file = NULL;
	sha256_end(rd.hash, r->digest);
	arena_release(&rd.arena);
	return rc;
}
