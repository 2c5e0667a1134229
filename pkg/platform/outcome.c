#include "platform/outcome.h"

#include "base/utf8.h"
#include "platform/worker.h"

static void set_error(struct invocation_end *end, enum outcome outcome, struct strbuf *scratch,
		      struct str text)
{
	strbuf_reset(scratch);
	strbuf_adds(scratch, "{\"error\": ");
	json_write_str(scratch, text);
	strbuf_addc(scratch, '}');
	end->outcome = outcome;
	end->result = strbuf_str(scratch);
	end->size = scratch->len;
}

void outcome_set(struct invocation_end *end, enum outcome outcome, struct strbuf *scratch,
		 const char *fmt, ...)
{
	struct strbuf text = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	set_error(end, outcome, scratch, strbuf_str(&text));
	strbuf_release(&text);
}

/* As Java counts them, where the platform measures: beyond U+FFFF a character is two. */
static size_t characters(struct str s)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		n += (c & 0xC0) != 0x80;
		n += c >= 0xF0;
	}
	return n;
}

/* Without the beginning of a sequence that the ceiling cut through. */
static struct str whole_characters(struct str s)
{
	size_t i, back;

	for (back = 1; back <= 3 && back <= s.n; back++) {
		i = s.n - back;
		if (((unsigned char)s.p[i] & 0xC0) == 0x80)
			continue;
		if (utf8_sequence(str_from(s, i)) == 0)
			s.n = i;
		break;
	}
	return s;
}

static void refuse_length(struct invocation_end *end, struct str answer, size_t size,
			  struct strbuf *scratch)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text,
		    "The action produced a response that exceeded the allowed length: %zu > %d "
		    "bytes. The truncated response was: ",
		    size, WORKER_ANSWER_MAX);
	strbuf_addstr(&text, whole_characters(answer));
	set_error(end, OUTCOME_APPLICATION, scratch, strbuf_str(&text));
	strbuf_release(&text);
	end->size = size;
}

/* Only the error is kept of an object that has one. */
static void keep_error(struct invocation_end *end, struct json *object, struct strbuf *scratch)
{
	struct json *kept;

	end->outcome = OUTCOME_APPLICATION;
	if (json_count(object) == 1)
		return;
	kept = json_new_object();
	json_set(kept, "error", json_take(object, "error"));
	strbuf_reset(scratch);
	json_write_spaced(scratch, kept);
	end->result = strbuf_str(scratch);
	json_free(kept);
}

void outcome_of_answer(struct invocation_end *end, struct str answer, size_t size,
		       struct strbuf *scratch)
{
	struct err e = ERR_INIT;
	struct json *object;

	if (size > answer.n) {
		refuse_length(end, answer, size, scratch);
		return;
	}
	object = json_parse(answer, &e);
	err_clear(&e); /* where it is no JSON does not matter to the caller of a function */
	if (!json_is(object, JSON_OBJECT)) {
		outcome_set(end, OUTCOME_DEVELOPER, scratch,
			    "The function did not return a dictionary.");
	} else {
		end->outcome = OUTCOME_SUCCESS;
		end->result = answer;
		end->size = characters(answer);
		if (json_get(object, "error"))
			keep_error(end, object, scratch);
	}
	json_free(object);
}
