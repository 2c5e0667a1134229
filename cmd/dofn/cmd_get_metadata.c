#include "metadata/metadata.h"

#include "command.h"
#include "findings.h"
#include "project_flags.h"
#include "render.h"

struct get_metadata_options {
	struct project_flags project;
};

static const struct cli_option options[] = {
	PROJECT_OPTIONS(struct get_metadata_options, project),
	CLI_END,
};

static void print(struct context *c, struct project *p, const struct diags *d)
{
	struct json *j = metadata_of_project(p);

	if (c->json) {
		json_set(j, "findings", findings_as_json(d));
		c->told = true;
	} else {
		render_findings(c, d);
	}
	context_print_json(c, j);
	json_free(j);
}

static int run(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct get_metadata_options *o = opt;
	const char *dir = args->items.n ? args->items.v[0] : ".";
	struct diags d = DIAGS_INIT;
	struct scan_options so;
	struct project p;
	int r;

	project_init(&p);
	r = project_flags_fill(&o->project, &p.arena, &so, e);
	if (r == 0)
		r = scan_project(dir, &so, &p, &d, e);
	if (r == 0) {
		diags_sort(&d);
		print(c, &p, &d);
		r = diags_check(&d, e);
	}
	diags_release(&d);
	project_release(&p);
	return r;
}

const struct command cmd_get_metadata = {
	.name = "get-metadata",
	.args = "[DIR]",
	.summary = "show the project in DIR as JSON",
	.help = "What the files say, merged with project.yml; needs no namespace.\n"
		"Exit status 2 when the project has errors; what could be read is shown.",
	.max_args = 1,
	.options = options,
	.options_size = sizeof(struct get_metadata_options),
	.run = run,
};
