#include "command.h"

#include <string.h>
#include <sys/stat.h>

#include "base/utf8.h"
#include "files_sizes.h"
#include "pack/pack.h"
#include "project_flags.h"

/* A longer path moves the rest of its own line only. */
enum { MAX_WIDTH = 48, FLUSH = 64 * 1024 };

struct files_options {
	struct project_flags project;
	bool sizes;
};

static const struct cli_option options[] = {
	PROJECT_OPTIONS(struct files_options, project),
	CLI_OPT(struct files_options, sizes, "sizes", 0, CLI_FLAG, NULL,
		"show what takes the room: packages, largest first, with what to do"),
	CLI_END,
};

struct listing {
	struct context *c;
	struct project *p;
	struct packer *packer; /* with --sizes; else NULL */
	struct strbuf text;
	size_t items;
	struct err first; /* what is wrong with the functions so far */
};

static void flush(struct listing *l, size_t above)
{
	if (l->text.len <= above)
		return;
	ui_out(&l->c->ui, strbuf_str(&l->text));
	strbuf_reset(&l->text);
}

/* "../../../lib/x -> x" */
static void describe_path(struct strbuf *b, const struct filter_decision *d)
{
	utf8_add_printable(b, d->path);
	if (d->verdict != FILTER_IN || str_eq(d->path, d->name))
		return;
	strbuf_adds(b, " -> ");
	utf8_add_printable(b, d->name);
}

static size_t width_of(const struct filter_list *list)
{
	struct strbuf b = STRBUF_INIT;
	size_t i, n, width = 0;

	for (i = 0; i < list->decisions.n; i++) {
		strbuf_reset(&b);
		describe_path(&b, &list->decisions.v[i]);
		n = utf8_columns(strbuf_str(&b));
		if (n <= MAX_WIDTH && n > width)
			width = n;
	}
	strbuf_release(&b);
	return width;
}

static void text_line(struct listing *l, const struct filter_decision *d, size_t width)
{
	static const char *const marks[] = {
		[FILTER_IN] = "in  ", [FILTER_OUT] = "out ", [FILTER_REFUSED] = "stop"};
	static const enum ui_style styles[] = {
		[FILTER_IN] = UI_GREEN, [FILTER_OUT] = UI_DIM, [FILTER_REFUSED] = UI_RED};
	struct strbuf path = STRBUF_INIT;
	size_t n;

	describe_path(&path, d);
	n = utf8_columns(strbuf_str(&path));
	strbuf_adds(&l->text, "  ");
	ui_styled(&l->text, l->c->ui.colour_out, styles[d->verdict], marks[d->verdict]);
	strbuf_addf(&l->text, "  %s%*s  ", path.buf, (int)(n < width ? width - n : 0), "");
	utf8_add_printable(&l->text, str_of(d->why));
	strbuf_addc(&l->text, '\n');
	strbuf_release(&path);
	flush(l, FLUSH);
}

static void print_text(struct listing *l, const char *function, const struct filter_list *list)
{
	size_t i, width = width_of(list);

	if (l->items++)
		strbuf_addc(&l->text, '\n');
	ui_styled(&l->text, l->c->ui.colour_out, UI_BOLD, function);
	strbuf_addc(&l->text, '\n');
	for (i = 0; i < list->decisions.n; i++)
		text_line(l, &list->decisions.v[i], width);
}

static void add_member(struct strbuf *b, const char *name, struct str value)
{
	strbuf_addf(b, ", \"%s\": ", name);
	json_write_str(b, value);
}

/* Piece by piece: a tree of 50,000 items would take more memory than all else. */
static void print_json(struct listing *l, const char *function, const struct filter_list *list)
{
	struct strbuf *b = &l->text;
	size_t i;

	for (i = 0; i < list->decisions.n; i++) {
		const struct filter_decision *d = &list->decisions.v[i];
		bool in = d->verdict == FILTER_IN;

		strbuf_adds(b, l->items++ ? ",\n  {\"function\": " : "\n  {\"function\": ");
		json_write_str(b, str_of(function));
		add_member(b, "path", d->path);
		strbuf_addf(b, ", \"in\": %s", in ? "true" : "false");
		if (in)
			add_member(b, "name", d->name);
		else
			strbuf_adds(b, ", \"name\": null");
		add_member(b, "why", str_of(d->why));
		strbuf_addc(b, '}');
		flush(l, FLUSH);
	}
}

static void show_notes(struct listing *l, const struct filter_list *list)
{
	size_t i;

	for (i = 0; i < list->notes.n; i++)
		ui_warn(&l->c->ui, "%s", list->notes.v[i]);
}

/* All bad lines of .include, or what else is the first failure. */
static void show_failure(struct listing *l, const char *name, const struct filter_list *list,
			 const struct err *e)
{
	bool told = false;
	size_t i;

	for (i = 0; i < list->bad_items.n; i++) {
		ui_error(&l->c->ui, "%s: %s", name, list->bad_items.v[i]);
		told |= strcmp(list->bad_items.v[i], e->msg) == 0;
	}
	if (!told)
		ui_error(&l->c->ui, "%s: %s", name, e->msg);
}

static int list_files(struct listing *l, const struct function *f, struct filter_list *list,
		      struct err *e)
{
	const char *name = function_full_name(l->p, f);
	int r = pack_explain(l->p, f, list, e);

	if (l->c->json)
		print_json(l, name, list);
	else
		print_text(l, name, list);
	return r;
}

static void print_sizes(struct listing *l, struct function_sizes *sizes)
{
	const struct ui *ui = &l->c->ui;
	struct json *j;

	if (l->c->json) {
		strbuf_adds(&l->text, l->items++ ? ",\n" : "\n");
		j = function_sizes_json(sizes);
		json_write_spaced(&l->text, j);
		json_free(j);
		return;
	}
	if (l->items++)
		strbuf_addc(&l->text, '\n');
	function_sizes_text(&l->text, sizes, ui->colour_out, ui->verbose,
			    ui->out_tty ? (size_t)ui->width : 0);
}

static int list_sizes(struct listing *l, const struct function *f, struct filter_list *list,
		      struct err *e)
{
	struct function_sizes sizes;

	if (pack_files(l->p, f, list, e) < 0 ||
	    function_sizes_find(&sizes, l->packer, f, list, e) < 0)
		return -1;
	print_sizes(l, &sizes);
	function_sizes_release(&sizes);
	return 0;
}

/* What is wrong with one function is said behind its files; the next one follows. */
static void show_function(struct listing *l, const struct function *f)
{
	const char *name = function_full_name(l->p, f);
	struct filter_list list = {0};
	struct err e = ERR_INIT;
	int r = l->packer ? list_sizes(l, f, &list, &e) : list_files(l, f, &list, &e);

	flush(l, 0);
	show_notes(l, &list);
	if (r < 0) {
		show_failure(l, name, &list, &e);
		if (e.code != ERR_CANCELLED)
			e.code = ERR_PROJECT; /* also what cannot be read: nothing was done */
		if (l->first.code == ERR_OK)
			(void)err_move(&l->first, &e);
	}
	err_clear(&e);
	filter_list_release(&list);
}

static void show_all(struct listing *l, const struct function *only)
{
	size_t i, j;

	if (l->c->json)
		strbuf_addc(&l->text, '[');
	for (i = 0; i < l->p->packages.n; i++)
		for (j = 0; j < l->p->packages.v[i]->functions.n; j++) {
			const struct function *f = l->p->packages.v[i]->functions.v[j];

			if ((only && f != only) || f->source_kind == SOURCE_NONE ||
			    l->first.code == ERR_CANCELLED)
				continue;
			show_function(l, f);
		}
	if (l->c->json)
		strbuf_adds(&l->text, l->items ? "\n]\n" : "]\n");
	flush(l, 0);
}

/* All names, NULL at the end; to be freed. */
static const char **names_of(struct project *p)
{
	const char **names = xreallocarray(NULL, project_function_count(p) + 1, sizeof(*names));
	size_t i, j, n = 0;

	for (i = 0; i < p->packages.n; i++)
		for (j = 0; j < p->packages.v[i]->functions.n; j++)
			names[n++] = function_full_name(p, p->packages.v[i]->functions.v[j]);
	names[n] = NULL;
	return names;
}

static int fail_unknown(struct project *p, const char *name, struct err *e)
{
	const char **names = names_of(p), *near = str_nearest(str_of(name), names);
	const char *hint = near ? arena_printf(&p->arena, "; did you mean '%s'?", near)
				: "; 'dofn files' without a name shows all";

	free(names);
	return err_set(e, ERR_USAGE, "the project '%s' has no function '%s'%s", p->root, name,
		       hint);
}

/* "pkg/fn", or "fn" and "default/fn" in the default package. */
static const struct function *find_function(struct project *p, const char *name, struct err *e)
{
	const char *slash = strchr(name, '/');
	const char *package =
		slash ? arena_strndup(&p->arena, name, (size_t)(slash - name)) : "default";
	const struct package *pkg = project_package(p, package);
	const struct function *f = pkg ? package_function(pkg, slash ? slash + 1 : name) : NULL;

	if (!f)
		(void)fail_unknown(p, name, e);
	return f;
}

/* Findings go to stderr in any case: the result is a list of files. */
static void show_findings(struct context *c, struct diags *d)
{
	struct strbuf text = STRBUF_INIT;
	size_t i;

	diags_sort(d);
	for (i = 0; i < d->list.n; i++)
		if (d->list.v[i].level != DIAG_NOTE || !c->ui.quiet)
			diag_write(&text, &d->list.v[i], c->ui.colour_err);
	ui_err_raw(&c->ui, strbuf_str(&text));
	strbuf_release(&text);
}

/* A mistake elsewhere in the project does not keep files from being told. */
static int show_project(struct context *c, struct project *p, const char *name,
			struct packer *packer, struct err *e)
{
	struct listing l = {.c = c, .p = p, .packer = packer, .text = STRBUF_INIT};
	const struct function *only = NULL;

	if (name) {
		only = find_function(p, name, e);
		if (!only)
			return -1;
	}
	show_all(&l, only);
	strbuf_release(&l.text);
	if (l.first.code == ERR_OK)
		return 0;
	c->told = true;
	return err_move(e, &l.first);
}

static int show_sizes(struct context *c, struct project *p, const char *name, struct err *e)
{
	struct packer k;
	int r;

	packer_init(&k, context_loop(c), p, 0);
	packer_remember(&k);
	r = show_project(c, p, name, &k, e);
	packer_release(&k);
	return r;
}

static int show_files(struct context *c, const struct files_options *o, const char *dir,
		      const char *name, struct err *e)
{
	struct diags d = DIAGS_INIT;
	struct scan_options scan;
	struct project p;
	int r;

	project_init(&p);
	r = project_flags_fill(&o->project, &p.arena, &scan, e);
	if (r == 0) {
		r = scan_project(dir, &scan, &p, &d, e);
		show_findings(c, &d);
	}
	if (r == 0)
		r = o->sizes ? show_sizes(c, &p, name, e) : show_project(c, &p, name, NULL, e);
	if (r == 0 && diags_check(&d, e) < 0) {
		ui_error(&c->ui, "%s", e->msg);
		c->told = true;
		r = -1;
	}
	diags_release(&d);
	project_release(&p);
	return r;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int run(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	const struct files_options *o = opt;
	const char *const *v = args->items.v;

	switch (args->items.n) {
	case 0: return show_files(c, o, ".", NULL, e);
	case 2: return show_files(c, o, v[0], v[1], e);
	default: break;
	}
	if (is_folder(v[0]))
		return show_files(c, o, v[0], NULL, e);
	if (show_files(c, o, ".", v[0], e) == 0)
		return 0;
	return c->told ? -1 : err_wrap(e, "'%s' is not a folder; as a function", v[0]);
}

const struct command cmd_files = {
	.name = "files",
	.args = "[DIR] [FUNCTION]",
	.summary = "show which files of each function go into its artifact, and why",
	.help = "DIR is the project's folder, by default the current one; FUNCTION is PKG/FN, "
		"by\n"
		"default all.  For every file: in, out, or stop (nothing can be deployed as "
		"long\n"
		"as it is there), its name in the artifact where that differs, and the rule "
		"that\n"
		"decided.  With --sizes: the packages and folders that take the room.",
	.max_args = 2,
	.options = options,
	.options_size = sizeof(struct files_options),
	.run = run,
};
