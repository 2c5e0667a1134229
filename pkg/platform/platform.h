/*
 * platform.h - the local platform: an OpenWhisk with DigitalOcean's limits on
 * loopback, in one process, that really runs Python functions
 *
 * platform_serve() is the server, run by `dofn local start` in a process of
 * its own.  The other functions are what a client on the same machine needs to
 * find, start and stop it.  State lives in the data folder
 * ($XDG_DATA_HOME/dofn/local): platform.db, key, lock, port, server.json, log,
 * run/, builds/.  The lock decides whether a server runs: it goes with the process,
 * however that ends.  Starting and resetting exclude each other by a lock
 * beside the folder.
 */
#ifndef PLATFORM_PLATFORM_H
#define PLATFORM_PLATFORM_H
#include "base/err.h"
#include "loop/loop.h"

enum { PLATFORM_PORT = 3233 };

struct platform_options {
	const char *data;        /* the data folder; made when missing */
	uint16_t port;           /* 0 = the last one, else PLATFORM_PORT, else any free one */
	bool port_fixed;         /* the port was asked for: taken is an error */
	const char *version;     /* of the program, for server.json; or NULL */
	const char *program;     /* its path, to run builds by; NULL: no remote builds */
	uint64_t build_limit_ms; /* of a remote build; 0 = as DigitalOcean has it */
	/* Called once when requests are answered. */
	void (*ready)(void *arg, uint16_t port);
	void *arg;
};

/*
 * Serves until loop_interrupt() (SIGTERM, SIGINT), then returns 0.  One server
 * per data folder: a second is ERR_USAGE.  When platform_start() started the
 * process, it is told the outcome through a pipe.
 */
int platform_serve(struct loop *l, const struct platform_options *o, struct err *e) NODISCARD;

/* Strings on the heap. */
struct platform_info {
	bool running;
	pid_t pid;
	uint16_t port;
	char *api_host;  /* "http://127.0.0.1:3233" */
	char *auth;      /* "uuid:key" */
	char *namespace; /* "fn-<uuid>" */
	char *data;
};

/* What is there now; a data folder that was never used has only `data` set. */
int platform_find(struct platform_info *info, struct err *e) NODISCARD;
/*
 * Starts `program local serve --data DIR [--port N]` in the background when it does not run yet
 * and waits until it answers. *started tells which. port as in platform_options.
 */
int platform_start(const char *program, uint16_t port, struct platform_info *info,
		   bool *started, struct err *e) NODISCARD;
/* *stopped false when it did not run. Waits until it is gone. */
int platform_stop(bool *stopped, struct err *e) NODISCARD;
/* Stops it and removes all data (functions, activations, key). */
int platform_reset(bool *stopped, struct err *e) NODISCARD;
void platform_info_release(struct platform_info *info);
#endif
