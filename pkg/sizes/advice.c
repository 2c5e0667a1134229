#include "base/utf8.h"
#include "sizes/sizes.h"

enum { SHOWN = 5, OWN_WORTH = 1000 * 1000 };

static const char *const part_names[] = {
	[SIZES_TESTS] = "tests",       [SIZES_DOCS] = "documentation",
	[SIZES_BYTECODE] = "bytecode", [SIZES_STUBS] = "types for checkers",
	[SIZES_MAPS] = "source maps",  [SIZES_DEBUG] = "debug symbols",
};

void sizes_add_bytes(struct strbuf *out, uint64_t bytes)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB"};
	uint64_t scale = 1000;
	size_t i = 0;

	if (bytes < 1000) {
		strbuf_addf(out, "%llu B", (unsigned long long)bytes);
		return;
	}
	/* So that nothing is shown as "1000.0 kB". */
	while (bytes >= scale * 1000 - scale / 20 && i + 1 < countof(units)) {
		scale *= 1000;
		i++;
	}
	bytes = bytes / (scale / 10) + (bytes % (scale / 10) >= scale / 20);
	strbuf_addf(out, "%llu.%llu %s", (unsigned long long)(bytes / 10),
		    (unsigned long long)(bytes % 10), units[i]);
}

static const char *text_of(struct sizes *s, struct strbuf *b)
{
	const char *text = arena_strndup(&s->arena, b->buf, b->len);

	strbuf_release(b);
	return text;
}

static bool is_worth(const struct sizes_package *p, enum sizes_part part)
{
	if (part == SIZES_DOCS && p->docs_have_code)
		return false;
	return p->parts[part].size >= SIZES_WORTH;
}

static const char *describe_provided(struct sizes *s, const struct sizes_package *p)
{
	struct strbuf b = STRBUF_INIT;
	struct str rest = p->version, first;
	uint64_t major;

	strbuf_addf(&b, "the runtime brings version %u of it", p->major);
	if (rest.n && str_next(&rest, '.', &first) && str_to_u64(first, &major) &&
	    major != p->major) {
		strbuf_adds(&b, ", this is ");
		utf8_add_printable(&b, p->version);
		strbuf_adds(&b, ": if that does, take it out of the requirements");
	} else {
		strbuf_adds(&b, ": take it out of the requirements");
	}
	return text_of(s, &b);
}

static const char *describe_part(struct sizes *s, const struct sizes_package *p,
				 enum sizes_part part)
{
	const struct sizes_sum *sum = &p->parts[part];
	struct strbuf b = STRBUF_INIT;

	strbuf_addf(&b, "%s: ", part_names[part]);
	sizes_add_bytes(&b, sum->size);
	strbuf_addf(&b, " in %zu file%s", sum->files, sum->files == 1 ? "" : "s");
	if (part == SIZES_DEBUG)
		strbuf_adds(&b, "; 'strip --strip-unneeded' takes them away, in a build.sh");
	else if (s->included)
		strbuf_adds(&b, "; remove them at the end of the build, or list less in "
				".include");
	return text_of(s, &b);
}

static struct sizes_advice advise_part(struct sizes *s, const struct sizes_package *p,
				       enum sizes_part part)
{
	const struct sizes_sum *sum = &p->parts[part];

	return (struct sizes_advice){.text = describe_part(s, p, part),
				     .size = sum->size,
				     .packed = sum->packed,
				     .ignore = sum->lines.v,
				     .lines = s->included ? 0 : sum->lines.n};
}

/* About the package as a whole; NULL when there is nothing to say. */
static const char *advise_whole(struct sizes *s, const struct sizes_package *p)
{
	if (p->provided)
		return describe_provided(s, p);
	if (p->development)
		return "for development only: 'npm prune --omit=dev' at the end of the build";
	if (p->kind == SIZES_NODE && str_is(p->name, ".cache"))
		return "what tools of the build keep: remove it at the end of the build";
	if (p->kind == SIZES_OWN && p->all.size >= OWN_WORTH)
		return s->included ? "list less in .include if the function can do without"
				   : "leave out with .ignore what the function does not need";
	return NULL;
}

size_t sizes_advise(struct sizes *s, const struct sizes_package *p,
		    struct sizes_advice to[SIZES_ADVICE_MAX])
{
	const char *whole = advise_whole(s, p);
	enum sizes_part part;
	size_t n = 0;

	if (whole)
		to[n++] = (struct sizes_advice){
			.text = whole, .size = p->all.size, .packed = p->all.packed};
	if (p->provided || p->development)
		return n;
	for (part = 0; part < SIZES_PARTS; part++)
		if (is_worth(p, part))
			to[n++] = advise_part(s, p, part);
	return n;
}

/* The part that most is to be had from, if it is a good part of the package. */
static void add_short(struct strbuf *out, const struct sizes_package *p)
{
	enum sizes_part part, best = SIZES_PARTS;

	if (p->provided)
		strbuf_adds(out, " (the runtime brings it)");
	else if (p->development)
		strbuf_adds(out, " (for development only)");
	if (p->provided || p->development)
		return;
	for (part = 0; part < SIZES_PARTS; part++)
		if (is_worth(p, part) &&
		    (best == SIZES_PARTS || p->parts[part].size > p->parts[best].size))
			best = part;
	if (best == SIZES_PARTS || p->parts[best].size < p->all.size / 10)
		return;
	strbuf_addf(out, " (%s: ", part_names[best]);
	sizes_add_bytes(out, p->parts[best].size);
	strbuf_addc(out, ')');
}

void sizes_describe(struct strbuf *out, struct sizes *s)
{
	size_t i;

	for (i = 0; i < s->packages.n && i < SHOWN; i++) {
		const struct sizes_package *p = &s->packages.v[i];

		strbuf_adds(out, i ? ", '" : "'");
		utf8_add_printable(out, p->name);
		strbuf_adds(out, "' ");
		sizes_add_bytes(out, p->all.size);
		add_short(out, p);
	}
}
