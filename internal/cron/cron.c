#include "cron/cron.h"

#include <strings.h>

enum { FIELDS = 5, NAME_LENGTH = 3, WEEK = 7 };

struct field {
	const char *name;
	unsigned min, max;        /* as written: 7 is a weekday */
	const char *const *names; /* of numbers from min, NULL at the end; or NULL */
};

static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
				     "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const weekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};

static const struct field fields[FIELDS] = {
	{"minute", 0, 59, NULL},  {"hour", 0, 23, NULL},          {"day", 1, 31, NULL},
	{"month", 1, 12, months}, {"weekday", 0, WEEK, weekdays},
};

static const struct {
	const char *word, *instead;
} words[] = {
	{"@hourly", "0 * * * *"},   {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
	{"@weekly", "0 0 * * 0"},   {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
	{"@annually", "0 0 1 1 *"},
};

/* One item of a field's list. */
struct item {
	unsigned from, to;
	bool all;      /* '*' */
	bool range;    /* a '-' is in it */
	unsigned step; /* 0 = none */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool next_word(struct str *rest, struct str *word)
{
	size_t n = 0;

	*rest = str_trim(*rest);
	while (n < rest->n && !is_blank(rest->p[n]))
		n++;
	*word = (struct str){rest->p, n};
	*rest = str_from(*rest, n);
	return n > 0;
}

/* False unless the text is the start of one of the names and nothing else. */
static bool find_name(const struct field *f, struct str text, unsigned *value)
{
	unsigned i;

	if (!f->names || text.n != NAME_LENGTH)
		return false;
	for (i = 0; f->names[i]; i++) {
		if (strncasecmp(text.p, f->names[i], NAME_LENGTH) == 0) {
			*value = f->min + i;
			return true;
		}
	}
	return false;
}

/* What people know from other crons. */
static const char *foreign_hint(const struct field *f, struct str text)
{
	if (str_is(text, "?"))
		return "'?' is not known; write '*', or";
	if (text.n && memchr(text.p, '#', text.n))
		return "'#' is not known: a schedule cannot count weekdays in a month; write";
	if (str_is(text, "L") || str_is(text, "LW") ||
	    (f->names == weekdays && text.n > 1 && str_ends(text, "L")))
		return "'L' (the last one) is not known; write";
	if (text.n > 1 && str_ends(text, "W"))
		return "'W' (the nearest working day) is not known; write";
	return NULL;
}

static bool fail_value(const struct field *f, struct str text, struct strbuf *why)
{
	const char *hint = foreign_hint(f, text);

	if (hint)
		strbuf_addf(why, "%s a number from %u to %u", hint, f->min, f->max);
	else
		strbuf_addf(why, "%s '%.*s' is not a number from %u to %u", f->name,
			    STR_ARG(text), f->min, f->max);
	if (f->names)
		strbuf_addf(why, " or a name such as '%s'", f->names[1]);
	return false;
}

static bool read_value(const struct field *f, struct str text, unsigned *value,
		       struct strbuf *why)
{
	uint64_t number;

	if (find_name(f, text, value))
		return true;
	if (!str_to_u64(text, &number) || number < f->min || number > f->max)
		return fail_value(f, text, why);
	*value = (unsigned)number;
	return true;
}

static bool read_step(const struct field *f, struct str text, unsigned *step,
		      struct strbuf *why)
{
	uint64_t number;

	if (str_to_u64(text, &number) && number > 0 && number <= UINT16_MAX) {
		*step = (unsigned)number;
		return true;
	}
	strbuf_addf(why, "step '%.*s' of the %s is not a number from 1", STR_ARG(text),
		    f->name);
	return false;
}

/* "SAT-SUN": Sunday ends a range as 7. */
static void end_on_sunday(const struct field *f, struct item *item)
{
	if (f->max == WEEK && item->range && item->to == 0 && item->from > 0)
		item->to = WEEK;
}

static bool read_range(const struct field *f, struct str text, struct item *item,
		       struct strbuf *why)
{
	const char *dash = text.n ? memchr(text.p, '-', text.n) : NULL;
	struct str first = {text.p, dash ? (size_t)(dash - text.p) : text.n};

	if (!read_value(f, first, &item->from, why))
		return false;
	item->range = dash != NULL;
	item->to = item->from;
	if (!dash)
		return true;
	if (!read_value(f, str_from(text, first.n + 1), &item->to, why))
		return false;
	end_on_sunday(f, item);
	if (item->from <= item->to)
		return true;
	strbuf_addf(why, "range '%.*s' of the %s runs backwards; write two ranges with ','",
		    STR_ARG(text), f->name);
	return false;
}

static bool read_item(const struct field *f, struct str text, struct item *item,
		      struct strbuf *why)
{
	const char *slash = text.n ? memchr(text.p, '/', text.n) : NULL;
	struct str range = {text.p, slash ? (size_t)(slash - text.p) : text.n};

	*item = (struct item){.from = f->min, .to = f->max, .all = str_is(range, "*")};
	if (slash && !read_step(f, str_from(text, range.n + 1), &item->step, why))
		return false;
	return item->all || read_range(f, range, item, why);
}

static void add_step(struct strbuf *out, unsigned step)
{
	if (step)
		strbuf_addf(out, "/%u", step);
}

/* A range of weekdays that ends with 7 is one to Saturday, and Sunday if it is hit. */
static void add_week(struct strbuf *out, const struct item *item)
{
	unsigned step = item->step ? item->step : 1;

	if (item->from == WEEK) {
		strbuf_addc(out, '0');
		return;
	}
	strbuf_addf(out, "%u", item->from);
	if (item->from < WEEK - 1) {
		strbuf_adds(out, "-6");
		add_step(out, item->step);
	}
	if (item->from != 0 && (WEEK - item->from) % step == 0)
		strbuf_adds(out, ",0");
}

static void add_item(struct strbuf *out, const struct field *f, const struct item *item)
{
	if (item->all) {
		strbuf_addc(out, '*');
		add_step(out, item->step);
	} else if (f->max == WEEK && item->to == WEEK) {
		add_week(out, item);
	} else {
		strbuf_addf(out, "%u", item->from);
		if (item->range)
			strbuf_addf(out, "-%u", item->to);
		add_step(out, item->step);
	}
}

/* The numbers of an item as bits. A start with a step and without an end goes to the last one.
 */
static uint64_t item_bits(const struct field *f, const struct item *item)
{
	unsigned step = item->step ? item->step : 1, v;
	unsigned last = f->max == WEEK ? WEEK - 1 : f->max;
	uint64_t bits = 0;

	if (item->range || (!item->all && !item->step) || item->from > last)
		last = item->to;
	for (v = item->from; v <= last; v += step)
		bits |= UINT64_C(1) << (f->max == WEEK ? v % WEEK : v);
	return bits;
}

static bool add_field(const struct field *f, struct str text, struct strbuf *out,
		      struct strbuf *why)
{
	struct str rest = text, part;
	struct item item;
	bool first = true;

	while (str_next(&rest, ',', &part)) {
		if (!read_item(f, part, &item, why))
			return false;
		if (!first)
			strbuf_addc(out, ',');
		first = false;
		add_item(out, f, &item);
	}
	return true;
}

static bool read_bits(const struct field *f, struct str text, uint64_t *bits, bool *any)
{
	struct strbuf why = STRBUF_INIT;
	struct str rest = text, part;
	struct item item;
	bool good = true;

	*bits = 0;
	*any = false;
	while (good && str_next(&rest, ',', &part)) {
		good = read_item(f, part, &item, &why);
		if (!good)
			break;
		*bits |= item_bits(f, &item);
		*any |= item.all && item.step <= 1;
	}
	strbuf_release(&why);
	return good;
}

static bool fail_word(struct str text, struct strbuf *why)
{
	size_t i;

	strbuf_addf(why, "'%.*s' is not known; write the five fields", STR_ARG(text));
	for (i = 0; i < countof(words); i++)
		if (str_is(text, words[i].word))
			strbuf_addf(why, " '%s'", words[i].instead);
	return false;
}

static bool fail_count(size_t n, struct strbuf *why)
{
	strbuf_addf(why, "five fields are wanted (minute hour day month weekday), not %zu%s", n,
		    n > FIELDS ? "; there are no seconds or years" : "");
	return false;
}

bool cron_normalize(struct str text, struct strbuf *out, struct strbuf *why)
{
	struct str rest = str_trim(text), list[FIELDS], word;
	size_t i, n = 0;

	if (text.n > CRON_MAX_BYTES) {
		strbuf_addf(why, "longer than %d characters", CRON_MAX_BYTES);
		return false;
	}
	if (str_starts(rest, "@"))
		return fail_word(rest, why);
	for (; next_word(&rest, &word); n++)
		if (n < FIELDS)
			list[n] = word;
	if (n != FIELDS)
		return fail_count(n, why);
	for (i = 0; i < FIELDS; i++) {
		if (i)
			strbuf_addc(out, ' ');
		if (!add_field(&fields[i], list[i], out, why))
			return false;
	}
	return true;
}

bool cron_parse(struct str text, struct cron *c)
{
	struct str rest = text, word;
	uint64_t bits[FIELDS];
	bool any[FIELDS];
	size_t n;

	if (text.n > CRON_MAX_BYTES)
		return false;
	for (n = 0; next_word(&rest, &word); n++)
		if (n == FIELDS || !read_bits(&fields[n], word, &bits[n], &any[n]))
			return false;
	if (n != FIELDS)
		return false;
	*c = (struct cron){
		.minutes = bits[0],
		.hours = (uint32_t)bits[1],
		.days = (uint32_t)bits[2],
		.months = (uint32_t)bits[3],
		.weekdays = (uint32_t)bits[4],
		.any_day = any[2],
		.any_weekday = any[4],
	};
	return true;
}
