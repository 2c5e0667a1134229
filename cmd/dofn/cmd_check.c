#include "check/check.h"

#include <string.h>

#include "command.h"
#include "findings.h"
#include "project_flags.h"

struct check_options {
	struct project_flags project;
	const char *format;
};

static const struct cli_option options[] = {
	CLI_OPT(struct check_options, format, "format", 0, CLI_STRING, "FORMAT",
		"form of the findings: text, or github for annotations of a workflow run"),
	PROJECT_OPTIONS(struct check_options, project),
	CLI_END,
};

/* A project that cannot be read at all is a finding like others. */
static int find_mistakes(const struct project_flags *flags, const char *dir, struct project *p,
			 struct diags *d, struct err *e)
{
	struct scan_options o;

	if (project_flags_fill(flags, &p->arena, &o, e) < 0)
		return -1;
	if (scan_project(dir, &o, p, d, e) < 0) {
		if (e->code != ERR_PROJECT)
			return -1;
		diags_add_path(d, DIAG_ERROR, dir, "%s", e->msg);
		err_clear(e);
	} else {
		check_functions(p, d);
	}
	diags_sort(d);
	return 0;
}

static void print_json(struct context *c, const struct diags *d)
{
	struct json *j = json_new_object();

	json_set(j, "findings", findings_as_json(d));
	json_set(j, "errors", json_new_int((int64_t)d->errors));
	json_set(j, "warnings", json_new_int((int64_t)d->warnings));
	context_print_json(c, j);
	json_free(j);
	c->told = true;
}

static void print_text(struct context *c, const struct diags *d)
{
	struct strbuf text = STRBUF_INIT;
	size_t i;

	for (i = 0; i < d->list.n; i++)
		if (d->list.v[i].level != DIAG_NOTE || !c->ui.quiet)
			diag_write(&text, &d->list.v[i], c->ui.colour_out);
	ui_out(&c->ui, strbuf_str(&text));
	strbuf_release(&text);
}

/* The project's folder and the files of options have their own paths, others are below it. */
static void print_github(struct context *c, const struct check_options *o, const char *dir,
			 const struct diags *d)
{
	const char *as_given[4] = {dir};
	struct strbuf text = STRBUF_INIT;
	size_t n = 1;

	if (o->project.env)
		as_given[n++] = o->project.env;
	if (o->project.build_env)
		as_given[n++] = o->project.build_env;
	findings_write_github(&text, d, dir, as_given);
	ui_out(&c->ui, strbuf_str(&text));
	strbuf_release(&text);
}

static void say_clean(struct context *c, const struct project *p, const struct diags *d)
{
	size_t n = project_function_count(p);

	if (d->errors == 0)
		ui_say(&c->ui, "%zu function%s checked: no errors, %zu warning%s", n,
		       n == 1 ? "" : "s", d->warnings, d->warnings == 1 ? "" : "s");
}

static int check_format(const struct context *c, const char *format, struct err *e)
{
	if (!format || strcmp(format, "text") == 0)
		return 0;
	if (strcmp(format, "github") != 0)
		return err_set(e, ERR_USAGE,
			       "unknown format '%s' of findings; known: text, github", format);
	if (c->json)
		return err_set(e, ERR_USAGE,
			       "'--format github' and '-o json' exclude each other; give one");
	return 0;
}

static void print(struct context *c, const struct check_options *o, const char *dir,
		  const struct project *p, const struct diags *d)
{
	if (c->json) {
		print_json(c, d);
		return;
	}
	if (o->format && strcmp(o->format, "github") == 0)
		print_github(c, o, dir, d);
	else
		print_text(c, d);
	say_clean(c, p, d);
}

static int run(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct check_options *o = opt;
	const char *dir = args->items.n ? args->items.v[0] : ".";
	struct diags d = DIAGS_INIT;
	struct project p;
	int r = check_format(c, o->format, e);

	project_init(&p);
	if (r == 0)
		r = find_mistakes(&o->project, dir, &p, &d, e);
	if (r == 0) {
		print(c, o, dir, &p, &d);
		r = diags_check(&d, e);
	}
	diags_release(&d);
	project_release(&p);
	return r;
}

const struct command cmd_check = {
	.name = "check",
	.args = "[DIR]",
	.summary = "find what is wrong with the project in DIR, without building it",
	.help = "Reads project.yml and every function's files and shows all mistakes at once.\n"
		"Needs no namespace. Exit status 2 when there are errors, 0 with warnings "
		"only.",
	.max_args = 1,
	.options = options,
	.options_size = sizeof(struct check_options),
	.run = run,
};
