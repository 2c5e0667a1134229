#include "platform/waiter.h"

void waiter_tell(struct waiter *w, const struct invoke_answer *a)
{
	invoke_answer_fn *answer = w->answer;

	w->answer = NULL;
	loop_timer_stop(w->timer);
	w->timer = NULL;
	if (answer)
		answer(w->arg, a);
}

static void wait_is_over(void *arg)
{
	struct waiter *w = arg;
	struct invoke_answer a = {.id = w->id};

	waiter_tell(w, &a);
}

void waiter_start(struct waiter *w, struct loop *l, const struct invoke_request *q,
		  const char *id)
{
	*w = (struct waiter){.id = id};
	if (q->wait_ms == 0 && !q->cause)
		return;
	w->answer = q->answer;
	w->arg = q->arg;
	if (q->wait_ms > 0)
		w->timer = loop_timer_start(l, q->wait_ms, 0, wait_is_over, w);
}
