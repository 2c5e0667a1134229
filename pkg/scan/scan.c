#include "scan/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "fs/fs.h"
#include "project/sequence.h"
#include "scan/scan_private.h"
#include "scan/values.h"
#include "yaml/yaml.h"

enum { MAX_PARENTS = 20 };

static int open_root(const char *dir, struct project *p, struct err *e)
{
	char *real;

	p->root = arena_strdup(&p->arena, dir);
	p->root_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	real = p->root_fd < 0 ? NULL : realpath(dir, NULL);
	if (real) {
		p->real = arena_strdup(&p->arena, real);
		free(real);
		return 0;
	}
	if (errno == ENOENT)
		return err_set(e, ERR_PROJECT, "there is no folder '%s'", dir);
	if (errno == ENOTDIR)
		return err_set(e, ERR_PROJECT,
			       "'%s' is not a folder; name the project's folder", dir);
	return err_set(e, ERR_PROJECT, "cannot open the folder '%s': %s", dir, strerror(errno));
}

/* Something of that name, be it a broken link. */
static bool exists(int at, const char *name)
{
	struct stat st;

	return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void read_config(struct project *p, const char *name, const struct scan_options *o,
			struct diags *d)
{
	struct strbuf text = STRBUF_INIT;
	struct scan_values values;
	struct err e = ERR_INIT;

	if (fs_read_below(p->root_fd, -1, name, YAML_MAX_BYTES, &text, &e) < 0) {
		diags_add_path(d, DIAG_ERROR, name, "%s", e.msg);
	} else {
		p->config.name = name;
		p->config.text = arena_str(&p->arena, strbuf_str(&text));
		scan_values_read(&values, p, o, d);
		config_read(p,
			    &(struct config_options){.lookup = scan_values_get,
						     .arg = &values,
						     .looked_in = values.looked_in,
						     .kinds = o->kinds},
			    d);
		scan_values_release(&values);
	}
	err_clear(&e);
	strbuf_release(&text);
}

static void find_config(struct project *p, const struct scan_options *o, struct diags *d)
{
	if (exists(p->root_fd, "project.yml")) {
		read_config(p, "project.yml", o, d);
	} else if (exists(p->root_fd, "projectConfig.yml")) {
		diags_add_path(d, DIAG_WARNING, "projectConfig.yml",
			       "the name is deprecated; rename it to 'project.yml'");
		read_config(p, "projectConfig.yml", o, d);
	}
}

struct top {
	struct project *p;
	const struct scan_options *options;
	struct diags *d;
};

static void note_unread_env(struct diags *d, const char *path)
{
	diags_add_path(d, DIAG_NOTE, path, "not read; %s", scan_env_place);
}

/* Of ".env.local" and the like where values are wanted; a template is there for people. */
static bool is_unread_env(const struct top *top, struct str name)
{
	static const char *const templates[] = {".example", ".sample", ".template", ".dist"};
	size_t i;

	for (i = 0; i < countof(templates); i++)
		if (str_ends(name, templates[i]))
			return false;
	return top->p->config.name && !top->options->env_file && scan_is_env_file(name);
}

static bool is_used(const struct project *p, struct str name)
{
	static const char *const names[] = {"packages",  "lib",  ".env",       ".nimbella",
					    ".deployed", ".git", "project.yml"};
	size_t i;

	for (i = 0; i < countof(names); i++)
		if (str_is(name, names[i]))
			return true;
	return p->config.name && str_is(name, p->config.name);
}

static int visit_top(void *arg, const struct fs_entry *entry, struct err *e UNUSED)
{
	const struct top *top = arg;
	struct project *p = top->p;

	if (is_used(p, entry->path))
		return 1;
	vec_push(&p->strays, arena_strndup(&p->arena, entry->path.p, entry->path.n));
	if (!exists(p->root_fd, "project.yml") && !p->config.name &&
	    (str_ends(entry->path, ".yml") || str_ends(entry->path, ".yaml")))
		diags_add_path(top->d, DIAG_NOTE, entry->path.p,
			       "not read; the configuration is 'project.yml'");
	if (is_unread_env(top, entry->path))
		note_unread_env(top->d, entry->path.p);
	return 1;
}

static int list_top(struct project *p, const struct scan_options *o, struct diags *d,
		    struct err *e)
{
	struct top top = {p, o, d};
	struct fs_walk w = {
		.root = p->root_fd, .boundary = -1, .visit = visit_top, .arg = &top};

	if (fs_walk(&w, e) == 0)
		return 0;
	e->code = ERR_PROJECT;
	return err_wrap(e, "cannot read the project '%s'", p->root);
}

static void find_lib(struct project *p, struct diags *d)
{
	struct err e = ERR_INIT;
	int fd;

	if (!exists(p->root_fd, "lib"))
		return;
	fd = fs_open_below(p->root_fd, -1, "lib", &e);
	p->has_lib = fd >= 0;
	if (fd >= 0 && exists(fd, ".env"))
		note_unread_env(d, "lib/.env");
	if (fd >= 0)
		(void)close(fd);
	else
		diags_add_path(d, DIAG_ERROR, "lib", "%s", e.msg);
	err_clear(&e);
}

/* "..", "../.." where a project seems to be, or NULL. */
static const char *project_above(struct project *p)
{
	struct strbuf up = STRBUF_INIT;
	const char *found = NULL;
	struct stat now, last;
	int i;

	if (fstat(p->root_fd, &last) < 0)
		return NULL;
	for (i = 0; !found && i < MAX_PARENTS; i++) {
		struct strbuf probe = STRBUF_INIT;

		strbuf_adds(&up, i ? "/.." : "..");
		if (fstatat(p->root_fd, up.buf, &now, 0) < 0 ||
		    (now.st_dev == last.st_dev && now.st_ino == last.st_ino))
			break;
		last = now;
		strbuf_addf(&probe, "%s/project.yml", up.buf);
		if (exists(p->root_fd, probe.buf))
			found = arena_strdup(&p->arena, up.buf);
		strbuf_release(&probe);
	}
	strbuf_release(&up);
	return found;
}

static int fail_nothing(struct project *p, struct err *e)
{
	const char *above = project_above(p);

	if (above)
		return err_set(
			e, ERR_PROJECT,
			"no functions in '%s': there is no packages/ folder; '%s/%s' looks "
			"like the project's folder",
			p->root, p->root, above);
	return err_set(e, ERR_PROJECT,
		       "no functions in '%s': there is no packages/ folder; make one, or name "
		       "the project's folder",
		       p->root);
}

int scan_project(const char *dir, const struct scan_options *o, struct project *p,
		 struct diags *d, struct err *e)
{
	bool has_packages;

	if (open_root(dir, p, e) < 0)
		return -1;
	find_config(p, o, d);
	scan_build_environment(p, o, d);
	if (list_top(p, o, d, e) < 0)
		return -1;
	find_lib(p, d);
	has_packages = exists(p->root_fd, "packages");
	if (!has_packages && d->errors == 0 && p->packages.n == 0)
		return fail_nothing(p, e);
	if (has_packages)
		scan_packages(p, o, d);
	project_check_sequences(p, d);
	scan_select(p, o, d);
	scan_sources(p, o, d);
	return 0;
}
