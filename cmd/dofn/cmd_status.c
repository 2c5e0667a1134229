#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/runtime.h"

struct status_options {
	struct connection_flags connection;
	bool languages;
};

static const struct cli_option options[] = {
	CLI_OPT(struct status_options, languages, "languages", 'l', CLI_FLAG, NULL,
		"list the runtimes that the server has"),
	CONNECTION_OPTIONS(struct status_options, connection),
	CLI_END,
};

static void print_kind(struct context *c, const struct json *kind)
{
	const char *name = json_cstr(json_get(kind, "kind"));
	const char *mark = "";

	if (json_is_true(json_get(kind, "deprecated")))
		mark = " (deprecated)";
	else if (json_is_true(json_get(kind, "default")))
		mark = " (default)";
	ui_outf(&c->ui, "    %s%s\n", name ? name : "?", mark);
}

static void print_languages(struct context *c, const struct json *languages)
{
	const struct json *language, *kind;
	const char *keywords;

	ui_outf(&c->ui, "Supported Languages:\n");
	for (language = json_first(languages); language; language = json_next(language)) {
		struct str name = json_name(language);

		ui_outf(&c->ui, "%.*s:\n", STR_ARG(name));
		keywords = runtime_keywords(name);
		if (keywords)
			ui_outf(&c->ui, "  Keywords: %s\n", keywords);
		ui_outf(&c->ui, "  Runtime versions:\n");
		for (kind = json_first(language); kind; kind = json_next(kind))
			print_kind(c, kind);
	}
}

static int show_languages(struct context *c, struct connection *to, struct err *e)
{
	struct json *info = whisk_host_info(to->whisk, WHISK_PATIENT, e);

	if (!info)
		return -1;
	if (c->json)
		context_print_json(c, json_get(info, "runtimes"));
	else
		print_languages(c, json_get(info, "runtimes"));
	json_free(info);
	return 0;
}

static void show(struct context *c, const struct connection *to, const char *ns)
{
	const struct creds *k = &to->creds;
	struct json *j;

	if (!c->json) {
		ui_outf(&c->ui, "Connected to functions namespace '%s' on API host '%s'", ns,
			k->api_host);
		if (k->label && *k->label)
			ui_outf(&c->ui, " (label=%s)", k->label);
		ui_outf(&c->ui, "%s\n", to->local ? " (local platform)" : "");
		return;
	}
	j = json_new_object();
	json_set(j, "namespace", json_new_cstr(ns));
	json_set(j, "apihost", json_new_cstr(k->api_host));
	json_set(j, "label", json_new_cstr(k->label ? k->label : ""));
	json_set(j, "local", json_new_bool(to->local));
	context_print_json(c, j);
	json_free(j);
}

static int check_namespace(const struct connection *to, const char *ns, struct err *e)
{
	const char *stored = to->creds.namespace;

	if (to->creds.from == CREDS_STORED && stored && strcmp(stored, ns) != 0)
		return err_set(
			e, ERR_AUTH,
			"the stored credentials are for namespace '%s' but the server takes "
			"them for '%s'; use 'dofn connect' again",
			stored, ns);
	return 0;
}

static int run(struct context *c, void *opt, const struct cli_list *args UNUSED, struct err *e)
{
	struct status_options *o = opt;
	struct connection to;
	char *ns;
	int r = -1;

	if (context_connect(c, &o->connection, 0, &to, e) < 0)
		return -1;
	if (o->languages) {
		r = show_languages(c, &to, e);
	} else {
		ns = whisk_namespace(to.whisk, e);
		if (ns && check_namespace(&to, ns, e) == 0) {
			show(c, &to, ns);
			r = 0;
		}
		free(ns);
	}
	connection_release(&to);
	return r;
}

const struct command cmd_status = {
	.name = "status",
	.args = "",
	.summary = "show which namespace is connected and whether it answers",
	.options = options,
	.options_size = sizeof(struct status_options),
	.run = run,
};
