#include "deploy/target.h"

#include <string.h>

static bool is_same(const char *name, const char *namespace)
{
	return name && strcmp(name, namespace) == 0;
}

/* The value is not in the text: it may have been filled in.  The line shows it where it was
 * not.
 */
int target_check(const struct project *p, const char *namespace, struct diags *d)
{
	const struct target_namespace *t = &p->target;

	if (!t->pos.line || is_same(t->name, namespace) || is_same(t->production, namespace) ||
	    is_same(t->test, namespace))
		return 0;
	diags_add(d, DIAG_ERROR, &p->config, t->pos,
		  "'targetNamespace' is not the namespace '%s', to which this would go; change "
		  "to the right one with 'dofn connect', or change the key",
		  namespace);
	return -1;
}
