#include "files_sizes.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "runtime/runtime.h"

enum { ROWS = 20, INDENT = 10, NARROWEST = 30 };

/* One file goes as it is; what runtime_is_archive() takes and a zip go as base64. */
static int measure(struct function_sizes *fs, struct packer *k, const struct filter_list *list,
		   uint64_t *packed, struct err *e)
{
	const struct filter_file *first = list->files.v;

	fs->limit = PACK_MAX_BINARY;
	if (list->files.n != 1)
		return pack_measure(k, list, packed, &fs->packed, e);
	fs->packed = packed[0] = first->size;
	if (!runtime_is_archive(path_base(first->name)))
		fs->limit = PACK_MAX_CODE;
	return 0;
}

int function_sizes_find(struct function_sizes *fs, struct packer *k, const struct function *f,
			const struct filter_list *list, struct err *e)
{
	uint64_t *packed = xcalloc(list->files.n + 1, sizeof(*packed));
	const struct sizes_question q = {.root = k->project->root_fd,
					 .function = f,
					 .list = list,
					 .runtime = pack_kind(f, list),
					 .packed = packed};
	int rc;

	*fs = (struct function_sizes){.function = function_full_name(k->project, f)};
	rc = measure(fs, k, list, packed, e);
	if (rc == 0)
		sizes_find(&fs->sizes, &q);
	free(packed);
	return rc;
}

void function_sizes_release(struct function_sizes *fs)
{
	sizes_release(&fs->sizes);
}

/* ---- text ---- */

static void add_right(struct strbuf *out, int width, const char *text)
{
	strbuf_addf(out, "%*s", width, text);
}

static void add_size(struct strbuf *out, uint64_t bytes)
{
	struct strbuf b = STRBUF_INIT;

	sizes_add_bytes(&b, bytes);
	add_right(out, 11, b.buf);
	strbuf_release(&b);
}

/* Of the limit, in tenths of a percent. */
static uint64_t share_of(const struct function_sizes *fs, uint64_t packed)
{
	return (packed * 1000 + fs->limit / 2) / fs->limit;
}

static void add_share(struct strbuf *out, const struct function_sizes *fs, uint64_t packed)
{
	uint64_t share = share_of(fs, packed);

	strbuf_addf(out, "%5llu.%llu %%", (unsigned long long)(share / 10),
		    (unsigned long long)(share % 10));
}

static void add_numbers(struct strbuf *out, const struct function_sizes *fs,
			const struct sizes_sum *sum)
{
	strbuf_addf(out, "%8zu", sum->files);
	add_size(out, sum->size);
	add_size(out, sum->packed);
	add_share(out, fs, sum->packed);
	strbuf_adds(out, "  ");
}

/* Words of the text behind the indentation, in lines of that many columns. */
static void add_wrapped(struct strbuf *out, const char *text, size_t width)
{
	size_t at = INDENT + 2, n;
	struct str rest = str_of(text), word;
	bool first = true;

	if (width && width < NARROWEST)
		width = NARROWEST;
	strbuf_addf(out, "%*s- ", INDENT, "");
	while (str_next(&rest, ' ', &word)) {
		n = utf8_columns(word);
		if (!first && width && at + 1 + n > width) {
			strbuf_addf(out, "\n%*s", INDENT + 2, "");
			at = INDENT + 2;
		} else if (!first) {
			strbuf_addc(out, ' ');
			at++;
		}
		strbuf_addstr(out, word);
		at += n;
		first = false;
	}
	strbuf_addc(out, '\n');
}

static void add_advice(struct strbuf *out, const struct sizes_advice *a, size_t width)
{
	size_t i;

	add_wrapped(out, a->text, width);
	for (i = 0; i < a->lines; i++) {
		strbuf_addf(out, "%*s.ignore: ", INDENT + 2, "");
		utf8_add_printable(out, str_of(a->ignore[i]));
		strbuf_addc(out, '\n');
	}
}

static void add_package(struct strbuf *out, struct function_sizes *fs,
			const struct sizes_package *p, size_t width)
{
	struct sizes_advice advice[SIZES_ADVICE_MAX];
	size_t i, n = sizes_advise(&fs->sizes, p, advice);

	add_numbers(out, fs, &p->all);
	utf8_add_printable(out, p->name);
	if (p->version.n) {
		strbuf_addc(out, ' ');
		utf8_add_printable(out, p->version);
	}
	strbuf_addc(out, '\n');
	for (i = 0; i < n; i++)
		add_advice(out, &advice[i], width);
}

static void add_others(struct strbuf *out, const struct function_sizes *fs, size_t from)
{
	const struct sizes *s = &fs->sizes;
	struct sizes_sum sum = {0};
	size_t i;

	for (i = from; i < s->packages.n; i++) {
		sum.files += s->packages.v[i].all.files;
		sum.size += s->packages.v[i].all.size;
		sum.packed += s->packages.v[i].all.packed;
	}
	add_numbers(out, fs, &sum);
	strbuf_addf(out, "%zu others (--verbose shows them)\n", s->packages.n - from);
}

static void add_head(struct strbuf *out, const struct function_sizes *fs, bool colour)
{
	struct strbuf b = STRBUF_INIT;

	utf8_add_printable(&b, str_of(fs->function));
	ui_styled(out, colour, UI_BOLD, b.buf);
	strbuf_reset(&b);
	strbuf_addf(&b, "  %zu file%s, ", fs->sizes.files, fs->sizes.files == 1 ? "" : "s");
	sizes_add_bytes(&b, fs->sizes.size);
	strbuf_adds(&b, "; packed ");
	sizes_add_bytes(&b, fs->packed);
	strbuf_adds(&b, " of at most ");
	sizes_add_bytes(&b, fs->limit);
	strbuf_adds(&b, "\n");
	strbuf_addstr(out, strbuf_str(&b));
	strbuf_release(&b);
	strbuf_addf(out, "%8s%11s%11s%9s  %s\n", "Files", "Size", "Packed", "Of limit",
		    "Package");
}

void function_sizes_text(struct strbuf *out, struct function_sizes *fs, bool colour, bool all,
			 size_t width)
{
	const struct sizes *s = &fs->sizes;
	/* One more is no longer than the line that would stand for it. */
	size_t i, shown = all || s->packages.n <= ROWS + 1 ? s->packages.n : ROWS;

	add_head(out, fs, colour);
	for (i = 0; i < shown; i++)
		add_package(out, fs, &s->packages.v[i], width);
	if (shown < s->packages.n)
		add_others(out, fs, shown);
}

/* ---- JSON ---- */

static void set_number(struct json *j, const char *name, uint64_t n)
{
	json_set(j, name, json_new_int((int64_t)n));
}

static struct json *advice_json(const struct sizes_advice *a)
{
	struct json *j = json_new_object(), *lines = json_new_array();
	size_t i;

	json_set(j, "text", json_new_cstr(a->text));
	set_number(j, "size", a->size);
	for (i = 0; i < a->lines; i++)
		json_push(lines, json_new_cstr(a->ignore[i]));
	json_set(j, "ignore", lines);
	return j;
}

static struct json *share_json(const struct function_sizes *fs, uint64_t packed)
{
	uint64_t share = share_of(fs, packed);
	char text[32];
	int n = snprintf(text, sizeof(text), "%llu.%llu", (unsigned long long)(share / 10),
			 (unsigned long long)(share % 10));

	return json_new_number((struct str){text, (size_t)n});
}

static struct json *package_json(struct function_sizes *fs, const struct sizes_package *p)
{
	static const char *const kinds[] = {
		[SIZES_PYTHON] = "python", [SIZES_NODE] = "node", [SIZES_OWN] = "own"};
	struct json *j = json_new_object(), *list = json_new_array();
	struct sizes_advice advice[SIZES_ADVICE_MAX];
	size_t i, n = sizes_advise(&fs->sizes, p, advice);

	json_set(j, "package", json_new_str(p->name));
	json_set(j, "kind", json_new_cstr(kinds[p->kind]));
	json_set(j, "version", p->version.n ? json_new_str(p->version) : json_new_null());
	set_number(j, "files", p->all.files);
	set_number(j, "size", p->all.size);
	set_number(j, "packed", p->all.packed);
	json_set(j, "percent", share_json(fs, p->all.packed));
	for (i = 0; i < n; i++)
		json_push(list, advice_json(&advice[i]));
	json_set(j, "advice", list);
	return j;
}

struct json *function_sizes_json(struct function_sizes *fs)
{
	struct json *j = json_new_object(), *list = json_new_array();
	size_t i;

	json_set(j, "function", json_new_cstr(fs->function));
	set_number(j, "files", fs->sizes.files);
	set_number(j, "size", fs->sizes.size);
	set_number(j, "packed", fs->packed);
	set_number(j, "limit", fs->limit);
	for (i = 0; i < fs->sizes.packages.n; i++)
		json_push(list, package_json(fs, &fs->sizes.packages.v[i]));
	json_set(j, "packages", list);
	return j;
}
