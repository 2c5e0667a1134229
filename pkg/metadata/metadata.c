#include "metadata/metadata.h"

#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build/build.h"
#include "fs/fs.h"
#include "pack/pack.h"
#include "runtime/runtime.h"
#include "json/json.h"

static void set_text(struct json *to, const char *name, const char *text)
{
	if (text)
		json_set(to, name, json_new_cstr(text));
}

static void set_true(struct json *to, const char *name, bool value)
{
	if (value)
		json_set(to, name, json_new_bool(true));
}

static void set_tree(struct json *to, const char *name, const struct json *tree)
{
	if (tree)
		json_set(to, name, json_clone(tree));
}

static void set_number(struct json *to, const char *name, int64_t value)
{
	if (value)
		json_set(to, name, json_new_int(value));
}

static struct json *web_value(enum web_mode web)
{
	return web == WEB_RAW ? json_new_cstr("raw") : json_new_bool(web == WEB_YES);
}

static bool has_file(const struct project *p, const char *folder, const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);
	struct stat st;
	bool found = fstatat(p->root_fd, path, &st, 0) == 0 && S_ISREG(st.st_mode);

	free(path);
	return found;
}

/* The file that asks for Python packages, or NULL. */
static const char *python_build(const struct project *p, const struct function *f)
{
	static const char *const marks[] = {"requirements.txt", "pyproject.toml"};
	enum build_kind kind = BUILD_NONE;
	struct err ignored = ERR_INIT;
	const char *mark = NULL;
	size_t i;

	for (i = 0; !mark && i < countof(marks); i++)
		if (has_file(p, f->source, marks[i]))
			mark = marks[i];
	if (mark && build_choose(p->root_fd, f->source, f->runtime, &kind, &ignored) < 0)
		err_clear(&ignored);
	return kind == BUILD_PYTHON ? mark : NULL;
}

/*
 * In doctl's words, which are names of files; "identify": its files are taken as they
 * are (functions.md 2.3).  doctl installs no Python packages: the file's name is ours.
 */
static const char *build_of_folder(const struct project *p, const struct function *f)
{
	static const char *const marks[] = {"build.sh", "package.json"};
	const char *python;
	size_t i;

	for (i = 0; i < countof(marks); i++)
		if (has_file(p, f->source, marks[i]))
			return marks[i];
	python = python_build(p, f);
	if (python)
		return python;
	return has_file(p, f->source, ".include") ? ".include" : "identify";
}

static const char *runtime_of_folder(struct project *p, const struct function *f)
{
	struct filter_list list = {0};
	struct err e = ERR_INIT;
	const char *kind = NULL;

	if (pack_files(p, f, &list, &e) == 0)
		kind = pack_runtime(&list);
	filter_list_release(&list);
	err_clear(&e);
	return kind;
}

static const char *runtime_of(struct project *p, const struct function *f)
{
	if (f->runtime)
		return f->runtime;
	if (f->source_kind == SOURCE_FILE)
		return runtime_of_file(path_base(str_of(f->source)));
	return f->source_kind == SOURCE_FOLDER ? runtime_of_folder(p, f) : NULL;
}

static void set_source(struct json *to, struct project *p, const struct function *f)
{
	if (f->source_kind == SOURCE_NONE)
		return;
	set_text(to, "file", f->source);
	json_set(to, "displayFile",
		 json_new_cstr(arena_printf(&p->arena, "%s/%s", p->real, f->source)));
	if (f->source_kind == SOURCE_FOLDER) {
		set_text(to, "build", build_of_folder(p, f));
		return;
	}
	json_set(to, "binary", json_new_bool(f->binary));
	json_set(to, "zipped", json_new_bool(f->binary && str_ends(str_of(f->source), ".zip")));
}

static struct json *limits_value(const struct function_limits *l)
{
	struct json *j = json_new_object();

	set_number(j, "timeout", l->timeout_ms);
	set_number(j, "memory", l->memory_mb);
	set_number(j, "logs", l->logs_kb);
	return j;
}

static struct json *trigger_value(const struct trigger *t)
{
	struct json *j = json_new_object(), *details = json_new_object();

	set_text(j, "name", t->name);
	set_text(j, "type", "SCHEDULED");
	json_set(j, "enabled", json_new_bool(t->enabled));
	set_text(details, "cron", t->cron);
	set_tree(details, "body", t->body);
	json_set(j, "scheduledDetails", details);
	return j;
}

static void set_triggers(struct json *to, const struct function *f)
{
	struct json *list;
	size_t i;

	if (f->triggers.n == 0)
		return;
	list = json_new_array();
	for (i = 0; i < f->triggers.n; i++)
		json_push(list, trigger_value(f->triggers.v[i]));
	json_set(to, "triggers", list);
}

static void set_sequence(struct json *to, const struct function *f)
{
	struct json *list;
	size_t i;

	if (!function_is_sequence(f))
		return;
	list = json_new_array();
	for (i = 0; i < f->sequence.n; i++)
		json_push(list, json_new_cstr(f->sequence.v[i].name));
	json_set(to, "sequence", list);
}

static struct json *function_value(struct project *p, const struct function *f)
{
	struct json *j = json_new_object();

	set_text(j, "name", f->name);
	set_text(j, "package", f->package->name);
	set_source(j, p, f);
	set_text(j, "runtime", runtime_of(p, f));
	set_text(j, "main", f->main);
	set_text(j, "docker", f->docker);
	set_sequence(j, f);
	json_set(j, "web", web_value(function_web(f)));
	set_text(j, "webSecure", f->web_secure);
	set_tree(j, "parameters", f->parameters);
	set_tree(j, "environment", f->environment);
	set_tree(j, "annotations", f->annotations);
	if (f->limits.given)
		json_set(j, "limits", limits_value(&f->limits));
	set_true(j, "remoteBuild", f->remote_build);
	set_true(j, "localBuild", f->local_build);
	set_triggers(j, f);
	return j;
}

static void set_binding(struct json *to, const struct binding *b)
{
	struct json *j;

	if (!b->name)
		return;
	j = json_new_object();
	set_text(j, "namespace", b->namespace);
	set_text(j, "name", b->name);
	json_set(to, "binding", j);
}

static struct json *package_value(struct project *p, const struct package *pkg)
{
	struct json *j = json_new_object(), *functions = json_new_array();
	size_t i;

	set_text(j, "name", pkg->name);
	json_set(j, "shared", json_new_bool(pkg->shared));
	if (pkg->web != WEB_UNSET)
		json_set(j, "web", web_value(pkg->web));
	set_tree(j, "parameters", pkg->parameters);
	set_tree(j, "environment", pkg->environment);
	set_tree(j, "annotations", pkg->annotations);
	set_binding(j, &pkg->binding);
	for (i = 0; i < pkg->functions.n; i++)
		json_push(functions, function_value(p, pkg->functions.v[i]));
	json_set(j, "functions", functions);
	return j;
}

static void set_target(struct json *to, const struct target_namespace *t)
{
	struct json *j;

	set_text(to, "targetNamespace", t->name);
	if (!t->production && !t->test)
		return;
	j = json_new_object();
	set_text(j, "production", t->production);
	set_text(j, "test", t->test);
	json_set(to, "targetNamespace", j);
}

static struct json *packages_value(struct project *p)
{
	struct json *list = json_new_array();
	size_t i;

	for (i = 0; i < p->packages.n; i++)
		json_push(list, package_value(p, p->packages.v[i]));
	return list;
}

static struct json *texts_value(const char *const *texts, size_t n)
{
	struct json *list = json_new_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_push(list, json_new_cstr(texts[i]));
	return list;
}

/* Who deploys from where; doctl puts it into annotations, we only show it. */
static struct json *deployer_value(const struct project *p)
{
	struct json *j = json_new_object();
	struct passwd entry, *found = NULL;
	char buf[4096];

	if (getpwuid_r(geteuid(), &entry, buf, sizeof(buf), &found) == 0 && found)
		set_text(j, "user", found->pw_name);
	set_text(j, "projectPath", p->real);
	return j;
}

static const char *build_of_lib(const struct project *p)
{
	if (!p->has_lib)
		return NULL;
	if (has_file(p, "lib", "build.sh"))
		return "build.sh";
	return has_file(p, "lib", "package.json") ? "package.json" : NULL;
}

struct json *metadata_of_project(struct project *p)
{
	struct json *j = json_new_object();

	set_target(j, &p->target);
	set_tree(j, "parameters", p->parameters);
	set_tree(j, "environment", p->environment);
	json_set(j, "packages", packages_value(p));
	json_set(j, "strays", texts_value(p->strays.v, p->strays.n));
	set_text(j, "filePath", p->root);
	json_set(j, "deployerAnnotation", deployer_value(p));
	set_text(j, "libBuild", build_of_lib(p));
	if (p->unresolved.n)
		json_set(j, "unresolvedVariables",
			 texts_value(p->unresolved.v, p->unresolved.n));
	return j;
}
