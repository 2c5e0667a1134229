#include "verify/sources.h"

#include "fs/fs.h"

size_t sources_lower_bound(const struct filter_list *list, struct str name)
{
	size_t low = 0, high = list->files.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_cmp(list->files.v[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct filter_file *sources_find(const struct filter_list *list, struct str name)
{
	size_t i = sources_lower_bound(list, name);

	if (i < list->files.n && str_eq(list->files.v[i].name, name))
		return &list->files.v[i];
	return NULL;
}

bool sources_has_folder(const struct filter_list *list, struct str folder)
{
	size_t i = sources_lower_bound(list, folder);
	struct str name;

	if (i == list->files.n)
		return false;
	name = list->files.v[i].name;
	return name.n >= folder.n && memcmp(name.p, folder.p, folder.n) == 0;
}

bool sources_read(const struct verify *v, const struct filter_file *file, struct arena *a,
		  struct str *text)
{
	struct strbuf buf = STRBUF_INIT;
	struct err e = ERR_INIT;
	bool ok = file->size <= SOURCE_MAX &&
		  fs_read_below(v->root, -1, file->path.p, SOURCE_MAX, &buf, &e) == 0;

	if (ok)
		*text = arena_str(a, strbuf_str(&buf));
	err_clear(&e);
	strbuf_release(&buf);
	return ok;
}

const struct diag_source *sources_quote(const struct filter_file *file, struct str text,
					struct diags *d)
{
	struct diag_source *source = arena_new(&d->arena, struct diag_source);

	source->name = arena_str(&d->arena, file->path).p;
	source->text = arena_str(&d->arena, text);
	return source;
}
