#include "pack/largest.h"

#include "base/utf8.h"

enum { SHOWN = 5 };

/* A file, or a folder (its name ends with a slash) of files[from..to). */
struct group {
	struct str name;
	uint64_t size;
	size_t from, to;
};

struct groups {
	VEC(struct group) list;
	uint64_t size;
};

/* The part of a file's name that names its group, `skip` bytes being common to all. */
static struct str group_name(struct str name, size_t skip)
{
	const char *slash = memchr(name.p + skip, '/', name.n - skip);

	return slash ? (struct str){name.p, (size_t)(slash - name.p) + 1} : name;
}

/* Files are sorted, so those of one folder are neighbours. */
static void collect(struct groups *groups, const struct filter_list *list,
		    const struct group *in)
{
	size_t i;

	vec_release(&groups->list);
	groups->size = 0;
	for (i = in->from; i < in->to; i++) {
		const struct filter_file *file = &list->files.v[i];
		struct str name = group_name(file->name, in->name.n);
		struct group *last =
			groups->list.n ? &groups->list.v[groups->list.n - 1] : NULL;

		if (!last || !str_eq(last->name, name)) {
			vec_push(&groups->list, ((struct group){.name = name, .from = i}));
			last = &groups->list.v[groups->list.n - 1];
		}
		last->size += file->size;
		last->to = i + 1;
		groups->size += file->size;
	}
}

static int by_size(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return str_cmp(x->name, y->name);
}

static void add_group(struct strbuf *out, const struct group *g)
{
	uint64_t tenths = (g->size + 50000) / 100000;

	strbuf_addc(out, '\'');
	utf8_add_printable(out, g->name);
	strbuf_addf(out, "' %llu.%llu MB", (unsigned long long)(tenths / 10),
		    (unsigned long long)(tenths % 10));
}

void largest_describe(struct strbuf *out, const struct filter_list *list)
{
	struct group in = {.name = {"", 0}, .to = list->files.n};
	struct groups groups = {0};
	size_t i;

	do {
		collect(&groups, list, &in);
		if (groups.list.n == 0)
			return;
		qsort(groups.list.v, groups.list.n, sizeof(*groups.list.v), by_size);
		in = groups.list.v[0];
	} while (str_ends(in.name, "/") && in.size > groups.size / 4 * 3);
	for (i = 0; i < groups.list.n && i < SHOWN; i++) {
		if (i > 0)
			strbuf_adds(out, ", ");
		add_group(out, &groups.list.v[i]);
	}
	vec_release(&groups.list);
}
