#include "render.h"

#include <stdlib.h>

#include "diag/diag.h"
#include "findings.h"

void renderer_init(struct renderer *r, struct context *c)
{
	*r = (struct renderer){.context = c};
	r->sink.emit = c->json ? render_json_event : render_text_event;
	progress_init(&r->progress, c);
	c->sink = &r->sink;
}

void renderer_release(struct renderer *r)
{
	size_t i;

	progress_release(&r->progress);
	for (i = 0; i < r->deployed.n; i++)
		free(r->deployed.v[i]);
	for (i = 0; i < r->triggers.n; i++)
		free(r->triggers.v[i]);
	vec_release(&r->deployed);
	vec_release(&r->triggers);
	build_output_release(&r->build_output);
	r->context->sink = NULL;
}

static void print_line(struct context *c, struct json *j)
{
	struct strbuf line = STRBUF_INIT;

	json_write(&line, j);
	strbuf_addc(&line, '\n');
	ui_out(&c->ui, strbuf_str(&line));
	strbuf_release(&line);
	json_free(j);
}

void render_start(struct renderer *r, const char *dir, const char *ns, const char *host)
{
	struct context *c = r->context;
	struct json *j;

	if (!c->json) {
		ui_say(&c->ui, "Deploying '%s'\n  to namespace '%s'\n  on host '%s'", dir, ns,
		       host);
		return;
	}
	j = json_new_object();
	json_set(j, "event", json_new_cstr("start"));
	json_set(j, "project", json_new_cstr(dir));
	json_set(j, "namespace", json_new_cstr(ns));
	json_set(j, "apihost", json_new_cstr(host));
	print_line(c, j);
}

/* Only when there are, or were, triggers. */
static void add_triggers(struct json *j, const struct deploy_triggers *t)
{
	struct json *counts;

	if (t->deployed + t->unchanged + t->deleted + t->failed == 0)
		return;
	counts = json_new_object();
	json_set(counts, "deployed", json_new_int((int64_t)t->deployed));
	json_set(counts, "unchanged", json_new_int((int64_t)t->unchanged));
	json_set(counts, "deleted", json_new_int((int64_t)t->deleted));
	json_set(counts, "failed", json_new_int((int64_t)t->failed));
	json_set(j, "triggers", counts);
}

/* Only with something to delete. */
static void add_pruned(struct json *j, const struct deploy_pruned *p)
{
	struct json *counts;

	if (p->functions + p->packages + p->triggers == 0)
		return;
	counts = json_new_object();
	json_set(counts, "functions", json_new_int((int64_t)p->functions));
	json_set(counts, "packages", json_new_int((int64_t)p->packages));
	json_set(counts, "triggers", json_new_int((int64_t)p->triggers));
	json_set(counts, "failed", json_new_int((int64_t)p->failed));
	json_set(j, "pruned", counts);
}

void render_result(struct renderer *r, const struct deploy_result *result)
{
	struct context *c = r->context;
	struct json *j;
	size_t i;

	if (c->json) {
		j = json_new_object();
		json_set(j, "event", json_new_cstr("result"));
		json_set(j, "deployed", json_new_int((int64_t)result->deployed));
		json_set(j, "unchanged", json_new_int((int64_t)result->unchanged));
		json_set(j, "failed", json_new_int((int64_t)result->failed));
		add_triggers(j, &result->triggers);
		add_pruned(j, &result->pruned);
		print_line(c, j);
		return;
	}
	if (r->deployed.n)
		ui_outf(&c->ui, "Deployed functions:\n");
	for (i = 0; i < r->deployed.n; i++)
		ui_outf(&c->ui, "  - %s\n", r->deployed.v[i]);
	if (r->triggers.n)
		ui_outf(&c->ui, "Deployed triggers:\n");
	for (i = 0; i < r->triggers.n; i++)
		ui_outf(&c->ui, "  - %s\n", r->triggers.v[i]);
}

static void add_count(struct strbuf *text, size_t n, const char *thing)
{
	strbuf_addf(text, "%zu %s%s", n, thing, n == 1 ? "" : "s");
}

void describe_deletion(struct strbuf *text, size_t triggers, size_t functions, size_t packages)
{
	if (triggers)
		add_count(text, triggers, "trigger");
	if (triggers && functions + packages == 0)
		return;
	if (triggers)
		strbuf_adds(text, ", ");
	add_count(text, functions, "function");
	strbuf_adds(text, " and ");
	add_count(text, packages, "package");
}

static void finding_event(struct context *c, const struct diag *d)
{
	struct json *j = json_new_object();

	json_set(j, "event", json_new_cstr("finding"));
	finding_describe(j, d);
	print_line(c, j);
}

void render_findings(struct context *c, const struct diags *d)
{
	struct strbuf text = STRBUF_INIT;
	size_t i;

	for (i = 0; i < d->list.n; i++) {
		if (c->json)
			finding_event(c, &d->list.v[i]);
		else if (d->list.v[i].level != DIAG_NOTE || !c->ui.quiet)
			diag_write(&text, &d->list.v[i], c->ui.colour_err);
	}
	ui_err_raw(&c->ui, strbuf_str(&text));
	strbuf_release(&text);
}
