#include "remote/outcome.h"

static const struct json *result_of(const struct json *record)
{
	return json_get(json_get(record, "response"), "result");
}

static bool is_success(const struct json *record)
{
	return json_is_true(json_get(json_get(record, "response"), "success"));
}

bool outcome_is_final(const struct json *record)
{
	return json_is(json_get(record, "end"), JSON_NUMBER) ||
	       json_str(json_get(json_get(record, "response"), "status")).n > 0;
}

/* A text, or an object with a message. */
static struct str message_of(const struct json *error)
{
	struct str text = json_str(error);

	return str_trim(text.n ? text : json_str(json_get(error, "message")));
}

/* Behind the last "Error:", which the layers of the builder put in front of each other. */
static struct str essence_of(struct str text)
{
	static const char mark[] = "Error:";
	const char *p;

	while (text.n && (p = memmem(text.p, text.n, mark, sizeof(mark) - 1)))
		text = str_from(text, (size_t)(p - text.p) + sizeof(mark) - 1);
	return str_trim(text);
}

static int fail(enum err_code code, struct str why, const char *otherwise, struct err *e)
{
	struct str text = essence_of(why);

	if (text.n == 0)
		text = str_of(otherwise);
	return err_set(e, code, "%.*s", STR_ARG(text));
}

int outcome_upload(const struct json *record, const char **url, const char **slice,
		   struct err *e)
{
	const struct json *result = result_of(record);

	if (!is_success(record))
		return fail(ERR_REMOTE, message_of(json_get(result, "error")),
			    "the builder gave no address for the upload", e);
	*url = json_cstr(json_get(result, "url"));
	*slice = json_cstr(json_get(result, "sliceName"));
	if (*url && **url && *slice && **slice)
		return 0;
	return err_set(e, ERR_REMOTE,
		       "the builder's answer has no 'url' and 'sliceName' for the upload");
}

int outcome_build(const struct json *record, struct err *e)
{
	const struct json *result = result_of(record);
	const struct json *outcome = json_get(result, "outcome");
	const struct json *failure = json_first(json_get(outcome, "failures"));

	if (!is_success(record))
		return fail(ERR_BUILD, message_of(json_get(result, "error")),
			    "the builder ended without a result", e);
	if (failure)
		return fail(ERR_BUILD, message_of(failure), "the builder gave no reason", e);
	if (json_count(json_get(outcome, "successes")) > 0)
		return 0;
	return err_set(e, ERR_BUILD, "the builder's result does not say that it deployed");
}

const struct json *outcome_transcript(const struct json *record)
{
	const struct json *lines = json_get(result_of(record), "transcript");

	if (!json_is(lines, JSON_ARRAY) || json_count(lines) == 0)
		lines = json_get(record, "logs");
	return json_is(lines, JSON_ARRAY) ? lines : NULL;
}
