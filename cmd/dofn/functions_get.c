#include "functions.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "fs/fs.h"
#include "runtime/runtime.h"

struct get_options {
	struct connection_flags connection;
	bool url, code, save;
	const char *save_as;
};

static const struct cli_option options[] = {
	CLI_OPT(struct get_options, url, "url", 'r', CLI_FLAG, NULL, "show only its URL"),
	CLI_OPT(struct get_options, code, "code", 0, CLI_FLAG, NULL,
		"show only its source text"),
	CLI_OPT(struct get_options, save, "save", 0, CLI_FLAG, NULL,
		"write its code to a file named after it"),
	CLI_OPT(struct get_options, save_as, "save-as", 0, CLI_STRING, "FILE",
		"write its code to FILE"),
	CONNECTION_OPTIONS(struct get_options, connection),
	CLI_END,
};

static int print_url(struct context *c, struct connection *to, const struct json *entity,
		     const char *name, struct err *e)
{
	bool web = json_is_true(whisk_annotation(entity, "web-export"));
	char *ns = whisk_namespace(to->whisk, e), *url;

	if (!ns)
		return -1;
	url = whisk_function_url(whisk_api_host(to->whisk), ns, name, web);
	if (c->json)
		context_print_member(c, "url", json_new_cstr(url));
	else
		ui_outf(&c->ui, "%s\n", url);
	free(url);
	free(ns);
	return 0;
}

static bool is_binary(const struct json *entity)
{
	return json_is_true(json_get(json_get(entity, "exec"), "binary"));
}

static int print_code(struct context *c, const struct json *entity, const char *name,
		      struct err *e)
{
	struct str code = json_str(json_get(json_get(entity, "exec"), "code"));

	if (is_binary(entity))
		return err_set(
			e, ERR_USAGE,
			"the code of '%s' is an archive; --save-as FILE writes it to a file",
			name);
	if (c->json) {
		context_print_member(c, "code", json_new_str(code));
		return 0;
	}
	ui_out_text(&c->ui, code);
	if (code.n && code.p[code.n - 1] != '\n')
		ui_out(&c->ui, STR("\n"));
	return 0;
}

static const char *suffix_of(const struct json *entity)
{
	static const struct {
		const char *language, *suffix;
	} suffixes[] = {{"go", ".go"}, {"nodejs", ".js"}, {"php", ".php"}, {"python", ".py"}};
	struct str kind = json_str(json_get(json_get(entity, "exec"), "kind"));
	size_t i;

	if (is_binary(entity))
		return ".zip";
	for (i = 0; i < countof(suffixes); i++)
		if (str_is(runtime_language(kind), suffixes[i].language))
			return suffixes[i].suffix;
	return "";
}

static int save_code(struct context *c, const struct json *entity, const char *file,
		     struct err *e)
{
	struct str code = json_str(json_get(json_get(entity, "exec"), "code"));
	struct strbuf bytes = STRBUF_INIT;
	int r = -1;

	if (is_binary(entity) && base64_decode(&bytes, code) < 0)
		err_set(e, ERR_REMOTE, "the server's copy of the code is no valid base64");
	else
		r = fs_write_atomic(AT_FDCWD, file,
				    is_binary(entity) ? strbuf_str(&bytes) : code, 0666, e);
	strbuf_release(&bytes);
	if (r == 0 && c->json)
		context_print_member(c, "file", json_new_cstr(file));
	else if (r == 0)
		ui_say(&c->ui, "wrote %s", file);
	return r;
}

static int save_under_own_name(struct context *c, const struct json *entity, struct err *e)
{
	const char *name = json_cstr(json_get(entity, "name"));
	char *file;
	int r;

	/* The name comes from the server: it must not lead anywhere. */
	if (!name || strchr(name, '/') || name[0] == '.')
		return err_set(e, ERR_REMOTE,
			       "the server gave a name that is no file name; use "
			       "--save-as FILE");
	file = xasprintf("%s%s", name, suffix_of(entity));
	r = save_code(c, entity, file, e);
	free(file);
	return r;
}

static int show(struct context *c, struct connection *to, const struct get_options *o,
		const char *name, struct err *e)
{
	bool code = o->code || o->save || o->save_as;
	struct json *entity = whisk_get_action(to->whisk, name, code, e);
	int r = 0;

	if (!entity)
		return err_wrap(e, "function '%s'", name);
	if (o->url)
		r = print_url(c, to, entity, name, e);
	else if (o->save_as)
		r = save_code(c, entity, o->save_as, e);
	else if (o->save)
		r = save_under_own_name(c, entity, e);
	else if (o->code)
		r = print_code(c, entity, name, e);
	else
		context_print_json(c, entity);
	json_free(entity);
	return r;
}

static int run(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct get_options *o = opt;
	struct connection to;
	int r;

	if (o->url + o->code + o->save + (o->save_as != NULL) > 1)
		return err_set(e, ERR_USAGE,
			       "--url, --code, --save and --save-as exclude each other");
	if (context_connect(c, &o->connection, 0, &to, e) < 0)
		return -1;
	r = show(c, &to, o, args->items.v[0], e);
	connection_release(&to);
	return r;
}

const struct command cmd_functions_get = {
	.name = "get",
	.args = "NAME",
	.summary = "show a function's record, URL or code",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.options_size = sizeof(struct get_options),
	.run = run,
};
