#include "pack/refusal.h"

void refusals_add(struct refusals *r, struct sink *s, const char *name,
		  const struct artifact *a)
{
	sink_findings(s, name, &a->findings);
	r->errors += a->findings.errors;
}

bool refusals_take(struct refusals *r, struct sink *s, const char *name,
		   const struct function *f, struct err *e)
{
	struct diags d = DIAGS_INIT;

	if (!pack_is_too_large(e))
		return false;
	diags_add_path(&d, DIAG_ERROR, f->source, "%s", e->msg);
	sink_findings(s, name, &d);
	diags_release(&d);
	err_clear(e);
	r->too_large++;
	return true;
}

int refusals_check(const struct refusals *r, struct err *e)
{
	const char *of_errors = r->errors == 1 ? "" : "s";
	const char *of_functions = r->too_large == 1 ? "" : "s";

	if (r->errors && r->too_large)
		return err_set(e, ERR_PROJECT,
			       "%zu error%s in what the functions are made of, and %zu "
			       "function%s too large for the platform",
			       r->errors, of_errors, r->too_large, of_functions);
	if (r->too_large)
		return err_set(e, ERR_PROJECT, "%zu function%s too large for the platform",
			       r->too_large, of_functions);
	if (r->errors)
		return err_set(e, ERR_PROJECT,
			       "%zu error%s in what the functions are made of; '--no-verify' "
			       "goes on all the same",
			       r->errors, of_errors);
	return 0;
}
