#include "fs/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/vec.h"
#include "fs/place.h"

/* The one piece of state: what has to go when the program ends. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static VEC(char *) registered;

enum { TRIES = 16 };

static void add_registered(const char *path)
{
	pthread_mutex_lock(&lock);
	vec_push(&registered, xstrdup(path));
	pthread_mutex_unlock(&lock);
}

char *fs_temp_dir(const char *parent, const char *prefix, struct err *e)
{
	char digits[17], *path, *shown;
	int i;

	for (i = 0; i < TRIES; i++) {
		random_hex(digits, 8);
		path = xasprintf("%s/%s%s", parent, prefix, digits);
		if (mkdir(path, 0700) == 0) {
			add_registered(path);
			return path;
		}
		free(path);
		if (errno != EEXIST)
			break;
	}
	shown = fs_shown(NULL, parent);
	err_sys(e, "cannot make a temporary folder in '%s'", shown);
	free(shown);
	return NULL;
}

/* The last registered path, or NULL; the caller frees it. */
static char *take_last(void)
{
	char *path = NULL;

	pthread_mutex_lock(&lock);
	if (registered.n)
		path = registered.v[--registered.n];
	else
		vec_release(&registered);
	pthread_mutex_unlock(&lock);
	return path;
}

void fs_temp_forget(const char *path)
{
	size_t i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < registered.n; i++) {
		if (strcmp(registered.v[i], path) != 0)
			continue;
		free(registered.v[i]);
		registered.v[i] = registered.v[--registered.n];
		break;
	}
	if (registered.n == 0)
		vec_release(&registered);
	pthread_mutex_unlock(&lock);
}

void fs_cleanup(void)
{
	struct err e = ERR_INIT;
	char *path;

	while ((path = take_last()) != NULL) {
		/* The program is ending: there is nobody left who could do better. */
		if (fs_remove_tree(AT_FDCWD, path, &e) < 0)
			err_clear(&e);
		free(path);
	}
}
