#include "builder/builder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build/build.h"
#include "deploy/upload.h"
#include "fs/fs.h"
#include "pack/pack.h"
#include "remote/remote.h"
#include "scan/scan.h"
#include "whisk/whisk.h"
#include "yaml/yaml.h"
#include "zip/zip.h"

enum {
	SHORT_DIGITS = 8,
	SCRIPT_MAX_BYTES = 4096,
	HEX_MAX = 2 * (YAML_MAX_BYTES + AES_BLOCK_SIZE)
};

struct builder {
	const struct builder_task *t;
	struct slice_reading slice;
	struct project project;
	const struct function *function;
	struct packer packer;
	struct artifact artifact;
	struct json *answer; /* of the server */
	struct err failure;
	bool answered;
};

/* The configuration leaves the folder before anything of the slice can read there. */
static int read_encrypted(struct builder *b, struct strbuf *hex, struct err *e)
{
	int dir = b->t->dir;

	if (faccessat(dir, "project.yml", F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return err_set(e, ERR_PROJECT, "the slice has no 'project.yml'");
	if (fs_read(dir, "project.yml", HEX_MAX, hex, e) < 0)
		return -1;
	if (unlinkat(dir, "project.yml", 0) < 0)
		return err_sys(e, "cannot remove 'project.yml' of the slice");
	return 0;
}

static int unpack(struct builder *b, struct err *e)
{
	const struct zip_limits limits = {BUILDER_MAX_CONTENTS, BUILDER_MAX_FILES};
	struct strbuf hex = STRBUF_INIT, text = STRBUF_INIT;
	int r = zip_extract(b->t->slice, &limits, b->t->dir, e);

	if (r < 0)
		return err_wrap(e, "the slice cannot be unpacked");
	r = read_encrypted(b, &hex, e);
	if (r == 0)
		r = slice_decrypt(strbuf_str(&hex), b->t->key, &text, e);
	if (r == 0)
		r = slice_read_configuration(strbuf_str(&text), &b->slice, e);
	strbuf_release(&hex);
	strbuf_release(&text);
	return r;
}

static int fail_findings(const struct diags *d, struct err *e)
{
	size_t i;

	for (i = 0; i < d->list.n; i++)
		if (d->list.v[i].level == DIAG_ERROR)
			return err_set(e, ERR_PROJECT, "%s: %s", d->list.v[i].path,
				       d->list.v[i].text);
	return 0;
}

/* As the files of a project are read, though its project.yml exists for that moment only and
 * without credentials. */
static int scan(struct builder *b, struct err *e)
{
	const struct scan_options o = {.no_triggers = true};
	struct diags d = DIAGS_INIT;
	struct strbuf text = STRBUF_INIT, plain = STRBUF_INIT;
	int r;

	json_write(&text, b->slice.project);
	slice_add_json(&plain, strbuf_str(&text));
	r = fs_write_atomic(b->t->dir, "project.yml", strbuf_str(&plain), 0600, e);
	if (r == 0)
		r = scan_project(b->t->path, &o, &b->project, &d, e);
	(void)!unlinkat(b->t->dir, "project.yml", 0);
	if (r == 0)
		r = fail_findings(&d, e);
	diags_release(&d);
	strbuf_release(&text);
	strbuf_release(&plain);
	return r;
}

static const struct function *find_function(struct builder *b, struct err *e)
{
	const struct package *pkg = project_package(&b->project, b->slice.package);
	const struct function *f = pkg ? package_function(pkg, b->slice.function) : NULL;

	if (f && f->source_kind != SOURCE_NONE)
		return f;
	err_set(e, ERR_PROJECT, "the slice has no files of the function '%s/%s'",
		b->slice.package, b->slice.function);
	return NULL;
}

/* What stands in for our own build where there is no dofn. */
static void drop_stand_in(struct builder *b)
{
	char *path = xasprintf("%s/build.sh", b->function->source);
	struct strbuf text = STRBUF_INIT;
	struct err ignored = ERR_INIT;

	if (b->function->source_kind == SOURCE_FOLDER &&
	    fs_read_below(b->t->dir, -1, path, SCRIPT_MAX_BYTES, &text, &ignored) == 0 &&
	    str_is(strbuf_str(&text), slice_python_script))
		(void)!unlinkat(b->t->dir, path, 0);
	err_clear(&ignored);
	strbuf_release(&text);
	free(path);
}

static int make(struct builder *b, struct err *e)
{
	const struct build build = {
		.loop = b->t->loop, .project = &b->project, .sink = b->t->sink};
	size_t i;

	drop_stand_in(b);
	b->project.build_environment = b->slice.environment;
	b->slice.environment = NULL;
	packer_init(&b->packer, b->t->loop, &b->project, 0);
	if (build_all(&build, &b->function, 1, e) < 0 ||
	    pack_function(&b->packer, b->function, &b->artifact, e) < 0)
		return -1;
	for (i = 0; i < b->artifact.notes.n; i++)
		sink_warning(b->t->sink, b->function->name, "%s", b->artifact.notes.v[i]);
	return 0;
}

static struct json *annotation(const struct builder *b)
{
	struct json *j = json_is(b->slice.annotation, JSON_OBJECT)
				 ? json_clone(b->slice.annotation)
				 : json_new_object();

	json_del(j, "newSliceHandling");
	json_set(j, "digest", json_new_str((struct str){b->artifact.digest, SHORT_DIGITS}));
	json_set(j, "zipped", json_new_bool(b->artifact.zipped));
	return j;
}

static void on_put(void *arg, struct json *answer, struct err *failure)
{
	struct builder *b = arg;

	if (failure)
		(void)err_move(&b->failure, failure);
	else
		b->answer = json_clone(answer);
	b->answered = true;
}

static int put(struct builder *b, struct err *e)
{
	const struct whisk_options o = {.api_host = b->t->api_host, .auth = b->slice.auth};
	struct whisk *w = whisk_new(b->t->loop, &o, e);
	struct json *deployer;
	struct upload u = {.artifact = &b->artifact};
	struct upload_body *body;

	if (!w)
		return -1;
	u.deployer = deployer = annotation(b);
	body = upload_body_new(&b->packer.spool, &b->project, b->function, &u, e);
	json_free(deployer);
	if (body) {
		whisk_upload_action(w, function_full_name(&b->project, b->function),
				    upload_body_source(body), on_put, b);
		loop_run_until(b->t->loop, &b->answered);
	}
	whisk_free(w);
	upload_body_free(body);
	if (!body)
		return -1;
	return b->answer ? 0 : err_move(e, &b->failure);
}

/* ---- the result ---- */

static struct json *success(struct builder *b)
{
	struct json *j = json_new_object();

	json_set(j, "name", json_new_cstr(function_full_name(&b->project, b->function)));
	json_set(j, "kind", json_new_cstr("action"));
	json_set(j, "skipped", json_new_bool(false));
	return j;
}

static struct json *failure(const struct err *e)
{
	struct json *j = json_new_object();

	json_set(j, "message", json_new_cstr(e->msg));
	return j;
}

static struct json *version(struct builder *b)
{
	struct json *j = json_new_object(), *of = json_new_object();
	struct json *got = json_get(b->answer, "version");

	json_set(of, "version", json_clone(got));
	json_set(of, "digest", json_new_cstr(b->artifact.digest));
	json_set(j, function_full_name(&b->project, b->function), of);
	return j;
}

/* e: NULL when the function is live. */
static struct json *outcome(struct builder *b, const struct err *e)
{
	struct json *j = json_new_object(), *successes = json_new_array();
	struct json *failures = json_new_array();

	if (e)
		json_push(failures, failure(e));
	else
		json_push(successes, success(b));
	json_set(j, "successes", successes);
	json_set(j, "failures", failures);
	json_set(j, "ignored", json_new_array());
	json_set(j, "packageVersions", json_new_object());
	json_set(j, "actionVersions", e ? json_new_object() : version(b));
	json_set(j, "namespace", json_new_cstr(b->slice.namespace));
	json_set(j, "apihost", json_new_cstr(b->t->api_host));
	return j;
}

static struct json *run(struct builder *b, struct err *e)
{
	struct err failed = ERR_INIT;
	struct json *j = NULL;

	if (unpack(b, e) < 0 || scan(b, e) < 0)
		return NULL;
	b->function = find_function(b, e);
	if (!b->function)
		return NULL;
	if (make(b, &failed) == 0 && put(b, &failed) == 0)
		return outcome(b, NULL);
	if (failed.code == ERR_CANCELLED)
		(void)err_move(e, &failed);
	else
		j = outcome(b, &failed);
	err_clear(&failed);
	return j;
}

struct json *builder_run(const struct builder_task *t, struct err *e)
{
	struct builder b = {.t = t};
	struct json *j;

	project_init(&b.project);
	j = run(&b, e);
	packer_release(&b.packer);
	artifact_release(&b.artifact);
	json_free(b.answer);
	err_clear(&b.failure);
	project_release(&b.project);
	slice_reading_release(&b.slice);
	return j;
}
