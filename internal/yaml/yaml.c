#include "yaml/yaml.h"

#include <yaml.h>

#include "base/utf8.h"
#include "yaml/map.h"
#include "yaml/scalar.h"
#include "yaml/text.h"

enum { MAX_ANCHORS = 1000 }; /* the search for one is linear */

/* A list or mapping that is being read. */
struct frame {
	struct yaml_node *node;
	struct yaml_node **tail;
	struct yaml_node *key; /* of a mapping: read, its value not yet */
	size_t anchor;         /* index of its anchor plus 1, or 0 */
	size_t nodes_before;
	unsigned height; /* levels below it so far */
};

struct anchor {
	const char *name;
	struct yaml_node *node; /* NULL while it is being read */
	size_t nodes;
	unsigned height;
};

struct builder {
	struct arena *arena;
	const struct diag_source *source;
	const struct yaml_fill *fill;
	struct diags *diags;
	struct str text; /* what libyaml reads */
	struct text_lines lines;
	struct yaml_node *root;
	struct frame stack[YAML_MAX_DEPTH];
	unsigned depth;
	size_t nodes; /* aliases expanded */
	VEC(struct anchor) anchors;
};

static struct pos pos_of(struct builder *b, const yaml_mark_t *mark)
{
	return text_pos(&b->lines, mark->index);
}

static void report(struct builder *b, struct pos pos, const char *text)
{
	diags_add(b->diags, DIAG_ERROR, b->source, pos, "%s", text);
}

static struct yaml_node *new_node(struct builder *b, enum yaml_type type, struct pos pos)
{
	struct yaml_node *n = arena_new(b->arena, struct yaml_node);

	n->type = type;
	n->pos = pos;
	return n;
}

/* The stand-in for a key that is no text; map_finish() drops it and its value. */
static struct yaml_node *unknown_key(struct builder *b, struct pos pos)
{
	struct yaml_node *n = new_node(b, YAML_STRING, pos);

	n->text = STR("");
	n->filled = YAML_FILL_FAILED;
	return n;
}

static void attach(struct builder *b, struct yaml_node *n)
{
	struct frame *f;

	if (b->depth == 0) {
		b->root = n;
		return;
	}
	f = &b->stack[b->depth - 1];
	if (f->node->type == YAML_MAP && !f->key) {
		f->key = n;
		if (n->type == YAML_LIST || n->type == YAML_MAP) {
			report(b, n->pos, "a key must be a text, not a list or mapping");
			f->key = unknown_key(b, n->pos);
		}
		return;
	}
	n->key = f->key;
	f->key = NULL;
	*f->tail = n;
	f->tail = &n->next;
	f->node->count++;
}

static bool count_nodes(struct builder *b, size_t more, struct pos pos)
{
	b->nodes += more;
	if (b->nodes <= YAML_MAX_NODES)
		return true;
	diags_add(b->diags, DIAG_ERROR, b->source, pos,
		  "too much: more than %d values, aliases counted as what they stand for",
		  YAML_MAX_NODES);
	return false;
}

static bool fits_depth(struct builder *b, unsigned levels, struct pos pos)
{
	if (b->depth + levels <= YAML_MAX_DEPTH)
		return true;
	diags_add(b->diags, DIAG_ERROR, b->source, pos, "nested deeper than %d levels",
		  YAML_MAX_DEPTH);
	return false;
}

/* The frames above know that something of that many levels is in them. */
static void note_height(struct builder *b, unsigned levels)
{
	struct frame *f;

	if (b->depth == 0)
		return;
	f = &b->stack[b->depth - 1];
	if (f->height < levels)
		f->height = levels;
}

static struct anchor *find_anchor(struct builder *b, const char *name)
{
	size_t i;

	for (i = b->anchors.n; i > 0; i--)
		if (strcmp(b->anchors.v[i - 1].name, name) == 0)
			return &b->anchors.v[i - 1];
	return NULL;
}

/* *index is the anchor's plus 1, or 0 where name is NULL. */
static bool define_anchor(struct builder *b, const yaml_char_t *name, struct pos pos,
			  size_t *index)
{
	struct anchor anchor = {0};

	*index = 0;
	if (!name)
		return true;
	if (b->anchors.n == MAX_ANCHORS) {
		diags_add(b->diags, DIAG_ERROR, b->source, pos, "more than %d anchors",
			  MAX_ANCHORS);
		return false;
	}
	anchor.name = arena_strdup(b->arena, (const char *)name);
	vec_push(&b->anchors, anchor);
	*index = b->anchors.n;
	return true;
}

static void close_anchor(struct builder *b, size_t index, struct yaml_node *n, size_t nodes,
			 unsigned height)
{
	struct anchor *anchor;

	if (index == 0)
		return;
	anchor = &b->anchors.v[index - 1];
	anchor->node = n;
	anchor->nodes = nodes;
	anchor->height = height;
}

static bool read_alias(struct builder *b, const yaml_event_t *ev)
{
	const char *name = (const char *)ev->data.alias.anchor;
	struct pos pos = pos_of(b, &ev->start_mark);
	const struct anchor *anchor = find_anchor(b, name);
	struct yaml_node *n = new_node(b, YAML_NULL, pos);

	if (!anchor || !anchor->node) {
		diags_add(b->diags, DIAG_ERROR, b->source, pos,
			  anchor ? "alias '*%s' stands inside its own anchor"
				 : "unknown alias '*%s'; its anchor '&%s' must come before it",
			  name, name);
		n->text = STR("");
		n->filled = YAML_FILL_FAILED;
	} else {
		if (!count_nodes(b, anchor->nodes, pos) || !fits_depth(b, anchor->height, pos))
			return false;
		note_height(b, anchor->height);
		/* Children are shared: nothing changes them any more. */
		*n = *anchor->node;
		n->pos = pos;
		n->next = n->key = NULL;
	}
	attach(b, n);
	return true;
}

/* False for a tag that is not supported or not of this kind of node. */
static bool tag_type(const yaml_char_t *tag, enum yaml_type *type)
{
	static const struct {
		const char *tag;
		enum yaml_type type;
	} known[] = {
		{YAML_STR_TAG, YAML_STRING},  {YAML_INT_TAG, YAML_INT},
		{YAML_FLOAT_TAG, YAML_FLOAT}, {YAML_BOOL_TAG, YAML_BOOL},
		{YAML_NULL_TAG, YAML_NULL},   {YAML_SEQ_TAG, YAML_LIST},
		{YAML_MAP_TAG, YAML_MAP},
	};
	size_t i;

	for (i = 0; i < countof(known); i++) {
		if (strcmp((const char *)tag, known[i].tag) == 0) {
			*type = known[i].type;
			return true;
		}
	}
	return false;
}

static void report_tag(struct builder *b, const yaml_char_t *tag, struct pos pos)
{
	static const char core[] = "tag:yaml.org,2002:";
	const char *t = (const char *)tag;

	if (strncmp(t, core, sizeof(core) - 1) == 0)
		diags_add(b->diags, DIAG_ERROR, b->source, pos,
			  "tag '!!%s' does not fit here; remove it", t + sizeof(core) - 1);
	else
		diags_add(b->diags, DIAG_ERROR, b->source, pos,
			  "tag '%s' is not supported; remove it", t);
}

static bool is_container(const struct yaml_node *n)
{
	return n->type == YAML_LIST || n->type == YAML_MAP;
}

static void fill_scalar(struct builder *b, struct yaml_node *n)
{
	struct yaml_node resolved;

	b->fill->scalar(b->fill->arg, b->arena, n);
	if (n->filled != YAML_FILLED_WHOLE)
		return;
	resolved = *n;
	scalar_resolve(b->arena, &resolved);
	if (resolved.type != YAML_NULL)
		*n = resolved;
}

static void resolve_scalar(struct builder *b, struct yaml_node *n, const yaml_event_t *ev)
{
	const yaml_char_t *tag = ev->data.scalar.tag;
	enum yaml_type type = YAML_STRING;

	if (b->fill)
		fill_scalar(b, n);
	if (n->filled == YAML_FILL_FAILED)
		return;
	if (!tag) {
		if (n->filled == YAML_AS_WRITTEN && !n->quoted)
			scalar_resolve(b->arena, n);
		return;
	}
	if (!tag_type(tag, &type) ||
	    !(is_container(n) ? n->type == type : scalar_resolve_as(b->arena, n, type))) {
		report_tag(b, tag, n->pos);
		n->filled = YAML_FILL_FAILED;
	}
}

/* Counts what was filled in below n; how many levels that is goes to *height. */
static bool count_filled(struct builder *b, const struct yaml_node *n, unsigned *height)
{
	const struct yaml_node *child;
	unsigned below, most = 0;

	if (is_container(n) && n->count > YAML_MAX_KEYS && n->type == YAML_MAP) {
		diags_add(b->diags, DIAG_ERROR, b->source, n->pos,
			  "more than %d keys in one mapping", YAML_MAX_KEYS);
		return false;
	}
	for (child = n->child; child; child = child->next) {
		if (!count_nodes(b, 1, n->pos) || !count_filled(b, child, &below))
			return false;
		most = below > most ? below : most;
	}
	*height = is_container(n) ? most + 1 : 0;
	return true;
}

static bool read_scalar(struct builder *b, const yaml_event_t *ev)
{
	struct yaml_node *n = new_node(b, YAML_STRING, pos_of(b, &ev->start_mark));
	size_t anchor, nodes_before = b->nodes;
	unsigned height;

	if (!count_nodes(b, 1, n->pos) ||
	    !define_anchor(b, ev->data.scalar.anchor, n->pos, &anchor))
		return false;
	n->quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	n->text.p = arena_strndup(b->arena, (const char *)ev->data.scalar.value,
				  ev->data.scalar.length);
	n->text.n = ev->data.scalar.length;
	resolve_scalar(b, n, ev);
	if (!count_filled(b, n, &height) || !fits_depth(b, height, n->pos))
		return false;
	note_height(b, height);
	close_anchor(b, anchor, n, b->nodes - nodes_before, height);
	attach(b, n);
	return true;
}

static bool open_container(struct builder *b, const yaml_event_t *ev, enum yaml_type type,
			   const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct yaml_node *n = new_node(b, type, pos_of(b, &ev->start_mark));
	struct frame f = {.node = n, .tail = &n->child, .nodes_before = b->nodes};
	enum yaml_type tagged = type;

	if (!count_nodes(b, 1, n->pos) || !fits_depth(b, 1, n->pos) ||
	    !define_anchor(b, anchor, n->pos, &f.anchor))
		return false;
	if (tag && (!tag_type(tag, &tagged) || tagged != type))
		report_tag(b, tag, n->pos);
	b->stack[b->depth++] = f;
	return true;
}

static void close_container(struct builder *b)
{
	struct frame *f = &b->stack[--b->depth];

	if (f->node->type == YAML_MAP)
		map_finish(b->arena, f->node, b->source, b->diags);
	close_anchor(b, f->anchor, f->node, b->nodes - f->nodes_before, f->height + 1);
	note_height(b, f->height + 1);
	attach(b, f->node);
}

/* False where the reading ends. */
static bool read_event(struct builder *b, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (!b->root)
			return true;
		report(b, pos_of(b, &ev->start_mark),
		       "a second document starts here; only one is allowed");
		return false;
	case YAML_ALIAS_EVENT: return read_alias(b, ev);
	case YAML_SCALAR_EVENT: return read_scalar(b, ev);
	case YAML_SEQUENCE_START_EVENT:
		return open_container(b, ev, YAML_LIST, ev->data.sequence_start.anchor,
				      ev->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return open_container(b, ev, YAML_MAP, ev->data.mapping_start.anchor,
				      ev->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: close_container(b); return true;
	default: return true;
	}
}

/* What libyaml says, in words that tell what to do. */
struct wording {
	const char *theirs;
	const char *ours;
	enum { HERE, AT_START, HERE_SINCE } place; /* start: of the construct it is in */
};

static const struct wording wordings[] = {
	{"found unexpected end of stream", "this quote is never closed", AT_START},
	{"found unexpected document indicator", "this quote is never closed", AT_START},
	{"could not find expected ':'", "this is no 'key: value'; a ':' is missing", AT_START},
	{"did not find expected ',' or ']'",
	 "expected ',' or ']' to go on with the list that starts in", HERE_SINCE},
	{"did not find expected ',' or '}'",
	 "expected ',' or '}' to go on with the mapping that starts in", HERE_SINCE},
	{"did not find expected key", "expected a key here; check the indentation", HERE},
	{"did not find expected '-' indicator", "expected '-' here; check the indentation",
	 HERE},
	{"did not find expected node content", "expected a value here", HERE},
	{"found unexpected ':'", "a space is missing behind this ':'", HERE},
	{"mapping values are not allowed in this context",
	 "a ':' cannot stand here; check the indentation, or put the text in quotes", HERE},
	{"block sequence entries are not allowed in this context",
	 "a list item cannot start here; put it on a line of its own", HERE},
	{"did not find expected <document start>",
	 "this does not belong to what is above it; check the indentation", HERE},
	{"found unknown escape character",
	 "unknown escape behind '\\'; write '\\\\', or use single quotes", HERE},
};

static const struct wording *find_wording(const char *problem)
{
	size_t i;

	for (i = 0; i < countof(wordings); i++)
		if (strcmp(problem, wordings[i].theirs) == 0)
			return &wordings[i];
	return NULL;
}

static void report_character(struct builder *b, struct pos pos, struct str at)
{
	diags_add(b->diags, DIAG_ERROR, b->source, pos,
		  "'%.*s' cannot start a value; put the value in quotes",
		  (int)utf8_sequence(at), at.p);
}

static void report_wording(struct builder *b, const struct wording *w, struct pos pos,
			   struct pos start)
{
	if (w->place == HERE_SINCE)
		diags_add(b->diags, DIAG_ERROR, b->source, pos, "%s line %u", w->ours,
			  start.line);
	else
		report(b, w->place == AT_START ? start : pos, w->ours);
}

static void report_syntax(struct builder *b, const yaml_parser_t *parser)
{
	const char *problem = parser->problem ? parser->problem : "this is not YAML";
	struct pos pos = pos_of(b, &parser->problem_mark);
	struct str at = text_at(b->text, parser->problem_mark.index);
	const struct wording *w = find_wording(problem);
	const struct wording theirs = {problem, problem, HERE};
	bool is_no_token = strcmp(problem, "found character that cannot start any token") == 0;

	if (parser->error == YAML_MEMORY_ERROR)
		bug("libyaml is out of memory");
	if (strstr(problem, "tab character") || (at.n && at.p[0] == '\t' && is_no_token))
		report(b, pos, "a TAB cannot indent in YAML; use spaces");
	else if (is_no_token)
		report_character(b, pos, at);
	else
		report_wording(b, w ? w : &theirs, pos, pos_of(b, &parser->context_mark));
}

/* True when the whole text was read. */
static bool read_events(struct builder *b, yaml_parser_t *parser)
{
	yaml_event_t ev;
	bool going = true, ended = false;

	while (going && !ended) {
		if (!yaml_parser_parse(parser, &ev)) {
			report_syntax(b, parser);
			return false;
		}
		going = read_event(b, &ev);
		ended = ev.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&ev);
	}
	return going;
}

static bool build(struct builder *b)
{
	yaml_parser_t parser;
	bool whole;

	if (!text_read(b->text, b->source, &b->lines, b->diags))
		return false;
	if (!yaml_parser_initialize(&parser))
		bug("libyaml is out of memory");
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
		&parser, (const unsigned char *)(b->text.p ? b->text.p : ""), b->text.n);
	whole = read_events(b, &parser);
	yaml_parser_delete(&parser);
	return whole;
}

const struct yaml_node *yaml_parse(struct arena *a, const struct diag_source *source,
				   const struct yaml_fill *fill, struct diags *d)
{
	struct builder b = {.arena = a, .source = source, .fill = fill, .diags = d};
	bool whole;

	b.text = fill ? fill->text : source->text;
	if (str_starts(b.text, "\xef\xbb\xbf"))
		b.text = str_from(b.text, 3);
	whole = build(&b);
	vec_release(&b.lines.starts);
	vec_release(&b.anchors);
	return whole ? b.root : NULL;
}
