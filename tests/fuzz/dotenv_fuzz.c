/* An env file. */
#include "envfile/envfile.h"
#include "fuzz.h"
#include "json/json.h"

/* What was read is a JSON object, and as such an env file that says the same. */
static void check_again(struct arena *a, struct envfile *env, struct diags *d)
{
	struct strbuf text = STRBUF_INIT;
	struct envfile again;
	struct err e = ERR_INIT;
	const struct json *v;

	json_write(&text, env->values);
	FUZZ_CLAIM(envfile_read(&again, a, "again", strbuf_str(&text), d, &e) == 0);
	FUZZ_CLAIM(json_equal(env->values, again.values));
	for (v = json_first(env->values); v; v = json_next(v))
		FUZZ_CLAIM(strcmp(envfile_get(&again, json_name(v).p), json_cstr(v)) == 0);
	envfile_release(&again);
	strbuf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct diags d = DIAGS_INIT;
	struct err e = ERR_INIT;
	struct envfile env;

	if (envfile_read(&env, &a, "x", fuzz_input(data, size), &d, &e) == 0)
		check_again(&a, &env, &d);
	FUZZ_CLAIM(d.errors == 0);
	envfile_release(&env);
	err_clear(&e);
	diags_release(&d);
	arena_release(&a);
	return 0;
}
