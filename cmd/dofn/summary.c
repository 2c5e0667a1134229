#include "summary.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/utf8.h"

/* GitHub takes 1 MiB of a step. */
enum { MAX_BYTES = 1024 * 1024 - 4096, MAX_ROWS = 2000, MAX_CELL = 4000 };

/* A function, package or trigger. */
struct summary_row {
	char *name;       /* "function p/f" */
	struct str shown; /* the name alone */
	char *plan;       /* "update: code, variables (+NEW)" */
	char *url;        /* or NULL */
	char *result;     /* "deployed, version 0.0.2"; NULL: nothing was done */
	bool unchanged, failed;
};

static const char *kind_of(enum event_type type)
{
	switch (type) {
	case EVENT_PLAN:
	case EVENT_DEPLOYED:
	case EVENT_UNCHANGED:
	case EVENT_DELETED:
	case EVENT_FAILED: return "function";
	case EVENT_PLAN_PACKAGE:
	case EVENT_PACKAGE:
	case EVENT_PACKAGE_DELETED:
	case EVENT_PACKAGE_FAILED: return "package";
	case EVENT_PLAN_TRIGGER:
	case EVENT_TRIGGER:
	case EVENT_TRIGGER_FAILED: return "trigger";
	default: return NULL;
	}
}

static struct summary_row *find_row(struct summary *s, const char *kind, const char *name)
{
	char *key = xasprintf("%s %s", kind, name);
	struct summary_row *row = names_find(&s->names, key);

	if (row) {
		free(key);
		return row;
	}
	row = xcalloc(1, sizeof(*row));
	row->name = key;
	row->shown = str_of(key + strlen(kind) + 1);
	vec_push(&s->rows, row);
	if (names_add(&s->names, row))
		bug("'%s' is there twice", key);
	return row;
}

static void set(char **text, struct strbuf *b)
{
	free(*text);
	*text = strbuf_detach(b, NULL);
}

static void add_list(struct strbuf *b, const char *before, const char *const *list)
{
	for (; list && *list; list++, before = ", ")
		strbuf_addf(b, "%s%s", before, *list);
}

static void on_plan(struct summary_row *row, const struct event *ev)
{
	struct strbuf b = STRBUF_INIT;

	if (str_is(ev->text, "extra"))
		strbuf_adds(&b, "live, not in the project");
	else
		strbuf_addstr(&b, ev->text);
	add_list(&b, ": ", ev->changes);
	if (ev->variables && *ev->variables) {
		add_list(&b, " (", ev->variables);
		strbuf_addc(&b, ')');
	}
	if (ev->remote)
		strbuf_adds(&b, ", built on the platform");
	row->unchanged = str_is(ev->text, "unchanged");
	set(&row->plan, &b);
}

static void on_result(struct summary_row *row, const struct event *ev)
{
	struct strbuf b = STRBUF_INIT;

	switch (ev->type) {
	case EVENT_DEPLOYED:
	case EVENT_UNCHANGED:
		free(row->url);
		row->url = ev->text.p ? xstrndup(ev->text.p, ev->text.n) : NULL;
		strbuf_addf(&b, "%s, version %.*s",
			    ev->type == EVENT_DEPLOYED ? "deployed" : "unchanged",
			    STR_ARG(ev->text2));
		break;
	case EVENT_PACKAGE: strbuf_adds(&b, "written"); break;
	case EVENT_DELETED:
	case EVENT_PACKAGE_DELETED: strbuf_adds(&b, "deleted"); break;
	case EVENT_TRIGGER:
		strbuf_addstr(&b, ev->text);
		if (ev->text2.n)
			strbuf_addf(&b, ", %.*s", STR_ARG(ev->text2));
		break;
	default:
		strbuf_addf(&b, "failed: %.*s", STR_ARG(ev->text));
		row->failed = true;
		break;
	}
	set(&row->result, &b);
}

static void on_event(struct sink *sink, const struct event *ev)
{
	struct summary *s = (struct summary *)sink;
	const char *kind = kind_of(ev->type);
	const char *name = ev->trigger ? ev->trigger : ev->function;

	if (kind && name) {
		struct summary_row *row = find_row(s, kind, name);

		if (ev->type == EVENT_PLAN || ev->type == EVENT_PLAN_PACKAGE ||
		    ev->type == EVENT_PLAN_TRIGGER)
			on_plan(row, ev);
		else
			on_result(row, ev);
	}
	sink_emit(s->next, ev);
}

int summary_init(struct summary *s, bool wanted, struct err *e)
{
	const char *path = getenv("GITHUB_STEP_SUMMARY");

	*s = (struct summary){.sink.emit = on_event};
	if (!wanted)
		return 0;
	if (!path || !*path)
		return err_set(
			e, ERR_USAGE,
			"--github writes to the file that GITHUB_STEP_SUMMARY names, and it "
			"is not set; GitHub Actions sets it for every step");
	s->path = path;
	return 0;
}

void summary_begin(struct summary *s, struct sink **sink)
{
	if (!s->path)
		return;
	s->next = *sink;
	*sink = &s->sink;
}

/* ---- Markdown ---- */

/* Nothing of it is markup, nor ends a cell or a line. */
static void add_text(struct strbuf *b, struct str text)
{
	struct strbuf shown = STRBUF_INIT;
	size_t i;

	utf8_add_printable(&shown, utf8_cut(text, MAX_CELL));
	for (i = 0; i < shown.len; i++) {
		if (strchr("\\`*_{}[]<>()#+-!|~&@", shown.buf[i]))
			strbuf_addf(b, "&#%u;", (unsigned char)shown.buf[i]);
		else
			strbuf_addc(b, shown.buf[i]);
	}
	strbuf_release(&shown);
}

static void add_name(struct strbuf *b, const struct summary_row *row)
{
	size_t kind = (size_t)(row->shown.p - row->name) - 1;

	if (row->url) {
		strbuf_addc(b, '[');
		add_text(b, row->shown);
		strbuf_addf(b, "](<%s>)", row->url);
	} else {
		add_text(b, row->shown);
	}
	if (strncmp(row->name, "function", kind) != 0)
		strbuf_addf(b, " (%.*s)", (int)kind, row->name);
}

static void add_row(struct strbuf *b, const struct summary_row *row, bool dry_run)
{
	strbuf_adds(b, "| ");
	add_name(b, row);
	strbuf_adds(b, " | ");
	add_text(b, str_of(row->plan ? row->plan : ""));
	if (!dry_run) {
		strbuf_adds(b, " | ");
		add_text(b, str_of(row->result ? row->result : ""));
	}
	strbuf_adds(b, " |\n");
}

/* What happened first; what is as it was can be unfolded. */
static size_t add_rows(struct strbuf *b, const struct summary *s, bool unchanged)
{
	size_t i, n = 0;

	for (i = 0; i < s->rows.n; i++) {
		const struct summary_row *row = s->rows.v[i];

		if ((row->unchanged && !row->failed) != unchanged)
			continue;
		if (n++ == 0)
			strbuf_addf(b, "\n| | plan |%s\n|---|---|%s\n",
				    s->dry_run ? "" : " result |", s->dry_run ? "" : "---|");
		if (n <= MAX_ROWS && b->len < MAX_BYTES / 2 + (unchanged ? MAX_BYTES / 4 : 0))
			add_row(b, row, s->dry_run);
	}
	return n;
}

static void add_unchanged(struct strbuf *b, const struct summary *s)
{
	struct strbuf rows = STRBUF_INIT;
	size_t n = add_rows(&rows, s, true);

	if (n)
		strbuf_addf(b, "\n<details><summary>%zu unchanged</summary>\n%s\n</details>\n",
			    n, rows.buf);
	strbuf_release(&rows);
}

static void add_head(struct strbuf *b, const struct summary *s, const char *namespace,
		     const struct err *failure)
{
	strbuf_addf(b, "### dofn: %s",
		    failure      ? "deploy failed"
		    : s->dry_run ? "plan"
				 : "deployed");
	if (namespace) {
		strbuf_adds(b, ", ");
		add_text(b, str_of(namespace));
	}
	strbuf_addc(b, '\n');
	if (failure) {
		strbuf_adds(b, "\n> ");
		add_text(b, str_of(failure->msg));
		strbuf_addc(b, '\n');
	}
}

static int append(const char *path, struct str text, struct err *e)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644);
	ssize_t n;

	if (fd < 0)
		return err_sys(e, "cannot write the summary to '%s'", path);
	while (text.n) {
		n = write(fd, text.p, text.n);
		if (n <= 0)
			break;
		text = str_from(text, (size_t)n);
	}
	if (text.n)
		err_sys(e, "cannot write the summary to '%s'", path);
	(void)close(fd);
	return text.n ? -1 : 0;
}

int summary_write(const struct summary *s, const char *namespace, const struct err *failure,
		  struct err *e)
{
	struct strbuf b = STRBUF_INIT;
	int r;

	if (!s->path)
		return 0;
	add_head(&b, s, namespace, failure);
	if (add_rows(&b, s, false) == 0 && !failure)
		strbuf_adds(&b, "\nNothing to do.\n");
	add_unchanged(&b, s);
	strbuf_addc(&b, '\n');
	r = append(s->path, strbuf_str(&b), e);
	strbuf_release(&b);
	return r;
}

void summary_release(struct summary *s)
{
	size_t i;

	names_release(&s->names);
	for (i = 0; i < s->rows.n; i++) {
		free(s->rows.v[i]->name);
		free(s->rows.v[i]->plan);
		free(s->rows.v[i]->url);
		free(s->rows.v[i]->result);
		free(s->rows.v[i]);
	}
	vec_release(&s->rows);
}
