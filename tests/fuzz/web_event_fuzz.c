/* A content type, NUL, a query, NUL, a path, NUL, the body. */
#include "fuzz.h"
#include "platform/web.h"

static void check_event(const struct web_request *q, const struct json *fixed)
{
	struct err e = ERR_INIT;
	struct json *event = web_event(q, fixed, &e), *again;
	struct strbuf text = STRBUF_INIT;

	FUZZ_CLAIM(event || (e.code == ERR_USAGE && e.status == 400));
	err_clear(&e);
	if (event) {
		json_write(&text, event);
		again = json_parse(strbuf_str(&text), &e);
		FUZZ_CLAIM(again && json_equal(event, again));
		json_free(again);
	}
	json_free(event);
	strbuf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_input(data, size);
	struct str type = fuzz_part(&rest), query = fuzz_part(&rest), path = fuzz_part(&rest);
	char *content_type = xstrndup(type.p, type.n);
	struct json *headers = json_new_object(), *fixed = json_new_object();
	struct web_request q = {.method = "POST",
				.path = path,
				.query = query,
				.body = rest.p ? rest : (struct str){"", 0},
				.content_type = type.n ? content_type : NULL,
				.headers = headers};

	json_set(headers, "content-type", json_new_str(type));
	json_set(fixed, "a", json_new_null());
	check_event(&q, NULL);
	check_event(&q, fixed);
	q.raw = true;
	check_event(&q, fixed);
	json_free(fixed);
	json_free(headers);
	free(content_type);
	return 0;
}
