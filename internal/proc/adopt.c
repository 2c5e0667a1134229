#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/strbuf.h"
#include "base/vec.h"
#include "fs/fs.h"
#include "proc/proc.h"

enum { LIST_MAX = 1 << 20, ROUNDS = 64, NAMES_MAX = 5, NAME_BYTES = 64 };

struct pids {
	VEC(pid_t) list;
};

struct proc_adoption {
	struct loop *l;
	struct pids before; /* children that are no one's orphans */
	size_t waiting, named;
	bool none; /* waiting == 0, for the loop */
};

static bool has(const struct pids *pids, pid_t pid)
{
	size_t i;

	for (i = 0; i < pids->list.n; i++)
		if (pids->list.v[i] == pid)
			return true;
	return false;
}

/*
 * The children of the main thread, to which orphans come.  None where the kernel does not
 * list them (CONFIG_PROC_CHILDREN).
 */
static void list_children(struct pids *pids)
{
	struct strbuf text = STRBUF_INIT;
	struct err ignored = ERR_INIT;
	struct str rest, word;
	uint64_t pid;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/task/%ld/children", (long)getpid());
	if (fs_read(AT_FDCWD, path, LIST_MAX, &text, &ignored) < 0)
		err_clear(&ignored);
	rest = strbuf_str(&text);
	while (str_next(&rest, ' ', &word))
		if (str_to_u64(word, &pid))
			vec_push(&pids->list, (pid_t)pid);
	strbuf_release(&text);
}

static void set_subreaper(bool on UNUSED)
{
#ifdef __linux__
	(void)prctl(PR_SET_CHILD_SUBREAPER, (unsigned long)on, 0, 0, 0);
#endif
}

struct proc_adoption *proc_adopt_begin(struct loop *l)
{
	struct proc_adoption *a = xcalloc(1, sizeof(*a));

	a->l = l;
	list_children(&a->before);
	set_subreaper(true);
	return a;
}

static void on_reaped(void *arg, int status UNUSED)
{
	struct proc_adoption *a = arg;

	a->waiting--;
	a->none = a->waiting == 0;
}

static char state_of(pid_t pid)
{
	struct strbuf text = STRBUF_INIT;
	struct err ignored = ERR_INIT;
	char path[64], state = 'Z';
	const char *behind;

	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	if (fs_read(AT_FDCWD, path, LIST_MAX, &text, &ignored) < 0)
		err_clear(&ignored);
	/* "12 (its name) S ...": the name may hold anything. */
	behind = text.len ? strrchr(text.buf, ')') : NULL;
	if (behind && behind[1] == ' ')
		state = behind[2];
	strbuf_release(&text);
	return state;
}

static void add_name(struct proc_adoption *a, pid_t pid, struct strbuf *names)
{
	struct strbuf name = STRBUF_INIT;
	struct err ignored = ERR_INIT;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
	if (fs_read(AT_FDCWD, path, NAME_BYTES, &name, &ignored) < 0)
		err_clear(&ignored);
	if (++a->named <= NAMES_MAX)
		strbuf_addf(names, "%s%.*s", names->len ? ", " : "",
			    STR_ARG(str_trim(strbuf_str(&name))));
	else if (a->named == NAMES_MAX + 1)
		strbuf_adds(names, ", ...");
	strbuf_release(&name);
}

/* Kills those who have come; those of them come next. */
static bool end_some(struct proc_adoption *a, struct strbuf *names)
{
	struct pids now = {0};
	size_t i;

	list_children(&now);
	for (i = 0; i < now.list.n; i++) {
		pid_t pid = now.list.v[i];

		if (has(&a->before, pid))
			continue;
		if (state_of(pid) != 'Z')
			add_name(a, pid, names);
		if (kill(pid, SIGKILL) < 0) { /* another user's by now, as of sudo */
			vec_push(&a->before.list, pid);
			continue;
		}
		a->waiting++;
		(void)!loop_child_watch(a->l, pid, on_reaped, a);
	}
	vec_release(&now.list);
	a->none = a->waiting == 0;
	if (a->none)
		return false;
	loop_run_until(a->l, &a->none);
	return true;
}

void proc_adopt_end(struct proc_adoption *a, struct strbuf *names)
{
	size_t i;

	for (i = 0; i < ROUNDS && end_some(a, names); i++)
		;
	set_subreaper(false);
	vec_release(&a->before.list);
	free(a);
}
