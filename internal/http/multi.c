#include <stdlib.h>

#include "http/client.h"

struct watched {
	struct http_client *c;
	curl_socket_t fd;
	struct loop_poll *poll;
};

/* Results are taken only here, outside of curl's callbacks, where handles may be freed. */
static void collect(struct http_client *c)
{
	struct call *k;
	CURLMsg *msg;
	CURLcode rc;
	int left;

	while ((msg = curl_multi_info_read(c->multi, &left))) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		rc = msg->data.result;
		k = NULL;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&k);
		call_try_ended(k, rc);
	}
}

static void act(struct http_client *c, curl_socket_t fd, int events)
{
	int running;

	curl_multi_socket_action(c->multi, fd, events, &running);
	collect(c);
}

static void on_ready(void *arg, int events)
{
	struct watched *w = arg;

	act(w->c, w->fd,
	    (events & LOOP_READ ? CURL_CSELECT_IN : 0) |
		    (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0));
}

static void on_timeout(void *arg)
{
	struct http_client *c = arg;

	loop_timer_stop(c->timer);
	c->timer = NULL;
	act(c, CURL_SOCKET_TIMEOUT, 0);
}

static int set_timer(CURLM *multi UNUSED, long ms, void *arg)
{
	struct http_client *c = arg;

	/* A timer that nobody waits for would keep the loop going. */
	if (ms < 0) {
		loop_timer_stop(c->timer);
		c->timer = NULL;
	} else if (c->timer) {
		loop_timer_again(c->timer, (uint64_t)ms);
	} else {
		c->timer = loop_timer_start(c->l, (uint64_t)ms, 0, on_timeout, c);
	}
	return 0;
}

static int set_socket(CURL *easy UNUSED, curl_socket_t fd, int what, void *arg, void *socket)
{
	struct http_client *c = arg;
	struct watched *w = socket;
	int events =
		(what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0);

	if (what == CURL_POLL_REMOVE) {
		if (w)
			loop_poll_stop(w->poll);
		free(w);
		curl_multi_assign(c->multi, fd, NULL);
	} else if (w) {
		loop_poll_change(w->poll, events);
	} else {
		w = xcalloc(1, sizeof(*w));
		w->c = c;
		w->fd = fd;
		w->poll = loop_poll_start(c->l, fd, events, on_ready, w);
		curl_multi_assign(c->multi, fd, w);
	}
	return 0;
}

void multi_open(struct http_client *c)
{
	static bool initialised;

	if (c->multi)
		return;
	if (!initialised && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		bug("curl_global_init");
	initialised = true;
	c->multi = curl_multi_init();
	if (!c->multi)
		bug("curl_multi_init");
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)c->window.most);
	curl_multi_setopt(c->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
}

void multi_close(struct http_client *c)
{
	if (c->multi)
		curl_multi_cleanup(c->multi);
	c->multi = NULL;
	loop_timer_stop(c->timer);
	c->timer = NULL;
}
