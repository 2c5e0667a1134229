#include "sandbox/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/str.h"
#include "base/vec.h"

static int lower_limit(int resource, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0)
		return errno;
	if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < value)
		value = limit.rlim_max;
	limit.rlim_cur = limit.rlim_max = value;
	return setrlimit(resource, &limit) < 0 ? errno : 0;
}

#ifdef __linux__

static const char oom_path[] = "/proc/self/oom_score_adj";

/* When memory runs out, the kernel should choose a function rather than the user's editor. */
static void volunteer_for_oom(void)
{
	static const char score[] = "500";
	int fd = open(oom_path, O_WRONLY | O_CLOEXEC);
	ssize_t ignored;

	if (fd < 0)
		return;
	ignored = write(fd, score, sizeof(score) - 1);
	(void)ignored;
	(void)close(fd);
}

static int drop_privileges(void)
{
	volunteer_for_oom();
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? errno : 0;
}

#else

static int drop_privileges(void)
{
	return 0;
}

#endif

int sandbox_enter(void *arg)
{
	const struct sandbox *s = arg;
	int error = lower_limit(RLIMIT_CORE, 0);

	if (!error && s->max_file)
		error = lower_limit(RLIMIT_FSIZE, s->max_file);
	if (!error && s->max_files)
		error = lower_limit(RLIMIT_NOFILE, s->max_files);
	return error ? error : drop_privileges();
}

#ifdef __linux__

/* A tree of processes beyond this is sampled in part; it is no function's any more. */
enum { MAX_PROCESSES = 4096, PATH_SIZE = 64, SMALL_FILE = 4096 };

typedef VEC(pid_t) pid_list;

struct relation {
	pid_t pid, parent;
};

typedef VEC(struct relation) relation_list;

/* The start of a file of /proc, terminated; -1 when it is not there. */
static ssize_t read_small(const char *path, char buf[SMALL_FILE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, buf, SMALL_FILE - 1);
	(void)close(fd);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

/* The next number in *text, which moves behind it; false when there is none. */
static bool next_number(struct str *text, uint64_t *value)
{
	struct str digits;
	size_t n = 0;

	while (text->n > 0 && (*text->p < '0' || *text->p > '9'))
		*text = str_from(*text, 1);
	while (n < text->n && text->p[n] >= '0' && text->p[n] <= '9')
		n++;
	digits = (struct str){text->p, n};
	*text = str_from(*text, n);
	return str_to_u64(digits, value);
}

static bool pid_of_name(const char *name, pid_t *pid)
{
	uint64_t value;

	if (!str_to_u64(str_of(name), &value) || value == 0 || value > INT32_MAX)
		return false;
	*pid = (pid_t)value;
	return true;
}

/* Not in every kernel: CONFIG_PROC_CHILDREN. */
static bool kernel_lists_children(void)
{
	return access("/proc/thread-self/children", R_OK) == 0;
}

static void add_children_of_thread(pid_list *pids, const char *task, const char *thread)
{
	char path[PATH_SIZE + 32], buf[SMALL_FILE];
	struct str text;
	uint64_t child;
	ssize_t n;

	if (snprintf(path, sizeof(path), "%s/%.10s/children", task, thread) < 0)
		return;
	n = read_small(path, buf);
	if (n <= 0)
		return;
	text = (struct str){buf, (size_t)n};
	while (pids->n < MAX_PROCESSES && next_number(&text, &child))
		vec_push(pids, (pid_t)child);
}

static void add_listed_children(pid_list *pids, pid_t pid)
{
	char task[PATH_SIZE];
	struct dirent *entry;
	DIR *dir;

	if (snprintf(task, sizeof(task), "/proc/%d/task", (int)pid) < 0)
		return;
	dir = opendir(task);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			add_children_of_thread(pids, task, entry->d_name);
	(void)closedir(dir);
}

/* "pid (any name) S parent ...": the name may hold anything, so from the last ')'. */
static bool parent_of(pid_t pid, pid_t *parent)
{
	char path[PATH_SIZE], buf[SMALL_FILE], *end;
	struct str text;
	uint64_t value;

	if (snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid) < 0 ||
	    read_small(path, buf) <= 0)
		return false;
	end = strrchr(buf, ')');
	if (!end)
		return false;
	text = str_of(end);
	if (!next_number(&text, &value))
		return false;
	*parent = (pid_t)value;
	return true;
}

static void scan_relations(relation_list *all)
{
	struct relation r;
	struct dirent *entry;
	DIR *dir = opendir("/proc");

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (pid_of_name(entry->d_name, &r.pid) && parent_of(r.pid, &r.parent))
			vec_push(all, r);
	(void)closedir(dir);
}

static void add_scanned_children(pid_list *pids, const relation_list *all, pid_t pid)
{
	size_t i;

	for (i = 0; i < all->n && pids->n < MAX_PROCESSES; i++)
		if (all->v[i].parent == pid)
			vec_push(pids, all->v[i].pid);
}

/* pid and all its descendants; the list is its own queue. */
static void collect_tree(pid_list *pids, pid_t pid)
{
	bool listed = kernel_lists_children();
	relation_list all = {0};
	size_t i;

	if (!listed)
		scan_relations(&all);
	vec_push(pids, pid);
	for (i = 0; i < pids->n; i++) {
		if (listed)
			add_listed_children(pids, pids->v[i]);
		else
			add_scanned_children(pids, &all, pids->v[i]);
	}
	vec_release(&all);
}

static uint64_t resident(pid_t pid)
{
	char path[PATH_SIZE], buf[SMALL_FILE];
	struct str text;
	uint64_t total, pages;

	if (snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid) < 0 ||
	    read_small(path, buf) <= 0)
		return 0;
	text = str_of(buf);
	if (!next_number(&text, &total) || !next_number(&text, &pages))
		return 0;
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t proportional(pid_t pid)
{
	char path[PATH_SIZE], buf[SMALL_FILE];
	const char *line;
	struct str text;
	uint64_t kib;

	if (snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid) < 0 ||
	    read_small(path, buf) <= 0)
		return resident(pid);
	line = strstr(buf, "\nPss:");
	if (!line)
		return resident(pid);
	text = str_of(line);
	return next_number(&text, &kib) ? kib * 1024 : resident(pid);
}

static uint64_t sum(const pid_list *pids, uint64_t (*size)(pid_t pid))
{
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < pids->n; i++)
		total += size(pids->v[i]);
	return total;
}

uint64_t sandbox_memory(pid_t pid)
{
	pid_list pids = {0};
	uint64_t total;

	collect_tree(&pids, pid);
	total = sum(&pids, proportional);
	vec_release(&pids);
	return total;
}

bool sandbox_memory_above(pid_t pid, uint64_t limit)
{
	pid_list pids = {0};
	bool above;

	collect_tree(&pids, pid);
	above = sum(&pids, resident) > limit && sum(&pids, proportional) > limit;
	vec_release(&pids);
	return above;
}

static void describe_memory(struct strbuf *out)
{
	bool pss = access("/proc/self/smaps_rollup", R_OK) == 0;

	strbuf_addf(out, "memory: sampled every %d ms (%s), killed above the limit\n",
		    SANDBOX_SAMPLE_MS, pss ? "PSS" : "RSS");
}

static void describe_privileges(struct strbuf *out)
{
	strbuf_adds(out, "privileges: no new ones through set-user-ID programs\n");
	if (access(oom_path, W_OK) == 0)
		strbuf_adds(out, "out of memory: the kernel ends functions first\n");
}

#else

uint64_t sandbox_memory(pid_t pid)
{
	(void)pid;
	return 0;
}

bool sandbox_memory_above(pid_t pid, uint64_t limit)
{
	(void)pid;
	(void)limit;
	return false;
}

static void describe_memory(struct strbuf *out)
{
	strbuf_adds(out, "memory: not limited on this system\n");
}

static void describe_privileges(struct strbuf *out)
{
	strbuf_adds(out, "privileges: those of the user who started the platform\n");
}

#endif

void sandbox_describe(struct strbuf *out)
{
	strbuf_adds(out, "limits: no core dumps, size of files, number of open files\n");
	describe_privileges(out);
	describe_memory(out);
}
