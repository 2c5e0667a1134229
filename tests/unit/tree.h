#ifndef TESTS_TREE_H
#define TESTS_TREE_H
/* tree.h - a folder of files for one test, made below mkdtemp() and removed after it */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fs/fs.h"
#include "test.h"

struct tree {
	char path[64];
	int fd;
};

static inline int tree_setup_in(void **state, const char *place)
{
	struct tree *t = xcalloc(1, sizeof(*t));

	(void)snprintf(t->path, sizeof(t->path), "%s/dofn-test-XXXXXX", place);
	if (!mkdtemp(t->path) || chmod(t->path, 0755) < 0)
		return -1;
	t->fd = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = t;
	return t->fd < 0 ? -1 : 0;
}

static inline int tree_setup(void **state)
{
	return tree_setup_in(state, "/tmp");
}

/* In memory where that is to be had: for thousands of files. */
static inline int tree_setup_in_memory(void **state)
{
	return tree_setup_in(state, access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp");
}

static inline int tree_teardown(void **state)
{
	struct tree *t = *state;
	struct err e = ERR_INIT;
	int r = fs_remove_tree(AT_FDCWD, t->path, &e);

	if (r < 0)
		print_error("%s\n", e.msg);
	err_clear(&e);
	(void)close(t->fd);
	free(t);
	return r;
}

static inline void tree_dirs(const struct tree *t, const char *path)
{
	struct err e = ERR_INIT;

	if (fs_make_dirs(t->fd, path, 0755, &e) < 0)
		fail_msg("%s", e.msg);
}

/* The file with its folders. */
static inline void tree_file(const struct tree *t, const char *path, const char *text)
{
	struct str dir = path_dir(str_of(path));
	char *parent = xstrndup(dir.p, dir.n);
	int fd;

	if (*parent)
		tree_dirs(t, parent);
	free(parent);
	fd = openat(t->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, 0644), 0);
	(void)close(fd);
}

static inline void tree_link(const struct tree *t, const char *path, const char *target)
{
	assert_int_equal(symlinkat(target, t->fd, path), 0);
}

/*
 * Runs check without the rights of root, which may read everything.  True when
 * it returned true; it must not use cmocka's assertions, being in a process of its own.
 */
static inline bool tree_as_user(bool (*check)(const struct tree *t), const struct tree *t)
{
	int status = -1;
	pid_t pid;

	if (geteuid() != 0)
		return check(t);
	pid = fork();
	if (pid == 0) {
		if (setgid(65534) < 0 || setuid(65534) < 0)
			_exit(2);
		_exit(check(t) ? 0 : 1);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
#endif
