#include "deploy/supported.h"

static void check_key(const struct project *p, bool asked, struct pos at, const char *key,
		      struct diags *d)
{
	if (asked)
		diags_add(d, DIAG_ERROR, &p->config, at,
			  "'%s' is not carried out by deploy yet", key);
}

static void check_function(const struct project *p, const struct function *f, struct diags *d)
{
	check_key(p, f->triggers.n > 0, f->at.triggers, "triggers", d);
}

static void check_package(const struct project *p, const struct package *pkg, struct diags *d)
{
	size_t i;

	for (i = 0; i < pkg->functions.n; i++)
		check_function(p, pkg->functions.v[i], d);
}

int project_check_deployable(const struct project *p, struct diags *d)
{
	size_t i, before = d->errors;

	for (i = 0; i < p->packages.n; i++)
		check_package(p, p->packages.v[i], d);
	return d->errors == before ? 0 : -1;
}
