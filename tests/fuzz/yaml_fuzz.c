/* A project.yml: as YAML, and as a project. */
#include "config/config.h"
#include "fuzz.h"
#include "yaml/yaml.h"
#include "json/json.h"

static void check_json(const struct yaml_node *root)
{
	struct json *j = yaml_to_json(root), *again;
	struct strbuf text = STRBUF_INIT;
	struct err e = ERR_INIT;

	json_write(&text, j);
	again = json_parse(strbuf_str(&text), &e);
	FUZZ_CLAIM(again && json_equal(j, again));
	json_free(again);
	json_free(j);
	strbuf_release(&text);
}

static void check_findings(const struct diags *d)
{
	struct strbuf shown = STRBUF_INIT;
	size_t i;

	for (i = 0; i < d->list.n; i++)
		diag_write(&shown, &d->list.v[i], false);
	strbuf_release(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct project p;
	struct arena a = ARENA_INIT;
	struct diags d = DIAGS_INIT;
	const struct yaml_node *root;

	project_init(&p);
	p.config = (struct diag_source){"project.yml", fuzz_input(data, size)};
	root = yaml_parse(&a, &p.config, NULL, &d);
	if (root && d.errors == 0)
		check_json(root);
	config_read(&p, &(struct config_options){0}, &d);
	check_findings(&d);
	diags_release(&d);
	arena_release(&a);
	project_release(&p);
	return 0;
}
