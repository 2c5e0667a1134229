#include "parameters.h"

#include <fcntl.h>

#include "fs/fs.h"

enum { MAX_PAYLOAD = 1024 * 1024 };

static struct json *read_param_file(const char *file, struct err *e)
{
	struct strbuf text = STRBUF_INIT;
	struct json *j = NULL;

	if (fs_read(AT_FDCWD, file, MAX_PAYLOAD, &text, e) == 0) {
		j = json_parse(strbuf_str(&text), e);
		if (!j)
			err_wrap(e, "'%s'", file);
	}
	if (j && !json_is(j, JSON_OBJECT)) {
		err_set(e, ERR_USAGE, "'%s' holds no JSON object", file);
		json_free(j);
		j = NULL;
	}
	if (!j)
		e->code = ERR_USAGE;
	strbuf_release(&text);
	return j;
}

/* The command line wins over the file. */
struct json *parameters_read(const struct parameter_flags *flags, struct err *e)
{
	struct json *j = flags->file ? read_param_file(flags->file, e) : json_new_object();
	struct str value, key;
	size_t i;

	for (i = 0; j && i < flags->list.items.n; i++) {
		value = str_of(flags->list.items.v[i]);
		if (!str_next(&value, ':', &key) || !value.p || key.n == 0) {
			err_set(e, ERR_USAGE, "the parameter '%s' must have the form KEY:VALUE",
				flags->list.items.v[i]);
			json_free(j);
			return NULL;
		}
		json_setn(j, key, json_new_str(value));
	}
	return j;
}
