#include "yaml/scalar.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_one_of(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (str_is(s, *words))
			return true;
	return false;
}

static bool is_null(struct str s)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};

	return is_one_of(s, words);
}

static bool is_boolean(struct str s, bool *value)
{
	static const char *const yes[] = {"true", "True", "TRUE", NULL};
	static const char *const no[] = {"false", "False", "FALSE", NULL};

	*value = is_one_of(s, yes);
	return *value || is_one_of(s, no);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static unsigned digit_value(char c)
{
	if (is_digit(c))
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 99;
}

/* Digits of a base with underscores between and before them, not at the end. */
static bool all_digits(struct str s, unsigned base)
{
	bool any = false;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '_')
			continue;
		if (digit_value(s.p[i]) >= base)
			return false;
		any = true;
	}
	return any && s.p[s.n - 1] != '_';
}

/* ":" and 0 to 59 in one or two digits. */
static bool take_sixtieth(struct str *s)
{
	struct str rest = *s;

	if (!str_starts(rest, ":"))
		return false;
	rest = str_from(rest, 1);
	if (rest.n >= 2 && rest.p[0] <= '5' && is_digit(rest.p[0]) && is_digit(rest.p[1]))
		rest = str_from(rest, 2);
	else if (rest.n >= 1 && is_digit(rest.p[0]))
		rest = str_from(rest, 1);
	else
		return false;
	*s = rest;
	return true;
}

/* One or more of them; *s is behind them. */
static bool take_sixtieths(struct str *s)
{
	size_t taken = 0;

	while (take_sixtieth(s))
		taken++;
	return taken > 0;
}

static struct str skip_sign(struct str s)
{
	return str_starts(s, "-") || str_starts(s, "+") ? str_from(s, 1) : s;
}

/* Takes [0-9_]* */
static struct str take_digits(struct str *s)
{
	size_t n = 0;

	while (n < s->n && (is_digit(s->p[n]) || s->p[n] == '_'))
		n++;
	*s = str_from(*s, n);
	return (struct str){s->p - n, n};
}

/* The base an integer is written in (60 too), or 0 when it is none. */
static unsigned integer_base(struct str text)
{
	struct str s = skip_sign(text), first, rest;

	if (str_is(s, "0"))
		return 10;
	if (str_starts(s, "0b"))
		return all_digits(str_from(s, 2), 2) ? 2 : 0;
	if (str_starts(s, "0x"))
		return all_digits(str_from(s, 2), 16) ? 16 : 0;
	if (str_starts(s, "0"))
		return all_digits(str_from(s, 1), 8) ? 8 : 0;
	if (s.n == 0 || !is_digit(s.p[0]))
		return 0;
	rest = s;
	first = take_digits(&rest);
	if (rest.n == 0)
		return first.p[first.n - 1] == '_' ? 0 : 10;
	return take_sixtieths(&rest) && rest.n == 0 ? 60 : 0;
}

/* [eE][-+]?[0-9]+ or nothing, up to the end. */
static bool is_exponent(struct str s)
{
	if (s.n == 0)
		return true;
	if (s.p[0] != 'e' && s.p[0] != 'E')
		return false;
	s = skip_sign(str_from(s, 1));
	return s.n > 0 && !memchr(s.p, '_', s.n) && take_digits(&s).n > 0 && s.n == 0;
}

static bool is_decimal_float(struct str text)
{
	struct str s = skip_sign(text), whole;

	if (str_starts(text, ".")) {
		s = str_from(text, 1);
		return take_digits(&s).n > 0 && is_exponent(s);
	}
	whole = take_digits(&s);
	if (whole.n == 0 || whole.p[0] == '_' || (whole.p[0] == '0' && whole.n > 1))
		return false;
	if (str_starts(s, ".")) {
		s = str_from(s, 1);
		take_digits(&s);
	}
	return is_exponent(s);
}

/* 20:30:59.5 */
static bool is_sixtieth_float(struct str text)
{
	struct str s = skip_sign(text), whole = take_digits(&s);

	if (whole.n == 0 || whole.p[0] == '_' || !take_sixtieths(&s) || !str_starts(s, "."))
		return false;
	s = str_from(s, 1);
	take_digits(&s);
	return s.n == 0;
}

static bool is_special_float(struct str s)
{
	static const char *const inf[] = {".inf", ".Inf", ".INF", NULL};
	static const char *const nan[] = {".nan", ".NaN", ".NAN", NULL};

	return is_one_of(s, nan) || is_one_of(skip_sign(s), inf);
}

/* The digits of the shortest decimal that reads back as v > 0; value d.ddd * 10^exponent. */
static int shortest_digits(double v, char digits[32])
{
	char t[32];
	int precision = 0;

	do {
		(void)snprintf(t, sizeof(t), "%.*e", precision, v);
	} while (strtod(t, NULL) != v && ++precision < 17);
	(void)snprintf(digits, 32, "%c%.*s", t[0], precision, precision ? t + 2 : "");
	return (int)strtol(strchr(t, 'e') + 1, NULL, 10);
}

/* v laid out as JavaScript does. */
static struct str double_text(struct arena *a, double v)
{
	static const char zeros[] = "00000000000000000000";
	const char *sign = v < 0 ? "-" : "";
	char digits[32];
	int exponent, n;

	if (!isfinite(v))
		return STR("null");
	if (v == 0)
		return STR("0");
	exponent = shortest_digits(fabs(v), digits);
	n = (int)strlen(digits);
	if (exponent >= 21 || exponent < -6)
		return str_of(arena_printf(a, "%s%c%s%se%+d", sign, digits[0], n > 1 ? "." : "",
					   digits + 1, exponent));
	if (exponent < 0)
		return str_of(
			arena_printf(a, "%s0.%.*s%s", sign, -exponent - 1, zeros, digits));
	if (exponent >= n - 1)
		return str_of(
			arena_printf(a, "%s%s%.*s", sign, digits, exponent - n + 1, zeros));
	return str_of(arena_printf(a, "%s%.*s.%s", sign, exponent + 1, digits,
				   digits + exponent + 1));
}

/* Without underscores and a leading '+'. */
static struct str strip(struct arena *a, struct str text)
{
	char *t = arena_alloc(a, text.n + 1);
	size_t i, n = 0;

	for (i = 0; i < text.n; i++)
		if (text.p[i] != '_' && !(i == 0 && text.p[i] == '+'))
			t[n++] = text.p[i];
	return (struct str){t, n};
}

/* Digits of base 2, 8 or 16: exact up to 64 bits, then as a double. */
static struct str power_of_two_text(struct arena *a, struct str digits, unsigned base,
				    bool negative)
{
	bool exact = true;
	uint64_t whole = 0;
	double v = 0;
	size_t i;

	for (i = 0; i < digits.n; i++) {
		unsigned digit = digit_value(digits.p[i]);

		exact = exact && !__builtin_mul_overflow(whole, (uint64_t)base, &whole) &&
			!__builtin_add_overflow(whole, (uint64_t)digit, &whole);
		v = v * base + digit;
	}
	if (!exact)
		return double_text(a, negative ? -v : v);
	return str_of(arena_printf(a, "%s%llu", negative && whole ? "-" : "",
				   (unsigned long long)whole));
}

/* "a:b:c" or "a:b:c.d", unsigned. */
static struct str sixtieths_text(struct arena *a, struct str s, bool negative)
{
	struct str field;
	double v = 0;

	while (str_next(&s, ':', &field))
		v = v * 60 + strtod(arena_strndup(a, field.p, field.n), NULL);
	return double_text(a, negative ? -v : v);
}

static struct str integer_text(struct arena *a, struct str text, unsigned base)
{
	struct str s = strip(a, text);
	bool negative = str_starts(s, "-");

	if (str_is(s, "-0"))
		return STR("0");
	if (base == 10)
		return s;
	s = skip_sign(s);
	if (base == 60)
		return sixtieths_text(a, s, negative);
	return power_of_two_text(a, str_from(s, base == 8 ? 1 : 2), base, negative);
}

/* A decimal with at least one digit on both sides of the point, as JSON wants it. */
static struct str decimal_text(struct arena *a, struct str text)
{
	struct str s = strip(a, text), unsigned_part = skip_sign(s);
	const char *point = memchr(s.p, '.', s.n);
	size_t whole;

	if (!isfinite(strtod(s.p, NULL)) || str_starts(unsigned_part, ".e") ||
	    str_starts(unsigned_part, ".E"))
		return STR("null");
	if (!point)
		return s;
	whole = (size_t)(point - s.p);
	return str_of(arena_printf(
		a, "%.*s%s.%s%s", (int)whole, s.p, unsigned_part.p == point ? "0" : "",
		whole + 1 < s.n && is_digit(point[1]) ? "" : "0", point + 1));
}

static bool resolve_integer(struct arena *a, struct yaml_node *n)
{
	unsigned base = integer_base(n->text);

	if (base == 0)
		return false;
	n->number = integer_text(a, n->text, base);
	return true;
}

static bool resolve_float(struct arena *a, struct yaml_node *n)
{
	struct str s = n->text;

	if (is_special_float(s))
		n->number = STR("null");
	else if (is_sixtieth_float(s) && !str_ends(s, "_"))
		n->number = sixtieths_text(a, skip_sign(strip(a, s)), str_starts(s, "-"));
	else if (is_decimal_float(s) && !str_ends(s, "_"))
		n->number = decimal_text(a, s);
	else
		return false;
	return true;
}

bool scalar_resolve_as(struct arena *a, struct yaml_node *n, enum yaml_type type)
{
	bool fits = false;

	switch (type) {
	case YAML_NULL: fits = is_null(n->text); break;
	case YAML_BOOL: fits = is_boolean(n->text, &n->boolean); break;
	case YAML_INT: fits = resolve_integer(a, n); break;
	case YAML_FLOAT: fits = resolve_float(a, n); break;
	case YAML_STRING: fits = true; break;
	default: break;
	}
	n->type = fits ? type : YAML_STRING;
	return fits;
}

/* Most scalars are words that can be nothing but strings. */
static bool may_be_other_than_string(struct str s)
{
	static const char firsts[] = "~nNtTfF+-.0123456789";

	return s.n == 0 || memchr(firsts, s.p[0], sizeof(firsts) - 1);
}

void scalar_resolve(struct arena *a, struct yaml_node *n)
{
	static const enum yaml_type order[] = {YAML_NULL, YAML_BOOL, YAML_INT, YAML_FLOAT};
	size_t i;

	n->type = YAML_STRING;
	if (!may_be_other_than_string(n->text))
		return;
	for (i = 0; i < countof(order); i++)
		if (scalar_resolve_as(a, n, order[i]))
			return;
}

struct str scalar_as_key(struct arena *a, const struct yaml_node *n)
{
	static const char *const infinite[] = {".inf", ".Inf", ".INF", NULL};

	switch (n->type) {
	case YAML_NULL: return STR("null");
	case YAML_BOOL: return n->boolean ? STR("true") : STR("false");
	case YAML_INT:
	case YAML_FLOAT:
		if (!str_is(n->number, "null"))
			return double_text(a, strtod(n->number.p, NULL));
		if (str_starts(n->text, ".") && !is_digit(n->text.p[1]) &&
		    !is_one_of(n->text, infinite))
			return STR("NaN");
		return str_starts(n->text, "-") ? STR("-Infinity") : STR("Infinity");
	default: return n->text;
	}
}

enum yaml_type yaml_plain_type(struct str text)
{
	struct str s = str_trim(text);
	struct arena a = ARENA_INIT;
	struct yaml_node n = {.type = YAML_STRING, .text = s};

	if (str_starts(s, "[") && str_ends(s, "]"))
		return YAML_LIST;
	if (str_starts(s, "{") && str_ends(s, "}"))
		return YAML_MAP;
	scalar_resolve(&a, &n);
	arena_release(&a);
	return n.type;
}
