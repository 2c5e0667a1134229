#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "http/client.h"

enum {
	HEADER_BYTES = 256 << 10,
	RETRY_AFTER_SECONDS = 60, /* the longest wait that a server may impose */
	IDLE_SECONDS = 30,        /* an older connection is likely to be closed by the server */
};

/* Something moved, so the time of silence starts anew. */
static void touch(struct call *k)
{
	k->went_silent = false;
	if (k->silence)
		loop_timer_again(k->silence, k->silence_ms);
}

static void on_silence(void *arg)
{
	struct call *k = arg;

	/* The loop may have been busy: give what has arrived meanwhile a turn to be read. */
	if (!k->went_silent) {
		k->went_silent = true;
		loop_timer_again(k->silence, 1);
		return;
	}
	call_try_ended(k, CURLE_OPERATION_TIMEDOUT);
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct call *k = arg;

	strbuf_add(&k->answer, p, size * n);
	return k->answer.full ? 0 : size * n;
}

/* curl takes no more than what was said to come, so an end before it is the source's bug. */
static size_t on_send(char *p, size_t size, size_t n, void *arg)
{
	struct call *k = arg;
	ssize_t got;

	if (k->read == k->source->size)
		return 0;
	got = k->source->read(k->source->arg, p, size * n, &k->unread);
	if (got < 0)
		return CURL_READFUNC_ABORT;
	if (got == 0 || (uint64_t)got > k->source->size - k->read)
		bug("a body is not of its size");
	k->read += (uint64_t)got;
	return (size_t)got;
}

static void rewind_source(struct call *k)
{
	k->read = 0;
	if (k->source)
		k->source->rewind(k->source->arg);
}

/* curl sends a body again by itself when a kept connection turns out to be closed. */
static int on_seek(void *arg, curl_off_t offset, int origin)
{
	if (offset != 0 || origin != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	rewind_source(arg);
	return CURL_SEEKFUNC_OK;
}

static size_t on_header(char *p UNUSED, size_t size, size_t n, void *arg)
{
	struct call *k = arg;

	touch(k);
	k->header_bytes += size * n;
	return k->header_bytes > HEADER_BYTES ? 0 : size * n;
}

static int on_progress(void *arg, curl_off_t in_all UNUSED, curl_off_t in,
		       curl_off_t out_all UNUSED, curl_off_t out)
{
	struct call *k = arg;

	if (in + out != k->moved) {
		k->moved = in + out;
		touch(k);
	}
	return 0;
}

/*
 * A connection is there.  When a kept one turns out to be closed, curl sends
 * again on a new one of its own accord; not what may not be repeated.
 */
static int on_connected(void *arg, char *to UNUSED, char *from UNUSED, int to_port UNUSED,
			int from_port UNUSED)
{
	struct call *k = arg;

	if (k->sent && !k->repeatable)
		return CURL_PREREQFUNC_ABORT;
	if (k->sent)
		k->resends++;
	k->sent = true;
	return CURL_PREREQFUNC_OK;
}

static void must(CURLcode rc, const char *option)
{
	if (rc != CURLE_OK)
		bug("libcurl does not know %s", option);
}

#define SET(option, value) must(curl_easy_setopt(k->easy, CURLOPT_##option, (value)), #option)

static bool sends_body(const struct call *k)
{
	return k->body.p || k->source || strcmp(k->method, "POST") == 0 ||
	       strcmp(k->method, "PUT") == 0 || strcmp(k->method, "PATCH") == 0;
}

static void set_request(struct call *k)
{
	SET(URL, k->url);
	SET(PATH_AS_IS, 1L); /* our callers encode; a ".." is for the server to judge */
	SET(PROTOCOLS_STR, "http,https");
	SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	if (k->source) {
		SET(POST, 1L);
		SET(POSTFIELDSIZE_LARGE, (curl_off_t)k->source->size);
		SET(READFUNCTION, on_send);
		SET(READDATA, k);
		SET(SEEKFUNCTION, on_seek);
		SET(SEEKDATA, k);
	} else if (sends_body(k)) {
		SET(POST, 1L);
		SET(POSTFIELDS, k->body.p ? k->body.p : "");
		SET(POSTFIELDSIZE_LARGE, (curl_off_t)k->body.n);
	}
	if (strcmp(k->method, "HEAD") == 0)
		SET(NOBODY, 1L);
	else
		SET(CUSTOMREQUEST, k->method);
	SET(HTTPHEADER, k->headers);
	if (k->c->user_agent)
		SET(USERAGENT, k->c->user_agent);
	SET(MAXFILESIZE_LARGE, (curl_off_t)k->max_body);
}

static void set_connection(struct call *k)
{
	SET(NOSIGNAL, 1L);
	SET(TCP_NODELAY, 1L);
	SET(TCP_KEEPALIVE, 1L);
	SET(MAXAGE_CONN, (long)IDLE_SECONDS);
	SET(NOPROXY, k->c->no_proxy);
	SET(SUPPRESS_CONNECT_HEADERS, 1L);
	SET(CONNECTTIMEOUT_MS, (long)k->c->o.connect_ms);
	SET(TIMEOUT_MS, (long)k->total_ms);
	if (k->c->o.insecure) {
		SET(SSL_VERIFYPEER, 0L);
		SET(SSL_VERIFYHOST, 0L);
	}
}

static void set_callbacks(struct call *k)
{
	SET(PRIVATE, k);
	SET(ERRORBUFFER, k->why);
	SET(WRITEFUNCTION, on_body);
	SET(WRITEDATA, k);
	SET(HEADERFUNCTION, on_header);
	SET(HEADERDATA, k);
	SET(NOPROGRESS, 0L);
	SET(XFERINFOFUNCTION, on_progress);
	SET(XFERINFODATA, k);
	SET(PREREQFUNCTION, on_connected);
	SET(PREREQDATA, k);
}

void try_start(struct call *k)
{
	multi_open(k->c);
	if (!k->easy) {
		k->easy = curl_easy_init();
		if (!k->easy)
			bug("curl_easy_init");
		set_request(k);
		set_connection(k);
		set_callbacks(k);
	}
	strbuf_reset(&k->answer);
	k->why[0] = '\0';
	k->header_bytes = 0;
	k->moved = 0;
	k->sent = k->went_silent = false;
	rewind_source(k);
	k->silence = loop_timer_start(k->c->l, k->silence_ms, 0, on_silence, k);
	if (curl_multi_add_handle(k->c->multi, k->easy) != CURLM_OK)
		bug("curl_multi_add_handle");
}

void try_stop(struct call *k)
{
	loop_timer_stop(k->silence);
	k->silence = NULL;
	curl_multi_remove_handle(k->c->multi, k->easy);
}

static void say_seconds(struct strbuf *out, uint64_t ms)
{
	if (ms % 1000)
		strbuf_addf(out, "%.1f s", (double)ms / 1000);
	else
		strbuf_addf(out, "%llu s", (unsigned long long)(ms / 1000));
}

static uint64_t connect_ms(const struct call *k)
{
	uint64_t ms = k->c->o.connect_ms;

	return k->total_ms && k->total_ms < ms ? k->total_ms : ms;
}

static void say_timeout(const struct call *k, struct strbuf *out)
{
	if (k->went_silent) {
		strbuf_adds(out, "nothing came for ");
		say_seconds(out, k->silence_ms);
	} else if (!k->sent) {
		strbuf_adds(out, "no connection within ");
		say_seconds(out, connect_ms(k));
	} else {
		strbuf_adds(out, "no whole answer within ");
		say_seconds(out, k->total_ms);
	}
}

static void say_cut(const struct call *k, struct strbuf *out)
{
	curl_off_t all = -1;

	curl_easy_getinfo(k->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &all);
	strbuf_addf(out, "the answer was cut short after %zu", k->answer.len);
	if (all >= 0)
		strbuf_addf(out, " of %lld", (long long)all);
	strbuf_adds(out, " bytes");
}

static void say_connect(const struct call *k, struct strbuf *out)
{
	long errnum = 0;

	curl_easy_getinfo(k->easy, CURLINFO_OS_ERRNO, &errnum);
	if (errnum == ECONNREFUSED)
		strbuf_adds(out, "connection refused: is the server running?");
	else if (errnum)
		strbuf_addf(out, "no connection: %s", strerror((int)errnum));
	else
		strbuf_addf(out, "no connection: %s", k->why);
}

/* Failures whose words need no detail. */
static const char *fixed_words(CURLcode rc)
{
	switch (rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return "the host name is not known: is it spelt right, and is there a network?";
	case CURLE_COULDNT_RESOLVE_PROXY:
		return "the proxy's name is not known: see the variables https_proxy and "
		       "http_proxy";
	case CURLE_GOT_NOTHING:
	case CURLE_ABORTED_BY_CALLBACK:
		return "the server closed the connection without an answer";
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY: return "the server does not speak HTTP";
	default: return NULL;
	}
}

/* curl's own words may quote the server. */
static void say_other(const struct call *k, CURLcode rc, struct strbuf *out)
{
	const char *words = fixed_words(rc);

	if (rc == CURLE_PEER_FAILED_VERIFICATION)
		strbuf_adds(out, "the server's certificate is not trusted: ");
	else if (rc == CURLE_SSL_CONNECT_ERROR)
		strbuf_adds(out, "no TLS with the server (does it speak https?): ");
	if (words)
		strbuf_adds(out, words);
	else
		utf8_add_printable(out, str_of(*k->why ? k->why : curl_easy_strerror(rc)));
}

static void say(const struct call *k, CURLcode rc, struct strbuf *out)
{
	if (k->header_bytes > HEADER_BYTES)
		strbuf_addf(out, "the headers of the answer are larger than %d bytes",
			    HEADER_BYTES);
	else if (k->answer.full || rc == CURLE_FILESIZE_EXCEEDED)
		strbuf_addf(out, "the answer is larger than %zu bytes", k->max_body);
	else if (rc == CURLE_OPERATION_TIMEDOUT)
		say_timeout(k, out);
	else if (rc == CURLE_PARTIAL_FILE || (rc == CURLE_RECV_ERROR && k->answer.len))
		say_cut(k, out);
	else if (rc == CURLE_COULDNT_CONNECT)
		say_connect(k, out);
	else
		say_other(k, rc, out);
}

void try_explain(struct call *k, CURLcode rc, struct err *e)
{
	struct strbuf words = STRBUF_INIT;

	if (k->unread.code != ERR_OK) {
		err_move(e, &k->unread);
		return;
	}
	say(k, rc, &words);
	err_set(e, ERR_NETWORK, "%s %s: %s", k->method, k->server, words.buf);
	strbuf_release(&words);
}

bool try_may_repeat(const struct call *k, CURLcode rc)
{
	switch (rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_SSL_CONNECT_ERROR: return k->repeatable || !k->sent;
	default: return false;
	}
}

bool try_retry_after(struct call *k, uint64_t *ms)
{
	struct curl_header *h;
	uint64_t now = clock_realtime_ms() / 1000, seconds;
	time_t until;

	if (curl_easy_header(k->easy, "Retry-After", 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
		return false;
	if (!str_to_u64(str_of(h->value), &seconds)) {
		until = curl_getdate(h->value, NULL);
		if (until < 0)
			return false;
		seconds = (uint64_t)until > now ? (uint64_t)until - now : 0;
	}
	*ms = (seconds < RETRY_AFTER_SECONDS ? seconds : RETRY_AFTER_SECONDS) * 1000;
	return true;
}
