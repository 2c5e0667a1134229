#include "schema/schema.h"

#include "command.h"

static int run(struct context *c, void *options UNUSED, const struct cli_list *args UNUSED,
	       struct err *e UNUSED)
{
	struct json *j = schema_of_config();

	context_print_json(c, j);
	json_free(j);
	return 0;
}

const struct command cmd_schema = {
	.name = "schema",
	.args = "",
	.summary = "show the JSON Schema of project.yml, for editors",
	.run = run,
};
