#include "bytecode/interpreter.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "build/environment.h"
#include "fs/fs.h"
#include "proc/proc.h"

enum { ASK_MS = 10000, ANSWER_MAX = 8192, ASKED_MAX = 16 };

extern const unsigned char embed_compile_py[];

static const struct cache_kind memos = {.name = "interpreter", .bounded = false};

struct asked {
	dev_t dev;
	ino_t ino;
};

struct search {
	const struct interpreter_search *s;
	struct interpreter *in;
	VEC(struct asked) asked;
};

const char *interpreter_script(void)
{
	return (const char *)embed_compile_py;
}

/* What it answers: its identity and its path, a line each. */
static bool parse(struct interpreter *in, struct arena *a, struct str answer)
{
	struct str identity, program;

	if (!answer.n || !str_next(&answer, '\n', &identity) ||
	    !str_next(&answer, '\n', &program))
		return false;
	if (program.n == 0 || program.p[0] != '/' ||
	    !str_starts(identity, arena_printf(a, "%s ", in->version)))
		return false;
	in->identity = arena_strndup(a, identity.p, identity.n);
	in->program = arena_strndup(a, program.p, program.n);
	return true;
}

/* Empty when the program is not there. */
static const char *memo_of(const struct interpreter *in, struct arena *a)
{
	struct stat st;
	struct fs_stamp now;

	if (stat(in->program, &st) < 0 || access(in->program, X_OK) < 0)
		return "";
	now = fs_stamp_of(&st);
	return arena_printf(a, "%s\n%s\n%llu %llu %llu %lld %lld\n", in->identity, in->program,
			    (unsigned long long)now.size, (unsigned long long)now.dev,
			    (unsigned long long)now.ino, (long long)now.mtime_ns,
			    (long long)now.ctime_ns);
}

/* Of what decides which one is found; stand-ins look at more, but never find one that is not
 * of the version in their names. */
static void memo_id(const struct search *x, char id[SHA256_HEX])
{
	static const char *const names[] = {"PATH", "PYENV_ROOT", "PYENV_VERSION"};
	struct strbuf text = STRBUF_INIT;
	const char *value;
	size_t i;

	strbuf_adds(&text, x->in->version);
	for (i = 0; i < countof(names); i++) {
		value = environment_value(x->s->env, names[i]);
		strbuf_addf(&text, "\n%s", value ? value : "");
	}
	sha256_of(text.buf, text.len, id);
	strbuf_release(&text);
}

static bool remembered(struct search *x, const char *id)
{
	struct interpreter found = {.version = x->in->version};
	struct strbuf text = STRBUF_INIT;
	bool good = cache_read(x->s->cache, &memos, id, ANSWER_MAX, &text) &&
		    parse(&found, x->s->arena, strbuf_str(&text)) &&
		    strcmp(memo_of(&found, x->s->arena), text.buf) == 0;

	strbuf_release(&text);
	if (good)
		*x->in = found;
	return good;
}

static void remember(const struct search *x, const char *id)
{
	struct err ignored = ERR_INIT;
	const char *text = memo_of(x->in, x->s->arena);

	if (*text && cache_write(x->s->cache, &memos, id, str_of(text), &ignored) < 0)
		err_clear(&ignored);
}

static bool ask(struct search *x, const char *program)
{
	const char *argv[] = {program, "-sSB", "-c", interpreter_script(), NULL};
	const struct proc_spec spec = {
		.file = program, .argv = argv, .envp = x->s->env, .cwd = -1};
	struct strbuf answer = STRBUF_MAX(ANSWER_MAX);
	struct err ignored = ERR_INIT;
	struct proc_end end = {0};
	bool good;

	good = proc_capture(x->s->loop, &spec, &answer, ASK_MS, &end, &ignored) == 0 &&
	       end.status == 0 && !end.dropped &&
	       parse(x->in, x->s->arena, strbuf_str(&answer));
	err_clear(&ignored);
	strbuf_release(&answer);
	return good;
}

/* Folders of PATH may be links to each other. */
static bool is_new(struct search *x, const char *program)
{
	struct stat st;
	size_t i;

	if (stat(program, &st) < 0 || x->asked.n >= ASKED_MAX)
		return false;
	for (i = 0; i < x->asked.n; i++)
		if (x->asked.v[i].dev == st.st_dev && x->asked.v[i].ino == st.st_ino)
			return false;
	vec_push(&x->asked, ((struct asked){st.st_dev, st.st_ino}));
	return true;
}

static bool ask_each(struct search *x, const char *name)
{
	struct str path = str_of(environment_value(x->s->env, "PATH")), folder;
	bool found = false;
	char *program;

	while (!found && path.p && str_next(&path, ':', &folder)) {
		program = proc_find(name, arena_strndup(x->s->arena, folder.p, folder.n));
		found = program && is_new(x, program) && ask(x, program);
		free(program);
	}
	return found;
}

void interpreter_find(struct interpreter *in, const struct interpreter_search *s)
{
	struct search x = {.s = s, .in = in};
	char id[SHA256_HEX];

	memo_id(&x, id);
	if (remembered(&x, id))
		return;
	if (ask_each(&x, arena_printf(s->arena, "python%s", in->version)) ||
	    ask_each(&x, "python3") || ask_each(&x, "python"))
		remember(&x, id);
	vec_release(&x.asked);
}
