#include "zip/index.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/utf8.h"
#include "fs/fs.h"
#include "zip/layout.h"

/* The end record carries a comment of at most this many bytes. */
enum { COMMENT_MAX = 65535 };

/* Where the central directory is. */
struct directory {
	uint64_t entries, start, size;
};

char *zip_printable(struct str name)
{
	struct strbuf b = STRBUF_INIT;

	utf8_add_printable(&b, name);
	return strbuf_detach(&b, NULL);
}

static int refuse(struct str name, struct err *e, const char *why)
{
	char *shown = zip_printable(name);

	err_set(e, ERR_PROJECT, "the zip archive's entry '%s' %s", shown, why);
	free(shown);
	return -1;
}

static int broken(struct err *e)
{
	return err_set(e, ERR_PROJECT,
		       "the zip archive is damaged: its directory is not consistent");
}

static const char *find_end(struct str a)
{
	size_t back;

	for (back = END_SIZE; back <= a.n && back <= END_SIZE + COMMENT_MAX; back++)
		if (get32(a.p + a.n - back) == SIGNATURE_END)
			return a.p + a.n - back;
	return NULL;
}

/* A zip64 end record replaces the numbers that do not fit the plain one. */
static int find_directory64(struct str a, const char *end, struct directory *d, struct err *e)
{
	const char *locator, *end64;
	uint64_t at;

	if (end - a.p < LOCATOR_SIZE + END64_SIZE)
		return 0;
	locator = end - LOCATOR_SIZE;
	if (get32(locator) != SIGNATURE_LOCATOR)
		return 0;
	at = get64(locator + LOCATOR_END64);
	if (at > (uint64_t)(locator - a.p) - END64_SIZE)
		return broken(e);
	end64 = a.p + at;
	if (get32(end64) != SIGNATURE_END64)
		return broken(e);
	d->entries = get64(end64 + END64_ENTRIES);
	d->start = get64(end64 + END64_DIRECTORY);
	d->size = get64(end64 + END64_DIRECTORY_N);
	return 0;
}

static int find_directory(struct str a, struct directory *d, struct err *e)
{
	const char *end = find_end(a);
	uint64_t room;

	if (!end)
		return err_set(e, ERR_PROJECT,
			       "this is not a zip archive, or its end is missing");
	*d = (struct directory){get16(end + END_ENTRIES), get32(end + END_DIRECTORY),
				get32(end + END_DIRECTORY_N)};
	if (find_directory64(a, end, d, e) < 0)
		return -1;
	room = (uint64_t)(end - a.p);
	if (d->start > room || d->size > room - d->start || d->entries > d->size / CENTRAL_SIZE)
		return broken(e);
	return 0;
}

/* The zip64 field holds, in this order, only the numbers whose plain field is all ones. */
static int read_extra64(struct str extra, const char *central, struct zip_item *item)
{
	uint64_t *wanted[3];
	size_t i, n = 0;

	if (get32(central + CENTRAL_CONTENT) == UINT32_MAX)
		wanted[n++] = &item->size;
	if (get32(central + CENTRAL_PACKED) == UINT32_MAX)
		wanted[n++] = &item->packed;
	if (get32(central + CENTRAL_LOCAL) == UINT32_MAX)
		wanted[n++] = &item->local;
	while (n > 0 && extra.n >= 4) {
		size_t length = get16(extra.p + 2);

		if (length > extra.n - 4)
			return -1;
		if (get16(extra.p) == 1) {
			for (i = 0; i < n && length >= 8 * (i + 1); i++)
				*wanted[i] = get64(extra.p + 4 + 8 * i);
			return i == n ? 0 : -1;
		}
		extra = str_from(extra, 4 + length);
	}
	return n == 0 ? 0 : -1;
}

/* Modes are only there when a Unix made the entry. */
static int check_mode(const char *central, struct str name, struct zip_item *item,
		      struct err *e)
{
	int host = (unsigned char)central[CENTRAL_HOST];
	mode_t mode = get32(central + CENTRAL_ATTRIBUTES) >> 16;

	if (host != HOST_UNIX && host != HOST_MACOS)
		mode = 0;
	if (S_ISLNK(mode))
		return refuse(name, e, "is a link; only files and directories are allowed");
	if ((mode & S_IFMT) && !S_ISREG(mode) && !S_ISDIR(mode))
		return refuse(name, e, "is neither a file nor a directory");
	if (S_ISREG(mode) && item->directory)
		return refuse(name, e, "is a file by its mode and a directory by its name");
	if (S_ISDIR(mode) && !item->directory)
		return refuse(name, e, "is a directory by its mode and a file by its name");
	item->executable = !item->directory && (mode & S_IXUSR);
	return 0;
}

static int check_method(const char *central, struct str name, const struct zip_item *item,
			struct err *e)
{
	int method = get16(central + CENTRAL_METHOD);

	if (get16(central + CENTRAL_FLAGS) &
	    (FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION | FLAG_MASKED))
		return refuse(name, e, "is encrypted");
	if (method != METHOD_STORED && method != METHOD_DEFLATED)
		return refuse(name, e,
			      "is compressed in a way that the platform cannot read; pack "
			      "it with 'deflate'");
	if (method == METHOD_STORED && item->packed != item->size)
		return refuse(name, e, "has a size that cannot be true");
	return 0;
}

/* "./a/" is the directory "a"; "./" is the root, whose name is empty. */
static int check_name(struct zip_index *index, struct str name, struct zip_item *item,
		      struct err *e)
{
	struct str plain = name;
	bool root;

	while (str_starts(plain, "./"))
		plain = str_from(plain, 2);
	item->directory = str_ends(name, "/");
	root = item->directory && plain.n == 0;
	if (item->directory && plain.n > 0)
		plain.n--;
	if (memchr(name.p, '\0', name.n))
		return refuse(name, e, "has a NUL byte in its name");
	if (!root && !path_is_below(plain))
		return refuse(name, e, "has a name that leaves the archive or is no path");
	if (plain.n >= FS_MAX_PATH)
		return refuse(name, e, "has a name that is too long");
	item->name = arena_strndup(&index->arena, plain.p, plain.n);
	return 0;
}

/*
 * Both headers must tell the same name: readers differ in which of the two
 * they believe, and one archive must not mean two things.
 */
static int check_local(struct str a, const struct directory *d, struct str name,
		       struct zip_item *item, struct err *e)
{
	const char *local;
	uint64_t head;

	if (item->local > d->start || d->start - item->local < LOCAL_SIZE)
		return broken(e);
	local = a.p + item->local;
	head = (uint64_t)LOCAL_SIZE + get16(local + LOCAL_NAME_N) +
	       get16(local + LOCAL_EXTRA_N);
	if (get32(local) != SIGNATURE_LOCAL || head > d->start - item->local ||
	    item->packed > d->start - item->local - head)
		return broken(e);
	if (!str_eq(name, (struct str){local + LOCAL_SIZE, get16(local + LOCAL_NAME_N)}))
		return refuse(name, e, "has another name in its own header");
	item->end = item->local + head + item->packed;
	return 0;
}

static int read_item(struct zip_index *index, struct str a, const struct directory *d,
		     struct str *rest, struct err *e)
{
	struct zip_item *item = &index->items[index->n];
	const char *central = rest->p;
	struct str name, extra;
	size_t whole;

	if (rest->n < CENTRAL_SIZE || get32(central) != SIGNATURE_CENTRAL)
		return broken(e);
	name = (struct str){central + CENTRAL_SIZE, get16(central + CENTRAL_NAME_N)};
	extra = (struct str){name.p + name.n, get16(central + CENTRAL_EXTRA_N)};
	whole = CENTRAL_SIZE + name.n + extra.n + get16(central + CENTRAL_COMMENT_N);
	if (whole > rest->n)
		return broken(e);
	item->size = get32(central + CENTRAL_CONTENT);
	item->packed = get32(central + CENTRAL_PACKED);
	item->local = get32(central + CENTRAL_LOCAL);
	if (read_extra64(extra, central, item) < 0)
		return broken(e);
	if (check_name(index, name, item, e) < 0 || check_mode(central, name, item, e) < 0 ||
	    check_method(central, name, item, e) < 0 || check_local(a, d, name, item, e) < 0)
		return -1;
	if (item->directory && item->size > 0)
		return refuse(name, e, "is a directory with contents");
	*rest = str_from(*rest, whole);
	index->n++;
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct zip_item *x = a, *y = b;

	return x->local < y->local ? -1 : x->local > y->local;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct zip_item *const *)a)->name,
		      (*(const struct zip_item *const *)b)->name);
}

/* Entries that share their data make a small archive of any size. */
static int check_places(const struct zip_index *index, struct err *e)
{
	size_t i;

	for (i = 1; i < index->n; i++)
		if (index->items[i].local < index->items[i - 1].end)
			return refuse(str_of(index->items[i].name), e,
				      "overlaps the one before it");
	return 0;
}

static const struct zip_item *find_item(const struct zip_item *const *sorted, size_t n,
					const char *name)
{
	struct zip_item key = {.name = name};
	const struct zip_item *pkey = &key;
	const struct zip_item *const *found =
		bsearch(&pkey, sorted, n, sizeof(struct zip_item *), by_name);

	return found ? *found : NULL;
}

/* True when some directory above `name` is a file of the archive. */
static bool is_below_file(const struct zip_item *const *sorted, size_t n, const char *name)
{
	char above[FS_MAX_PATH];
	const struct zip_item *item;
	size_t i;

	for (i = 0; name[i]; i++) {
		above[i] = '\0';
		if (name[i] == '/') {
			item = find_item(sorted, n, above);
			if (item && !item->directory)
				return true;
		}
		above[i] = name[i];
	}
	return false;
}

static int check_names(struct zip_index *index, struct err *e)
{
	const struct zip_item **sorted =
		arena_calloc(&index->arena, index->n, sizeof(struct zip_item *));
	size_t i;

	for (i = 0; i < index->n; i++)
		sorted[i] = &index->items[i];
	qsort(sorted, index->n, sizeof(struct zip_item *), by_name);
	for (i = 0; i < index->n; i++) {
		if (i > 0 && strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
			return refuse(str_of(sorted[i]->name), e, "is there twice");
		if (is_below_file(sorted, index->n, sorted[i]->name))
			return refuse(str_of(sorted[i]->name), e,
				      "lies below an entry that is a file");
	}
	return 0;
}

static int check_total(const struct zip_index *index, const struct zip_limits *limits,
		       struct err *e)
{
	uint64_t left = limits->max_bytes;
	size_t i;

	for (i = 0; i < index->n; i++) {
		if (index->items[i].size > left)
			return err_set(e, ERR_PROJECT,
				       "the zip archive's contents are larger than %llu bytes",
				       (unsigned long long)limits->max_bytes);
		left -= index->items[i].size;
	}
	return 0;
}

int zip_index_read(struct zip_index *index, struct str archive, const struct zip_limits *limits,
		   struct err *e)
{
	struct directory d = {0};
	struct str rest;
	uint64_t i;

	if (find_directory(archive, &d, e) < 0)
		return -1;
	if (d.entries > limits->max_entries)
		return err_set(e, ERR_PROJECT,
			       "the zip archive has %llu entries; at most %llu are allowed",
			       (unsigned long long)d.entries,
			       (unsigned long long)limits->max_entries);
	if (d.entries == 0)
		return 0;
	index->items = arena_calloc(&index->arena, d.entries, sizeof(*index->items));
	rest = (struct str){archive.p + d.start, d.size};
	for (i = 0; i < d.entries; i++)
		if (read_item(index, archive, &d, &rest, e) < 0)
			return -1;
	if (rest.n > 0)
		return broken(e);
	qsort(index->items, index->n, sizeof(*index->items), by_place);
	if (check_total(index, limits, e) < 0 || check_places(index, e) < 0)
		return -1;
	return check_names(index, e);
}

void zip_index_release(struct zip_index *index)
{
	arena_release(&index->arena);
	*index = ZIP_INDEX_INIT;
}
