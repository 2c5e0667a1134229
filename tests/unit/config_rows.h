#ifndef TESTS_CONFIG_ROWS_H
#define TESTS_CONFIG_ROWS_H
/*
 * config_rows.h - tables of project.yml texts with what they must give: the
 * model as JSON, or every finding with its place
 */
#include <stdio.h>

#include "config/config.h"
#include "test.h"
#include "json/json.h"

static inline void set_clone(struct json *to, const char *name, const struct json *tree)
{
	if (tree)
		json_set(to, name, json_clone(tree));
}

static inline void set_text(struct json *to, const char *name, const char *text)
{
	if (text)
		json_set(to, name, json_new_cstr(text));
}

static inline void set_number(struct json *to, const char *name, int64_t v)
{
	if (v)
		json_set(to, name, json_new_int(v));
}

static inline void set_web(struct json *to, enum web_mode web)
{
	static const char *const names[] = {NULL, "no", "yes", "raw"};

	set_text(to, "web", names[web]);
}

static inline void set_true(struct json *to, const char *name, bool value)
{
	if (value)
		json_set(to, name, json_new_bool(true));
}

static inline void set_sequence(struct json *to, const struct function *f)
{
	struct json *list = f->sequence.n ? json_new_array() : NULL;
	size_t i;

	for (i = 0; i < f->sequence.n; i++) {
		assert_true(f->sequence.v[i].pos.line > 0);
		json_push(list, json_new_cstr(f->sequence.v[i].name));
	}
	json_set(to, "sequence", list);
}

static inline void set_triggers(struct json *to, const struct function *f)
{
	struct json *list = f->triggers.n ? json_new_array() : NULL;
	size_t i;

	for (i = 0; i < f->triggers.n; i++) {
		const struct trigger *t = f->triggers.v[i];
		struct json *j = json_new_object();

		assert_ptr_equal(t->function, f);
		assert_true(t->pos.line > 0);
		set_text(j, "name", t->name);
		if (!t->enabled)
			json_set(j, "enabled", json_new_bool(false));
		set_text(j, "cron", t->cron);
		set_clone(j, "body", t->body);
		json_push(list, j);
	}
	json_set(to, "triggers", list);
}

static inline struct json *function_json(const struct function *f)
{
	struct json *j = json_new_object();

	set_text(j, "name", f->name);
	set_text(j, "runtime", f->runtime);
	set_text(j, "main", f->main);
	set_web(j, f->web);
	set_text(j, "webSecure", f->web_secure);
	set_clone(j, "parameters", f->parameters);
	set_clone(j, "environment", f->environment);
	set_clone(j, "annotations", f->annotations);
	if (f->limits.given) {
		struct json *limits = json_new_object();

		set_number(limits, "timeout", f->limits.timeout_ms);
		set_number(limits, "memory", f->limits.memory_mb);
		set_number(limits, "logs", f->limits.logs_kb);
		json_set(j, "limits", limits);
	}
	set_text(j, "file", f->file);
	set_text(j, "docker", f->docker);
	set_true(j, "remoteBuild", f->remote_build);
	set_true(j, "localBuild", f->local_build);
	set_sequence(j, f);
	set_triggers(j, f);
	assert_int_equal(f->source_kind, SOURCE_NONE);
	assert_true(f->pos.line > 0);
	return j;
}

static inline struct json *package_json(const struct package *pkg)
{
	struct json *j = json_new_object();
	size_t i;

	set_text(j, "name", pkg->name);
	if (pkg->binding.name) {
		json_set(j, "binding", json_new_object());
		set_text(json_get(j, "binding"), "namespace", pkg->binding.namespace);
		set_text(json_get(j, "binding"), "name", pkg->binding.name);
	}
	set_true(j, "shared", pkg->shared);
	set_web(j, pkg->web);
	set_clone(j, "parameters", pkg->parameters);
	set_clone(j, "environment", pkg->environment);
	set_clone(j, "annotations", pkg->annotations);
	if (pkg->functions.n)
		json_set(j, "functions", json_new_array());
	for (i = 0; i < pkg->functions.n; i++)
		json_push(json_get(j, "functions"), function_json(pkg->functions.v[i]));
	return j;
}

/* What the model holds, and only what is set, as JSON with ' for ". */
static inline void dump(struct strbuf *out, const struct project *p)
{
	struct json *j = json_new_object();
	size_t i;

	set_text(j, "targetNamespace", p->target.name);
	set_text(j, "production", p->target.production);
	set_text(j, "test", p->target.test);
	set_clone(j, "parameters", p->parameters);
	set_clone(j, "environment", p->environment);
	if (p->packages.n)
		json_set(j, "packages", json_new_array());
	for (i = 0; i < p->packages.n; i++)
		json_push(json_get(j, "packages"), package_json(p->packages.v[i]));
	json_write(out, j);
	for (i = 0; i < out->len; i++)
		if (out->buf[i] == '"')
			out->buf[i] = '\'';
	json_free(j);
}

static const char *const variables[][2] = {
	{"A", "alpha"},          {"NUM", "512"},
	{"FLOAT", "1.5"},        {"YES", "true"},
	{"NO", "false"},         {"NULLISH", "null"},
	{"RAW", "raw"},          {"EVIL", "x: [y] # 'z' \"q\"\n- {"},
	{"LINES", "one\ntwo\n"}, {"KIND", "python:3.11"},
	{"SECRET", "s3cr3t/%n"}, {"AGAIN", "${A}"},
	{"EMPTY", ""},           {"LATIN", "\xe4"},
	{"my.var-1", "dotted"},  {"JSON", "[1, {\"a\": 2}]"},
};

static inline const char *lookup(void *arg UNUSED, const char *name)
{
	size_t i;

	for (i = 0; i < countof(variables); i++)
		if (strcmp(name, variables[i][0]) == 0)
			return variables[i][1];
	return NULL;
}

/* The dump when there are no findings, else each finding as "line:col text" on a line. */
static inline char *read_config(const char *text, config_lookup_fn *fn)
{
	struct project p;
	struct diags d = DIAGS_INIT;
	struct strbuf out = STRBUF_INIT;
	size_t i;

	project_init(&p);
	p.config = (struct diag_source){"project.yml", str_of(text)};
	config_read(&p, &(struct config_options){.lookup = fn}, &d);
	diags_sort(&d);
	for (i = 0; i < d.list.n; i++) {
		assert_ptr_equal(d.list.v[i].source, &p.config);
		strbuf_addf(&out, "%s%u:%u %s", out.len ? "\n" : "", d.list.v[i].pos.line,
			    d.list.v[i].pos.col, d.list.v[i].text);
	}
	if (d.list.n == 0)
		dump(&out, &p);
	diags_release(&d);
	project_release(&p);
	return strbuf_detach(&out, NULL);
}

struct row {
	const char *text, *want;
};

/*
 * For tests of the schema, which hold it against these rows: each as a line of JSON at
 * the end of the file that DOFN_TEST_ROWS names.
 */
static inline void tell_row(const struct row *row)
{
	const char *path = getenv("DOFN_TEST_ROWS");
	FILE *f = path ? fopen(path, "ae") : NULL;
	struct json *j;
	struct strbuf line = STRBUF_INIT;

	if (!f)
		return;
	j = json_new_object();
	json_set(j, "text", json_new_cstr(row->text));
	json_set(j, "want", json_new_cstr(row->want));
	json_write(&line, j);
	(void)fprintf(f, "%s\n", line.buf);
	(void)fclose(f);
	json_free(j);
	strbuf_release(&line);
}

/* Every row is tried; those that differ are shown with what came. */
static inline void assert_rows(const struct row *rows, size_t n)
{
	size_t i, different = 0;

	for (i = 0; i < n; i++) {
		char *got = read_config(rows[i].text, lookup);

		tell_row(&rows[i]);
		if (strcmp(got, rows[i].want) != 0) {
			print_error("%s---\n%s\n--- wanted\n%s\n\n", rows[i].text, got,
				    rows[i].want);
			different++;
		}
		free(got);
	}
	if (different)
		fail_msg("%zu of %zu rows differ", different, n);
}

/* A function `f` in package `p` with one more line, and what the model makes of it. */
#define P(line) "packages:\n- name: p\n  " line "\n"
#define F(line) "packages:\n- name: p\n  functions:\n  - name: f\n    " line "\n"
#define F_IS(json) "{'packages':[{'name':'p','functions':[{'name':'f'" json "}]}]}"
#endif
