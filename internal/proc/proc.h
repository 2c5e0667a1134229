/*
 * proc.h - child processes: working directory, environment, process group,
 * output by lines
 *
 * A child runs in a session and process group of its own with stdin on
 * /dev/null, only the descriptors named here open, default signal handlers and
 * an empty signal mask.  proc_stop() ends the whole group.  A child that dofn
 * started does not outlive it (Linux: PR_SET_PDEATHSIG; elsewhere only on an
 * orderly end).
 */
#ifndef PROC_PROC_H
#define PROC_PROC_H
#include "base/arena.h"
#include "base/str.h"
#include "loop/loop.h"

enum proc_stream { PROC_STDOUT, PROC_STDERR };

struct proc_end {
	int status;   /* exit status; -1 when a signal ended it */
	int signum;   /* the signal, or 0 */
	bool dropped; /* output beyond max_output was thrown away */
	bool left;    /* end_group had something to end */
};

struct proc_spec {
	/* Program: a path (a relative one starts at cwd), or a name looked up in envp's PATH.
	 */
	const char *file;
	const char *const *argv; /* with argv[0], NULL at the end */
	const char *const *envp; /* whole environment, NULL at the end; NULL = inherit */
	int cwd;                 /* directory descriptor to start in; -1 = inherit */
	/*
	 * Descriptors to hand over besides 0, 1, 2: pass[i] becomes 3 + i in the
	 * child.  The caller closes its own copies.
	 */
	const int *pass;
	size_t pass_n;
	/*
	 * Runs in the child between fork and exec, in its working directory and
	 * with the caller's descriptors still open: async-signal-safe calls only.
	 * Returns 0, or an errno to give up with.
	 */
	int (*prepare)(void *arg);
	void *prepare_arg;
	/*
	 * A line of output without its end ("\n" or "\r\n"), as it arrives; a line
	 * longer than 64 KiB comes in pieces (`more` true for all but the last).
	 * Bytes are the child's, unchecked.  NULL throws the output away.
	 */
	void (*on_line)(void *arg, enum proc_stream stream, struct str line, bool more);
	/* Exactly once, after the last line; the handle is gone after it. */
	void (*on_end)(void *arg, const struct proc_end *end);
	void *arg;
	size_t max_output; /* bytes of both streams passed on; 0 = no ceiling */
	/* So many of the last bytes of each stream are passed on although they are beyond
	 * max_output, from the beginning of a line, before on_end. */
	size_t keep_last;
	/* When the child has ended by itself, the rest of its group is stopped: SIGTERM, and
	 * SIGKILL after so many ms.  0 lets it run. */
	uint64_t end_group_ms;
};

struct proc;

/*
 * NULL and *e when it could not be started: ERR_SYSTEM with sys ENOENT when
 * there is no such program.
 */
struct proc *proc_start(struct loop *l, const struct proc_spec *spec, struct err *e) NODISCARD;
pid_t proc_pid(const struct proc *p);
/*
 * SIGTERM to the group, SIGKILL after grace_ms (0 = SIGKILL at once) to those
 * of it who are left.  on_end still comes: at the latest shortly after the
 * group is gone, also when a stray grandchild in a new session keeps the pipes
 * open.  Calling it again shortens nothing but with 0.
 */
void proc_stop(struct proc *p, uint64_t grace_ms);

/*
 * Whoever left the group, or was stopped too late, cannot be found by it.  Between
 * these two calls such a descendant becomes a child of this process when its
 * parent ends (Linux: PR_SET_CHILD_SUBREAPER; elsewhere nothing happens).
 * proc_adopt_end() kills all that came so, also theirs, where it may, waits for
 * their end and appends their names, "sleep, sh", to *names.  No child may be running but
 * those that were there at proc_adopt_begin().  Not from inside a callback.
 */
struct strbuf;
struct proc_adoption;
struct proc_adoption *proc_adopt_begin(struct loop *l) NODISCARD;
void proc_adopt_end(struct proc_adoption *a, struct strbuf *names);

/*
 * Runs to the end on the loop and collects stdout as it is (up to the ceiling
 * of *out, then end->dropped; NULL drops it).  For small questions such as an
 * interpreter's version.  spec's on_line gets the lines of stderr, its on_end
 * is not called.  timeout_ms (0 = none) kills it.  0 and *end filled, or -1
 * when it could not run or was cancelled.  Not from inside a callback.
 */
int proc_capture(struct loop *l, const struct proc_spec *spec, struct strbuf *out,
		 uint64_t timeout_ms, struct proc_end *end, struct err *e) NODISCARD;

/*
 * The path of `name` in `path` (a PATH value), executable by us, or NULL.
 * A name with a slash is returned as it is when executable.  Relative entries of
 * PATH are passed over: they would mean another place in the child.  NULL for path
 * means the system's folders.  Heap; the caller frees.
 */
char *proc_find(const char *name, const char *path) NODISCARD;
/*
 * What this process was started with can be read by others of its user, such as
 * the programs that it starts (Linux: /proc/PID/environ, cmdline).  The first
 * gives the environment other memory and wipes that: first thing in main(), as
 * pointers from getenv() go.  The second gives a copy of argv, in the arena, and
 * overwrites in the original the values of these options ("--auth", NULL at the
 * end).  Wiping the arguments also shortens what `ps` shows to anyone.
 */
void proc_hide_environment(void);
char **proc_hide_values(struct arena *a, char *const *argv, const char *const *options);
/*
 * While hidden, others of this user cannot read this process's memory nor what /proc tells of
 * it, unless they may trace all processes, as root mostly may (Linux: PR_SET_DUMPABLE).
 */
void proc_hide_memory(bool hide);
/* Closes the descriptors from `first` on; async-signal-safe, for between fork and exec. */
void proc_close_from(int first);
/* The path to run this program again by; argv0 where the system does not tell. Heap, or NULL.
 */
char *proc_self(const char *argv0) NODISCARD;
#endif
