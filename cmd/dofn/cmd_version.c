#include "command.h"

#ifndef DOFN_VERSION
#define DOFN_VERSION "dev"
#endif

static int run(struct context *c, void *options UNUSED, const struct cli_list *args UNUSED,
	       struct err *e UNUSED)
{
	struct json *j;

	if (!c->json) {
		ui_outf(&c->ui, "dofn %s\n", DOFN_VERSION);
		return 0;
	}
	j = json_new_object();
	json_set(j, "version", json_new_cstr(DOFN_VERSION));
	context_print_json(c, j);
	json_free(j);
	return 0;
}

const struct command cmd_version = {
	.name = "version",
	.args = "",
	.summary = "show the version",
	.run = run,
};
