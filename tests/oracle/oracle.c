/*
 * oracle.c - what we make of YAML documents or env files, for comparison with others
 *
 * oracle yaml|dotenv: each line of stdin is a JSON string with a text; the line
 * of the answer is {"value": ...} or {"error": "..."}.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envfile/envfile.h"
#include "yaml/yaml.h"
#include "json/json.h"

static struct json *read_yaml(struct str text, struct arena *a, struct diags *d)
{
	struct diag_source source = {"yaml", text};
	const struct yaml_node *root = yaml_parse(a, &source, NULL, d);

	if (d->errors)
		return NULL;
	return root ? yaml_to_json(root) : json_new_null();
}

static struct json *read_dotenv(struct str text, struct arena *a, struct diags *d)
{
	struct err e = ERR_INIT;
	struct json *j = envfile_parse(a, "env", text, d, &e);

	if (!j)
		diags_add_path(d, DIAG_ERROR, "env", "%s", e.msg);
	err_clear(&e);
	return j;
}

static void answer(struct str text, bool yaml)
{
	struct arena a = ARENA_INIT;
	struct diags d = DIAGS_INIT;
	struct strbuf out = STRBUF_INIT;
	struct json *value = yaml ? read_yaml(text, &a, &d) : read_dotenv(text, &a, &d);
	struct json *j = json_new_object();

	if (value)
		json_set(j, "value", value);
	else
		json_set(j, "error", json_new_cstr(d.list.n ? d.list.v[0].text : "none"));
	json_write(&out, j);
	(void)puts(out.buf);
	json_free(j);
	strbuf_release(&out);
	diags_release(&d);
	arena_release(&a);
}

int main(int argc, char **argv)
{
	bool yaml = argc == 2 && strcmp(argv[1], "yaml") == 0;
	struct err e = ERR_INIT;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (!yaml && (argc != 2 || strcmp(argv[1], "dotenv") != 0)) {
		(void)fputs("usage: oracle yaml|dotenv\n", stderr);
		return 2;
	}
	while ((n = getline(&line, &cap, stdin)) > 0) {
		struct json *text = json_parse((struct str){line, (size_t)n}, &e);

		if (!text) {
			(void)fprintf(stderr, "%s\n", e.msg);
			return 1;
		}
		answer(json_str(text), yaml);
		json_free(text);
	}
	free(line);
	return 0;
}
