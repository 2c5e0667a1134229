#include "linediff/script.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

/* A stretch of both texts, from included, to not. */
struct box {
	size_t before, before_to, after, after_to;
};

/*
 * For a diagonal k = x - y, how far a path came: x of its end.  Diagonals may be
 * negative, so the arrays are used from their middle on.
 */
struct search {
	struct lines *before, *after;
	ptrdiff_t *forward, *backward;
	size_t effort;
	struct box *todo; /* a stack */
	size_t todo_n, todo_cap;
};

static void push(struct search *s, size_t before, size_t before_to, size_t after,
		 size_t after_to)
{
	s->todo = vec_grow(s->todo, s->todo_n, &s->todo_cap, sizeof(*s->todo));
	s->todo[s->todo_n++] = (struct box){before, before_to, after, after_to};
}

static bool same(const struct search *s, size_t x, size_t y)
{
	return s->before->ids[x] == s->after->ids[y];
}

static void trim(const struct search *s, struct box *b)
{
	while (b->before < b->before_to && b->after < b->after_to &&
	       same(s, b->before, b->after)) {
		b->before++;
		b->after++;
	}
	while (b->before < b->before_to && b->after < b->after_to &&
	       same(s, b->before_to - 1, b->after_to - 1)) {
		b->before_to--;
		b->after_to--;
	}
}

static void mark(struct lines *l, size_t from, size_t to)
{
	for (; from < to; from++)
		l->changed[from] = true;
}

/* The box as a path sees it: n lines of the one, m of the other. */
struct frame {
	const struct search *s;
	const struct box *box;
	ptrdiff_t n, m;
};

/* Where a path of one step more on diagonal k begins: down from k + 1, or right from k - 1. */
static ptrdiff_t begin_at(const ptrdiff_t *v, ptrdiff_t k, ptrdiff_t d)
{
	if (k == -d || (k != d && v[k - 1] < v[k + 1]))
		return v[k + 1];
	return v[k - 1] + 1;
}

static ptrdiff_t slide_forward(const struct frame *f, ptrdiff_t x, ptrdiff_t k)
{
	while (x < f->n && x - k < f->m &&
	       same(f->s, f->box->before + (size_t)x, f->box->after + (size_t)(x - k)))
		x++;
	return x;
}

/* The same from the other end; x counts from there. */
static ptrdiff_t slide_backward(const struct frame *f, ptrdiff_t x, ptrdiff_t k)
{
	while (x < f->n && x - k < f->m &&
	       same(f->s, f->box->before_to - 1 - (size_t)x,
		    f->box->after_to - 1 - (size_t)(x - k)))
		x++;
	return x;
}

static bool is_inside(const struct frame *f, ptrdiff_t x, ptrdiff_t k)
{
	return x <= f->n && x - k >= 0 && x - k <= f->m;
}

/* One step more from the start.  True when a path meets one from the end: there, *x and *y. */
static bool step_forward(const struct frame *f, ptrdiff_t d, ptrdiff_t *x, ptrdiff_t *y)
{
	ptrdiff_t *v = f->s->forward, delta = f->n - f->m, k, from;

	for (k = -d; k <= d; k += 2) {
		from = begin_at(v, k, d);
		v[k] = is_inside(f, from, k) ? slide_forward(f, from, k) : from;
		if (delta % 2 != 0 && k >= delta - (d - 1) && k <= delta + (d - 1) &&
		    is_inside(f, v[k], k) && v[k] + f->s->backward[delta - k] >= f->n) {
			*x = v[k];
			*y = v[k] - k;
			return true;
		}
	}
	return false;
}

static bool step_backward(const struct frame *f, ptrdiff_t d, ptrdiff_t *x, ptrdiff_t *y)
{
	ptrdiff_t *v = f->s->backward, delta = f->n - f->m, k, from;

	for (k = -d; k <= d; k += 2) {
		from = begin_at(v, k, d);
		v[k] = is_inside(f, from, k) ? slide_backward(f, from, k) : from;
		if (delta % 2 == 0 && k >= delta - d && k <= delta + d &&
		    is_inside(f, v[k], k) && v[k] + f->s->forward[delta - k] >= f->n) {
			*x = f->n - v[k];
			*y = f->m - (v[k] - k);
			return true;
		}
	}
	return false;
}

/* A point that a shortest path goes through; false when it takes too many steps to find. */
static bool find_middle(const struct search *s, const struct box *b, ptrdiff_t *x, ptrdiff_t *y)
{
	const struct frame f = {s, b, (ptrdiff_t)(b->before_to - b->before),
				(ptrdiff_t)(b->after_to - b->after)};
	ptrdiff_t most = (f.n + f.m + 1) / 2, d;

	s->forward[1] = s->backward[1] = 0;
	for (d = 0; d <= most && (size_t)d * (size_t)d <= s->effort; d++)
		if (step_forward(&f, d, x, y) || step_backward(&f, d, x, y))
			return true;
	return false;
}

/* The point must cut something off, or nothing would ever be done. */
static bool is_progress(const struct box *b, size_t x, size_t y)
{
	return (x > b->before || y > b->after) && (x < b->before_to || y < b->after_to) &&
	       x >= b->before && x <= b->before_to && y >= b->after && y <= b->after_to;
}

static void compare(struct search *s, struct box b)
{
	ptrdiff_t x = 0, y = 0;
	size_t at_x, at_y;

	trim(s, &b);
	if (b.before < b.before_to && b.after < b.after_to && find_middle(s, &b, &x, &y)) {
		at_x = b.before + (size_t)x;
		at_y = b.after + (size_t)y;
		if (is_progress(&b, at_x, at_y)) {
			push(s, b.before, at_x, b.after, at_y);
			push(s, at_x, b.before_to, at_y, b.after_to);
			return;
		}
	}
	mark(s->before, b.before, b.before_to);
	mark(s->after, b.after, b.after_to);
}

void script_find(struct lines *before, struct lines *after, size_t effort)
{
	size_t diagonals = before->n + after->n + 3;
	ptrdiff_t *forward = xcalloc(2 * diagonals + 1, sizeof(*forward));
	ptrdiff_t *backward = xcalloc(2 * diagonals + 1, sizeof(*backward));
	struct search s = {.before = before,
			   .after = after,
			   .forward = forward + diagonals,
			   .backward = backward + diagonals,
			   .effort = effort};

	push(&s, 0, before->n, 0, after->n);
	while (s.todo_n)
		compare(&s, s.todo[--s.todo_n]);
	free(s.todo);
	free(forward);
	free(backward);
}
