#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <uv.h>

#include "loop/loop.h"
#include "loop/state.h"

struct loop_child {
	struct loop_child *next;
	pid_t pid;
	int status;
	void (*fn)(void *arg, int status);
	void *arg;
};

static bool reap(struct loop_child *c)
{
	pid_t got;

	do
		got = waitpid(c->pid, &c->status, WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		bug("child %ld was reaped elsewhere: %s", (long)c->pid, strerror(errno));
	return got == c->pid;
}

/* Moves the children that have ended from the loop's list to a list of their own. */
static struct loop_child *take_ended(struct loop *l)
{
	struct loop_child *ended = NULL, **tail = &ended, **link = &l->children, *c;

	while ((c = *link)) {
		if (!reap(c)) {
			link = &c->next;
			continue;
		}
		*link = c->next;
		c->next = NULL;
		*tail = c;
		tail = &c->next;
	}
	return ended;
}

/* Callbacks may start and watch new children, so they come after the walk. */
static void reap_all(void *arg)
{
	struct loop *l = arg;
	struct loop_child *ended = take_ended(l), *c;

	if (!l->children)
		uv_unref((uv_handle_t *)&l->sigchld);
	while ((c = ended)) {
		ended = c->next;
		c->fn(c->arg, c->status);
		free(c);
	}
}

/* One signal may stand for several children, and for some that are not ours. */
static void on_sigchld(uv_signal_t *h, int signum UNUSED)
{
	reap_all(h->data);
}

/* From the start, as an inherited SIG_IGN would make the kernel reap before us. */
void loop_child_init(struct loop *l)
{
	loop_must(uv_signal_init(&l->uv, &l->sigchld), "uv_signal_init");
	l->sigchld.data = l;
	loop_must(uv_signal_start(&l->sigchld, on_sigchld, SIGCHLD), "uv_signal_start");
	uv_unref((uv_handle_t *)&l->sigchld);
}

struct loop_child *loop_child_watch(struct loop *l, pid_t pid,
				    void (*fn)(void *arg, int status), void *arg)
{
	struct loop_child *c = xcalloc(1, sizeof(*c));

	*c = (struct loop_child){.next = l->children, .pid = pid, .fn = fn, .arg = arg};
	l->children = c;
	uv_ref((uv_handle_t *)&l->sigchld);
	/* It may have ended before. */
	loop_defer(l, reap_all, l);
	return c;
}
