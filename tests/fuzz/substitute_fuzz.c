/* A project.yml, NUL, the value that variables have. */
#include "base/strbuf.h"
#include "config/config.h"
#include "fuzz.h"

#define SECRET "s3cr3t!"

/* One variable in three has no value, one an empty one. */
static const char *look_up(void *arg, const char *name)
{
	const struct strbuf *value = arg;

	switch (strlen(name) % 3) {
	case 0: return NULL;
	case 1: return value->buf;
	default: return value->len % 2 ? value->buf : "";
	}
}

static void check_findings(const struct diags *d, bool may_tell)
{
	struct strbuf shown = STRBUF_INIT;
	size_t i;

	for (i = 0; i < d->list.n; i++)
		diag_write(&shown, &d->list.v[i], false);
	FUZZ_CLAIM(may_tell || !strstr(shown.buf, SECRET));
	strbuf_release(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_input(data, size), text = fuzz_part(&rest);
	struct strbuf value = STRBUF_INIT;
	struct project p;
	struct diags d = DIAGS_INIT;

	strbuf_addstr(&value, fuzz_part(&rest));
	strbuf_adds(&value, SECRET);
	project_init(&p);
	p.config = (struct diag_source){"project.yml", text};
	config_read(&p, &(struct config_options){.lookup = look_up, .arg = &value}, &d);
	check_findings(&d, memmem(text.p, text.n, SECRET, strlen(SECRET)) != NULL);
	diags_release(&d);
	project_release(&p);
	strbuf_release(&value);
	return 0;
}
