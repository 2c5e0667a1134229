/* state.h - the files in the data folder that server and clients share */
#ifndef PLATFORM_STATE_H
#define PLATFORM_STATE_H
#include <sys/types.h>

#include "base/err.h"

/* The environment variable with the descriptor that platform_serve() tells its outcome to. */
#define STATE_READY_VARIABLE "DOFN_LOCAL_READY_FD"

/* "$XDG_DATA_HOME/dofn/local"; heap. */
char *state_dir(struct err *e) NODISCARD;
/* -1 with *e clear when there is no such folder. */
int state_open_dir(const char *dir, struct err *e) NODISCARD;

/*
 * The descriptor that holds the server's lock, to be kept open; -1 with
 * ERR_USAGE when another process holds it.
 */
int state_lock(int dir, struct err *e) NODISCARD;
/*
 * The same for the lock of those who start or reset; waits for it.  It lies
 * beside the data folder, which goes away in a reset.
 */
int state_lock_changes(struct err *e) NODISCARD;
/* The process that holds the server's lock, or 0. */
pid_t state_holder(int dir);

/* "uuid:key"; heap. NULL with *e clear when there is none yet. */
char *state_read_key(int dir, struct err *e) NODISCARD;
/* The same, made when missing. */
char *state_make_key(int dir, struct err *e) NODISCARD;
/* "fn-<uuid>"; heap. */
char *state_namespace(const char *key) NODISCARD;

/* The port that was used last, or 0. */
uint16_t state_last_port(int dir);
/* What the server that runs as pid says of itself: its port, or 0. */
uint16_t state_server_port(int dir, pid_t pid);
int state_write_server(int dir, uint16_t port, const char *version, struct err *e) NODISCARD;
void state_remove_server(int dir);
#endif
