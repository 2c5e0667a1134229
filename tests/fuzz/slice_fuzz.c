/* What somebody else put into the project.yml of a slice: encrypted, and as it is after that.
 */
#include "builder/builder.h"
#include "fuzz.h"
#include "remote/outcome.h"

static void check_configuration(struct str text)
{
	struct slice_reading r;
	struct err e = ERR_INIT;
	int rc = slice_read_configuration(text, &r, &e);

	FUZZ_CLAIM((rc == 0) == (e.code == ERR_OK));
	if (rc == 0) {
		FUZZ_CLAIM(r.package && r.function && r.auth && r.namespace);
		FUZZ_CLAIM(json_count(json_get(r.project, "packages")) == 1);
		FUZZ_CLAIM(!json_get(r.project, "credentials"));
	}
	slice_reading_release(&r);
	err_clear(&e);
}

static void check_decryption(struct str text)
{
	static const unsigned char key[AES_KEY_SIZE] = {1};
	struct strbuf plain = STRBUF_INIT;
	struct err e = ERR_INIT;
	int rc = slice_decrypt(text, key, &plain, &e);

	FUZZ_CLAIM((rc == 0) == (e.code == ERR_OK));
	FUZZ_CLAIM(rc == 0 || plain.len == 0);
	strbuf_release(&plain);
	err_clear(&e);
}

/* And what a builder answers. */
static void check_record(struct str text)
{
	struct err e = ERR_INIT;
	struct json *j = json_parse(text, &e);
	const char *url, *slice;

	err_clear(&e);
	if (j) {
		(void)outcome_is_final(j);
		(void)outcome_transcript(j);
		if (outcome_upload(j, &url, &slice, &e) == 0)
			FUZZ_CLAIM(*url && *slice);
		err_clear(&e);
		FUZZ_CLAIM((outcome_build(j, &e) == 0) == (e.code == ERR_OK));
	}
	err_clear(&e);
	json_free(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_input(data, size);

	check_configuration(text);
	check_decryption(text);
	check_record(text);
	return 0;
}
