#include "command.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "build_flags.h"
#include "dist/dist.h"
#include "project_flags.h"
#include "render.h"

struct build_command {
	struct project_flags project;
	struct build_flags build;
	const char *into;
};

static const struct cli_option options[] = {
	PROJECT_OPTIONS(struct build_command, project),
	BUILD_OPTIONS(struct build_command, build),
	CLI_OPT(struct build_command, into, "into", 0, CLI_STRING, "FOLDER",
		"where to write, by default DIR/dist"),
	CLI_END,
};

static void print_result(struct context *c, const char *folder, struct json *manifest)
{
	const struct json *j;
	struct json *result;
	struct strbuf line = STRBUF_INIT;

	if (!c->json) {
		for (j = json_first(manifest); j; j = json_next(j))
			ui_outf(&c->ui, "%s/%s\n", folder, json_cstr(json_get(j, "file")));
		return;
	}
	result = json_new_object();
	json_set(result, "event", json_new_cstr("result"));
	json_set(result, "folder", json_new_cstr(folder));
	json_set(result, "functions", json_clone(manifest));
	json_write(&line, result);
	strbuf_addc(&line, '\n');
	ui_out(&c->ui, strbuf_str(&line));
	strbuf_release(&line);
	json_free(result);
}

static int build(struct context *c, const struct build_command *o, struct project *p,
		 const char *folder, struct err *e)
{
	struct build b = {.loop = context_loop(c), .project = p};
	struct json *manifest = NULL;
	struct renderer r;
	int rc;

	if (build_flags_read(&o->build, &p->arena, &b.options, e) < 0)
		return -1;
	p->no_verify = o->build.no_verify;
	p->no_bytecode = o->build.no_bytecode;
	renderer_init(&r, c);
	r.build_output.all = o->build.verbose;
	b.sink = &r.sink;
	rc = dist_write(&b, folder, &manifest, e);
	if (rc == 0)
		print_result(c, folder, manifest);
	renderer_release(&r);
	json_free(manifest);
	return rc;
}

static int build_project(struct context *c, const struct build_command *o, const char *dir,
			 struct err *e)
{
	struct project p;
	const char *folder;
	int rc;

	project_init(&p);
	folder = o->into ? o->into : arena_printf(&p.arena, "%s/dist", dir);
	rc = project_read(c, &o->project, dir, &p, e);
	if (rc == 0 && project_function_count(&p) == 0)
		rc = err_set(e, ERR_PROJECT,
			     "nothing to build: no function in '%s' "
			     "(packages/<package>/<function>/ or "
			     "packages/<package>/<function>.py)",
			     dir);
	if (rc == 0)
		rc = dist_check_folder(&p, folder, e);
	if (rc == 0)
		rc = build(c, o, &p, folder, e);
	project_release(&p);
	return rc;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int run(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct build_command *o = opt;
	const char *dir = ".", *name = NULL;

	if (args->items.n == 2)
		name = args->items.v[1];
	else if (args->items.n == 1 && strchr(args->items.v[0], '/') &&
		 !is_folder(args->items.v[0]))
		name = args->items.v[0];
	if (args->items.n == 2 || (args->items.n == 1 && !name))
		dir = args->items.v[0];
	if (name)
		vec_push(&o->project.include.items, name);
	return build_project(c, o, dir, e);
}

const struct command cmd_build = {
	.name = "build",
	.args = "[DIR] [PKG/FN]",
	.summary = "build and pack the project in DIR into a folder, without uploading",
	.help = "DIR is the project's folder, by default the current one; PKG/FN is the only\n"
		"function to build (default/FN for one without a package), by default all.\n"
		"Writes PKG/FN.zip, or the only file of a function as PKG/FN with its "
		"extension,\n"
		"and manifest.json.  Needs no namespace.",
	.max_args = 2,
	.options = options,
	.options_size = sizeof(struct build_command),
	.run = run,
};
