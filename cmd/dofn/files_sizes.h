/* files_sizes.h - dofn files --sizes: what takes the room in a function, as text and as JSON */
#ifndef DOFN_FILES_SIZES_H
#define DOFN_FILES_SIZES_H
#include "command.h"
#include "pack/pack.h"
#include "sizes/sizes.h"

struct function_sizes {
	const char *function; /* "p/f" */
	struct sizes sizes;
	uint64_t packed, limit; /* what is sent, before base64; what of it the platform takes */
};

/* Packs the files to see; the caller releases. */
int function_sizes_find(struct function_sizes *fs, struct packer *k, const struct function *f,
			const struct filter_list *list, struct err *e) NODISCARD;
void function_sizes_release(struct function_sizes *fs);
/* A table with advice below its rows, wrapped at `width` columns (0: nowhere). */
void function_sizes_text(struct strbuf *out, struct function_sizes *fs, bool colour, bool all,
			 size_t width);
struct json *function_sizes_json(struct function_sizes *fs) NODISCARD;
#endif
