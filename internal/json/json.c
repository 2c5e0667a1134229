#include "json/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "json/json_node.h"

/* Once, before main and any thread: cJSON's own allocations end the process when memory is out.
 */
__attribute__((constructor)) static void set_hooks(void)
{
	cJSON_Hooks hooks = {.malloc_fn = xmalloc, .free_fn = free};

	cJSON_InitHooks(&hooks);
}

void json_free(struct json *j)
{
	cJSON_Delete(json_node(j));
}

enum json_type json_type(const struct json *j)
{
	switch (j ? json_cnode(j)->type & 0xff : cJSON_NULL) {
	case cJSON_False:
	case cJSON_True: return JSON_BOOL;
	case cJSON_Number: return JSON_NUMBER;
	case cJSON_String: return JSON_STRING;
	case cJSON_Array: return JSON_ARRAY;
	case cJSON_Object: return JSON_OBJECT;
	default: return JSON_NULL;
	}
}

bool json_is(const struct json *j, enum json_type type)
{
	return j && json_type(j) == type;
}

bool json_is_true(const struct json *j)
{
	return j && (json_cnode(j)->type & 0xff) == cJSON_True;
}

struct str json_str(const struct json *j)
{
	const cJSON *node = json_cnode(j);

	if (!json_is(j, JSON_STRING))
		return (struct str){0};
	return (struct str){node->valuestring, (size_t)node->valuedouble};
}

const char *json_cstr(const struct json *j)
{
	struct str s = json_str(j);

	return s.p && strlen(s.p) == s.n ? s.p : NULL;
}

struct str json_number(const struct json *j)
{
	return json_is(j, JSON_NUMBER) ? str_of(json_cnode(j)->valuestring) : (struct str){0};
}

/* What a number's text says: sign, digits without the point, and where the point stands. */
struct decimal {
	bool negative;
	struct str whole, fraction;
	int64_t exponent; /* cut to +-EXPONENT_MAX, beyond the length of any text */
};

static const int64_t EXPONENT_MAX = INT64_C(1) << 60;

static int64_t read_exponent(struct str s)
{
	bool negative = str_starts(s, "-");
	int64_t v = 0;
	size_t i = negative || str_starts(s, "+") ? 1 : 0;

	for (; i < s.n && v < EXPONENT_MAX / 10; i++)
		v = v * 10 + (s.p[i] - '0');
	if (i < s.n)
		v = EXPONENT_MAX;
	return negative ? -v : v;
}

static struct str take_digits(struct str *s)
{
	struct str digits = {s->p, 0};

	while (digits.n < s->n && s->p[digits.n] >= '0' && s->p[digits.n] <= '9')
		digits.n++;
	*s = str_from(*s, digits.n);
	return digits;
}

static struct decimal read_decimal(struct str s)
{
	struct decimal d = {.negative = str_starts(s, "-")};

	s = str_from(s, d.negative ? 1 : 0);
	d.whole = take_digits(&s);
	if (str_starts(s, ".")) {
		s = str_from(s, 1);
		d.fraction = take_digits(&s);
	}
	d.exponent = read_exponent(str_from(s, 1));
	return d;
}

/* Appends the digits before `point` to *v; false when it overflows or a digit behind is not 0.
 */
static bool add_digits(uint64_t *v, struct str digits, int64_t point)
{
	size_t i;

	for (i = 0; i < digits.n; i++) {
		uint64_t digit = (uint64_t)(digits.p[i] - '0');

		if ((int64_t)i >= point) {
			if (digit)
				return false;
		} else if (__builtin_mul_overflow(*v, (uint64_t)10, v) ||
			   __builtin_add_overflow(*v, digit, v)) {
			return false;
		}
	}
	return true;
}

bool json_int(const struct json *j, int64_t *out)
{
	struct decimal d;
	uint64_t v = 0;
	int64_t point, zeros;

	if (!json_is(j, JSON_NUMBER))
		return false;
	d = read_decimal(json_number(j));
	point = (int64_t)d.whole.n + d.exponent;
	if (!add_digits(&v, d.whole, point) ||
	    !add_digits(&v, d.fraction, point - (int64_t)d.whole.n))
		return false;
	zeros = v ? point - (int64_t)(d.whole.n + d.fraction.n) : 0;
	for (; zeros > 0; zeros--)
		if (__builtin_mul_overflow(v, (uint64_t)10, &v))
			return false;
	if (v > (uint64_t)INT64_MAX + (d.negative ? 1 : 0))
		return false;
	*out = d.negative ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

size_t json_count(const struct json *j)
{
	const struct json *c;
	size_t n = 0;

	for (c = json_first(j); c; c = json_next(c))
		n++;
	return n;
}

struct json *json_get(const struct json *j, const char *name)
{
	return json_getn(j, str_of(name));
}

struct json *json_getn(const struct json *j, struct str name)
{
	struct json *c;

	if (!json_is(j, JSON_OBJECT))
		return NULL;
	for (c = json_first(j); c; c = json_next(c))
		if (str_eq(json_name(c), name))
			return c;
	return NULL;
}

struct json_index {
	struct json_members members;
};

struct json_index *json_index_new(const struct json *object)
{
	struct json_index *x = xcalloc(1, sizeof(*x));

	if (json_is(object, JSON_OBJECT))
		json_sort_members(json_cnode(object), &x->members);
	return x;
}

struct json *json_index_get(const struct json_index *x, struct str name)
{
	size_t low = 0, high = x->members.list.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct json_member *m = &x->members.list.v[middle];
		int c = str_cmp(name, m->name);

		if (c == 0)
			return json_of(m->value);
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

void json_index_free(struct json_index *x)
{
	vec_release(&x->members.list);
	free(x);
}

struct json *json_at(const struct json *j, size_t index)
{
	struct json *c;

	for (c = json_first(j); c && index > 0; c = json_next(c))
		index--;
	return c;
}

struct json *json_first(const struct json *j)
{
	return j ? json_of(json_cnode(j)->child) : NULL;
}

struct json *json_next(const struct json *child)
{
	return child ? json_of(json_cnode(child)->next) : NULL;
}

struct str json_name(const struct json *member)
{
	return member ? str_of(json_cnode(member)->string) : (struct str){0};
}

static int by_name(const void *a, const void *b)
{
	const struct json_member *m = a, *n = b;
	int c = str_cmp(m->name, n->name);

	return c ? c : (m->position > n->position) - (m->position < n->position);
}

void json_sort_members(const cJSON *object, struct json_members *members)
{
	cJSON *c;

	members->list.n = 0;
	for (c = object->child; c; c = c->next) {
		struct json_member m = {str_of(c->string), members->list.n, c};

		vec_push(&members->list, m);
	}
	if (members->list.n > 1)
		qsort(members->list.v, members->list.n, sizeof(*members->list.v), by_name);
}

static bool equal_arrays(const struct json *a, const struct json *b)
{
	a = json_first(a);
	b = json_first(b);
	while (a && b && json_equal(a, b)) {
		a = json_next(a);
		b = json_next(b);
	}
	return !a && !b;
}

static bool equal_objects(const struct json *a, const struct json *b)
{
	struct json_members of_a = {0}, of_b = {0};
	bool equal;
	size_t i;

	json_sort_members(json_cnode(a), &of_a);
	json_sort_members(json_cnode(b), &of_b);
	equal = of_a.list.n == of_b.list.n;
	for (i = 0; equal && i < of_a.list.n; i++)
		equal = str_eq(of_a.list.v[i].name, of_b.list.v[i].name) &&
			json_equal(json_of(of_a.list.v[i].value),
				   json_of(of_b.list.v[i].value));
	vec_release(&of_a.list);
	vec_release(&of_b.list);
	return equal;
}

bool json_equal(const struct json *a, const struct json *b)
{
	if (!a || !b || json_type(a) != json_type(b))
		return a == b;
	switch (json_type(a)) {
	case JSON_BOOL: return json_is_true(a) == json_is_true(b);
	case JSON_NUMBER: return str_eq(json_number(a), json_number(b));
	case JSON_STRING: return str_eq(json_str(a), json_str(b));
	case JSON_ARRAY: return equal_arrays(a, b);
	case JSON_OBJECT: return equal_objects(a, b);
	default: return true;
	}
}

static char *copy_bytes(struct str s)
{
	char *p = xmalloc(s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

struct json *json_clone(const struct json *j)
{
	const cJSON *from = json_cnode(j);
	const struct json *c;
	cJSON *to;

	if (!j)
		return NULL;
	to = cJSON_CreateNull();
	to->type = from->type;
	to->valuedouble = from->valuedouble;
	if (from->valuestring)
		to->valuestring =
			copy_bytes(json_is(j, JSON_STRING) ? json_str(j) : json_number(j));
	if (from->string)
		to->string = xstrdup(from->string);
	for (c = json_first(j); c; c = json_next(c))
		cJSON_AddItemToArray(to, json_node(json_clone(c)));
	return json_of(to);
}

struct json *json_new_null(void)
{
	return json_of(cJSON_CreateNull());
}

struct json *json_new_bool(bool v)
{
	return json_of(cJSON_CreateBool(v));
}

struct json *json_new_int(int64_t v)
{
	cJSON *node = cJSON_CreateNumber((double)v);

	node->valuestring = xasprintf("%" PRId64, v);
	return json_of(node);
}

struct json *json_new_number(struct str text)
{
	cJSON *node = cJSON_CreateNumber(0);

	if (text.n == 0 || json_scan_number(text) != text.n)
		bug("'%.*s' is no JSON number", STR_ARG(text));
	node->valuestring = copy_bytes(text);
	return json_of(node);
}

struct json *json_new_str(struct str s)
{
	cJSON *node = cJSON_CreateNull();
	struct strbuf clean = STRBUF_INIT;
	size_t n = s.n;

	node->type = cJSON_String;
	if (utf8_is_valid(s)) {
		node->valuestring = copy_bytes(s);
	} else {
		utf8_add_clean(&clean, s);
		node->valuestring = strbuf_detach(&clean, &n);
	}
	node->valuedouble = (double)n;
	return json_of(node);
}

struct json *json_new_cstr(const char *s)
{
	return json_new_str(str_of(s));
}

struct json *json_new_array(void)
{
	return json_of(cJSON_CreateArray());
}

struct json *json_new_object(void)
{
	return json_of(cJSON_CreateObject());
}

void json_set(struct json *object, const char *name, struct json *value)
{
	json_setn(object, str_of(name), value);
}

/* cJSON's names end at a NUL, so a NUL inside is treated like a byte that is not UTF-8. */
static void add_name(struct strbuf *b, struct str name)
{
	struct str field;

	name.p = name.p ? name.p : "";
	while (str_next(&name, '\0', &field)) {
		utf8_add_clean(b, field);
		if (name.p)
			strbuf_adds(b, "\xef\xbf\xbd");
	}
}

static void check_is_free(const struct json *value)
{
	if (json_cnode(value)->prev)
		bug("a JSON value cannot be in two places");
}

void json_setn(struct json *object, struct str name, struct json *value)
{
	struct strbuf clean = STRBUF_INIT;
	struct json *old;

	if (!json_is(object, JSON_OBJECT))
		bug("json_set of '%.*s' on what is no object", STR_ARG(name));
	add_name(&clean, name);
	old = json_getn(object, strbuf_str(&clean));
	if (!value) {
		json_del(object, clean.buf);
	} else if (!old) {
		check_is_free(value);
		cJSON_AddItemToObject(json_node(object), clean.buf, json_node(value));
	} else {
		check_is_free(value);
		free(json_node(value)->string);
		json_node(value)->string = xstrdup(clean.buf);
		cJSON_ReplaceItemViaPointer(json_node(object), json_node(old),
					    json_node(value));
	}
	strbuf_release(&clean);
}

void json_add_new(struct json *object, struct str name, struct json *value)
{
	char *text = xstrndup(name.p, name.n);

	if (!json_is(object, JSON_OBJECT))
		bug("json_add_new of '%s' on what is no object", text);
	check_is_free(value);
	cJSON_AddItemToObject(json_node(object), text, json_node(value));
	free(text);
}

void json_push(struct json *array, struct json *value)
{
	if (!json_is(array, JSON_ARRAY) || !value)
		bug("json_push: no array or no value");
	check_is_free(value);
	cJSON_AddItemToArray(json_node(array), json_node(value));
}

struct json *json_take(struct json *object, const char *name)
{
	struct json *member = json_get(object, name);

	if (!member)
		return NULL;
	return json_of(cJSON_DetachItemViaPointer(json_node(object), json_node(member)));
}

void json_del(struct json *object, const char *name)
{
	json_free(json_take(object, name));
}
