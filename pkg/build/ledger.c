#include "build/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "cache/cache.h"

/* Changes whenever a ledger or a key of another version must not be taken for one of this. */
static const char version[] = "dofn build ledger 2";

static const struct cache_kind ledgers = {.name = "folder", .bounded = false};

void ledger_id(const char *project, const char *folder, char id[SHA256_HEX])
{
	char *place = xasprintf("%s%c%s", project, '\n', folder);

	sha256_of(place, strlen(place), id);
	free(place);
}

void ledger_add_digest(struct ledger *r, const char *name,
		       const unsigned char digest[SHA256_SIZE])
{
	struct seen_thing thing = {.name = arena_strdup(&r->arena, name)};

	memcpy(thing.digest, digest, SHA256_SIZE);
	vec_push(&r->things, thing);
}

void ledger_add(struct ledger *r, const char *name, const void *value, size_t n)
{
	unsigned char digest[SHA256_SIZE];
	struct sha256 *h = sha256_new();

	sha256_add(h, value, n);
	sha256_end(h, digest);
	ledger_add_digest(r, name, digest);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct seen_thing *)a)->name,
		      ((const struct seen_thing *)b)->name);
}

void ledger_make_key(struct ledger *r)
{
	unsigned char digest[SHA256_SIZE];
	struct sha256 *h = sha256_new();
	size_t i;

	if (r->things.n)
		qsort(r->things.v, r->things.n, sizeof(*r->things.v), compare_names);
	sha256_add(h, version, sizeof(version));
	for (i = 0; i < r->things.n; i++) {
		sha256_add(h, r->things.v[i].name, strlen(r->things.v[i].name) + 1);
		sha256_add(h, r->things.v[i].digest, SHA256_SIZE);
	}
	sha256_end(h, digest);
	sha256_hex(digest, r->key);
}

static void add_change(struct ledger *a, struct ledger_changes *changes, char how,
		       const char *name)
{
	vec_push(&changes->names, arena_printf(&a->arena, "%c%s", how, name));
}

void ledger_compare(struct ledger *a, const struct ledger *b, struct ledger_changes *changes)
{
	size_t i = 0, j = 0;

	while (i < a->things.n && j < b->things.n) {
		const struct seen_thing *x = &a->things.v[i], *y = &b->things.v[j];
		int order = strcmp(x->name, y->name);

		if (order < 0)
			add_change(a, changes, '-', x->name);
		else if (order > 0)
			add_change(a, changes, '+', y->name);
		else if (memcmp(x->digest, y->digest, SHA256_SIZE) != 0)
			add_change(a, changes, '~', x->name);
		i += order <= 0;
		j += order >= 0;
	}
	for (; i < a->things.n; i++)
		add_change(a, changes, '-', a->things.v[i].name);
	for (; j < b->things.n; j++)
		add_change(a, changes, '+', b->things.v[j].name);
}

static void add_field(struct strbuf *out, const char *text)
{
	strbuf_add(out, text, strlen(text) + 1);
}

/* With its length in front. */
static void add_snapshot(struct strbuf *out, const struct snapshot *s)
{
	struct strbuf text = STRBUF_INIT;

	snapshot_write(&text, s, false);
	strbuf_addf(out, "%zu", text.len);
	strbuf_addc(out, '\0');
	strbuf_addstr(out, strbuf_str(&text));
	strbuf_release(&text);
}

void ledger_encode(struct strbuf *out, const struct ledger *r)
{
	char hex[SHA256_HEX];
	size_t i;

	add_field(out, version);
	add_field(out, r->key);
	add_field(out, r->why_not ? r->why_not : "");
	for (i = 0; i < r->things.n; i++) {
		sha256_hex(r->things.v[i].digest, hex);
		add_field(out, hex);
		add_field(out, r->things.v[i].name);
	}
	add_field(out, "");
	add_snapshot(out, &r->lib);
	add_snapshot(out, &r->files);
}

static bool decode_things(struct ledger *r, struct str *rest)
{
	struct str digest, name;
	struct seen_thing thing;

	for (;;) {
		if (!str_next(rest, '\0', &digest))
			return false;
		if (digest.n == 0)
			return true;
		if (!snapshot_parse_digest(digest, thing.digest) ||
		    !str_next(rest, '\0', &name))
			return false;
		thing.name = arena_strndup(&r->arena, name.p, name.n);
		if (r->things.n && strcmp(r->things.v[r->things.n - 1].name, thing.name) > 0)
			return false;
		vec_push(&r->things, thing);
	}
}

static bool decode_snapshot(struct snapshot *s, struct str *rest)
{
	struct str length, text;
	uint64_t n;

	if (!str_next(rest, '\0', &length) || !str_to_u64(length, &n) || n > rest->n)
		return false;
	text = (struct str){rest->p, (size_t)n};
	*rest = str_from(*rest, (size_t)n);
	return snapshot_parse(s, text);
}

bool ledger_decode(struct ledger *r, struct str text)
{
	unsigned char ignored[SHA256_SIZE];
	struct str field;

	*r = (struct ledger){0};
	if (!text.n || !str_next(&text, '\0', &field) || !str_is(field, version) ||
	    !str_next(&text, '\0', &field))
		return false;
	if (field.n && !snapshot_parse_digest(field, ignored))
		return false;
	if (field.n)
		memcpy(r->key, field.p, field.n);
	if (!str_next(&text, '\0', &field))
		return false;
	r->why_not = field.n ? arena_strndup(&r->arena, field.p, field.n) : NULL;
	return decode_things(r, &text) && decode_snapshot(&r->lib, &text) &&
	       decode_snapshot(&r->files, &text) && text.n == 0;
}

void ledger_read(struct ledger *r, const struct cache *c, const char *id)
{
	struct strbuf text = STRBUF_INIT;

	*r = (struct ledger){0};
	if (cache_read(c, &ledgers, id, LEDGER_MAX, &text) &&
	    !ledger_decode(r, strbuf_str(&text))) {
		ledger_release(r);
		*r = (struct ledger){0};
	}
	strbuf_release(&text);
}

int ledger_write(const struct ledger *r, const struct cache *c, const char *id, struct err *e)
{
	struct strbuf text = STRBUF_INIT;
	int rc;

	ledger_encode(&text, r);
	rc = cache_write(c, &ledgers, id, strbuf_str(&text), e);
	strbuf_release(&text);
	return rc;
}

void ledger_release(struct ledger *r)
{
	snapshot_release(&r->lib);
	snapshot_release(&r->files);
	vec_release(&r->things);
	arena_release(&r->arena);
}
