#include "pack/python.h"

#include "base/utf8.h"
#include "zip/zip.h"

/* What the platform unpacks at most. */
static const struct zip_limits limits = {
	.max_bytes = 512ull << 20,
	.max_entries = 100000,
};

/* The first file below the folder `prefix`, which ends with a slash; NULL when there is none.
 */
static const struct filter_file *first_below(const struct filter_list *list, const char *prefix)
{
	size_t i;

	for (i = 0; i < list->files.n; i++)
		if (str_starts(list->files.v[i].name, prefix))
			return &list->files.v[i];
	return NULL;
}

/* "3.9" of "virtualenv/lib/python3.9/site-packages/x.py"; empty when there is none. */
static struct str version_below(const struct filter_list *list)
{
	static const char prefix[] = "virtualenv/lib/python3";
	const struct filter_file *file = first_below(list, prefix);
	struct str rest, version = {0};

	if (file) {
		rest = str_from(file->name, sizeof(prefix) - 2);
		(void)str_next(&rest, '/', &version);
	}
	return version;
}

/* The version that `kind` asks for; empty for "python:default". */
static struct str version_of(const char *kind)
{
	struct str version = str_from(str_of(kind), strlen("python:"));

	if (str_is(version, "default"))
		version.n = 0;
	return version;
}

static void note_virtualenv(struct project *p, const struct function *f,
			    const struct filter_list *list, struct artifact *a)
{
	struct str found = version_below(list), wanted = version_of(a->runtime);

	if (!filter_list_has(list, "virtualenv/bin/activate_this.py") &&
	    !filter_list_has(list, "virtualenv/Scripts/activate_this.py"))
		vec_push(&a->notes,
			 arena_printf(
				 &p->arena,
				 "'%s/virtualenv' has no 'bin/activate_this.py', and the "
				 "function will not start; make it with 'virtualenv', not with "
				 "'python3 -m venv'",
				 f->source));
	if (found.n > 0 && wanted.n > 0 && !str_eq(found, wanted))
		vec_push(&a->notes,
			 arena_printf(
				 &p->arena,
				 "'%s/virtualenv' is of Python %.*s and the runtime is '%s': "
				 "its packages will not be found",
				 f->source, STR_ARG(found), a->runtime));
}

int python_check(struct project *p, const struct function *f, const struct filter_list *list,
		 struct artifact *a, struct err *e)
{
	if (!filter_list_has(list, "__main__.py") && !filter_list_has(list, "main__.py"))
		return err_set(
			e, ERR_PROJECT,
			"'%s' has several files but no '__main__.py', with which a Python "
			"function starts; rename the file that has the entry function",
			f->source);
	if (first_below(list, "virtualenv/"))
		note_virtualenv(p, f, list, a);
	else if (filter_list_has(list, "requirements.txt"))
		vec_push(
			&a->notes,
			arena_printf(&p->arena,
				     "what '%s/requirements.txt' names is not among the files: "
				     "no 'virtualenv' is; see what the build, .ignore or "
				     ".include do",
				     f->source));
	return 0;
}

static int look_for_main(void *arg, const struct zip_entry *entry, struct str data UNUSED,
			 struct err *e UNUSED)
{
	bool *found = arg;

	*found |= strcmp(entry->name, "__main__.py") == 0 ||
		  strcmp(entry->name, "main__.py") == 0;
	return 0;
}

/* Only a zip that is read to its end tells that it lacks the file; another may be a rare one.
 */
static int check_entries(struct project *p, const char *shown, struct str archive,
			 struct artifact *a, struct err *e)
{
	struct err why = ERR_INIT;
	bool found = false;

	if (zip_read(archive, &limits, look_for_main, &found, &why) < 0)
		vec_push(&a->notes,
			 arena_printf(&p->arena, "'%s' may not be usable: %s", shown, why.msg));
	else if (!found)
		err_set(e, ERR_PROJECT,
			"'%s' holds no '__main__.py' at its top, with which a Python function "
			"starts",
			shown);
	err_clear(&why);
	return e->code == ERR_OK ? 0 : -1;
}

int python_check_archive(struct project *p, const struct filter_file *file, struct str archive,
			 struct artifact *a, struct err *e)
{
	struct strbuf shown = STRBUF_INIT;
	int rc;

	utf8_add_printable(&shown, file->path);
	if (str_starts(archive, "PK"))
		rc = check_entries(p, shown.buf, archive, a, e);
	else
		rc = err_set(e, ERR_PROJECT, "'%s' is no zip archive", shown.buf);
	strbuf_release(&shown);
	return rc;
}
