#include "http/window.h"

void window_init(struct window *w, unsigned usual, unsigned most)
{
	*w = (struct window){.usual = usual, .most = most > usual ? most : usual};
	w->size = usual;
}

void window_good(struct window *w, uint64_t ms, bool small)
{
	unsigned most = ms >= WINDOW_SLOW_MS && small ? w->most : w->usual;

	if (w->size >= most)
		return;
	if (w->halved && ++w->good < w->size)
		return;
	w->good = 0;
	w->size++;
}

void window_overburdened(struct window *w, uint64_t sent_ms, uint64_t now_ms)
{
	if (w->halved && sent_ms < w->halved_ms)
		return; /* it tells what is known */
	w->halved = true;
	w->halved_ms = now_ms;
	w->good = 0;
	w->size = w->size > 1 ? w->size / 2 : 1;
}
