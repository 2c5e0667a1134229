#include "command.h"

#ifndef DOFN_VERSION
#define DOFN_VERSION "dev"
#endif

const char dofn_version[] = DOFN_VERSION;

static int run(struct context *c, void *options UNUSED, const struct cli_list *args UNUSED,
	       struct err *e UNUSED)
{
	struct json *j;

	if (!c->json) {
		ui_outf(&c->ui, "dofn %s\n", dofn_version);
		return 0;
	}
	j = json_new_object();
	json_set(j, "version", json_new_cstr(dofn_version));
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
