#include "schema/about.h"

#include <string.h>

static const struct {
	enum config_level level;
	const char *name, *text;
} lines[] = {
	{CONFIG_TOP, "packages", "packages with their functions"},
	{CONFIG_TOP, "parameters", "values that every function finds in its event"},
	{CONFIG_TOP, "environment", "variables of every function's process"},
	{CONFIG_TOP, "targetNamespace", "namespace that the project is meant for"},

	{CONFIG_TARGET, "production", "namespace for production"},
	{CONFIG_TARGET, "test", "namespace for tests"},

	{CONFIG_PACKAGE, "name",
	 "folder below packages/; 'default' for functions without a package"},
	{CONFIG_PACKAGE, "functions", "settings of functions in this package"},
	{CONFIG_PACKAGE, "actions", "old name of 'functions'"},
	{CONFIG_PACKAGE, "parameters",
	 "values that the package's functions find in their event"},
	{CONFIG_PACKAGE, "environment", "variables of the process of the package's functions"},
	{CONFIG_PACKAGE, "annotations", "annotations of the package on the server"},
	{CONFIG_PACKAGE, "shared", "true: other namespaces may use the package"},
	{CONFIG_PACKAGE, "web", "what 'web' is for functions that do not say it"},
	{CONFIG_PACKAGE, "binding", "another package that this one stands for"},

	{CONFIG_BINDING, "namespace", "namespace of the other package"},
	{CONFIG_BINDING, "name", "name of the other package"},

	{CONFIG_FUNCTION, "name", "file or folder of the function, without extension"},
	{CONFIG_FUNCTION, "runtime", "language and version; by default told by the files"},
	{CONFIG_FUNCTION, "main", "entry function; by default 'main', in Go 'Main'"},
	{CONFIG_FUNCTION, "web", "true: has a URL; raw: gets requests unparsed; false: no URL"},
	{CONFIG_FUNCTION, "webSecure",
	 "secret that requests must carry in X-Require-Whisk-Auth"},
	{CONFIG_FUNCTION, "parameters", "values that the function finds in its event"},
	{CONFIG_FUNCTION, "environment", "variables of the function's process"},
	{CONFIG_FUNCTION, "annotations", "annotations of the function on the server"},
	{CONFIG_FUNCTION, "limits", "what a call may use"},
	{CONFIG_FUNCTION, "triggers", "schedules that call the function"},
	{CONFIG_FUNCTION, "sequence", "functions to call one after another, instead of code"},
	{CONFIG_FUNCTION, "file", "path of the code below the project's folder"},
	{CONFIG_FUNCTION, "docker", "image that runs the code"},
	{CONFIG_FUNCTION, "remoteBuild", "true: build on the server"},
	{CONFIG_FUNCTION, "localBuild", "true: build on this machine"},
	{CONFIG_FUNCTION, "binary", "has no effect: the file decides"},

	{CONFIG_LIMITS, "timeout", "milliseconds that a call may take"},
	{CONFIG_LIMITS, "memory", "megabytes of memory"},
	{CONFIG_LIMITS, "logs", "kilobytes of log that a call may write"},

	{CONFIG_TRIGGER, "name", "name of the trigger, once in a namespace"},
	{CONFIG_TRIGGER, "type", "SCHEDULED"},
	{CONFIG_TRIGGER, "enabled", "false: the schedule rests"},
	{CONFIG_TRIGGER, "scheduledDetails", "when to call, and with what"},
	{CONFIG_TRIGGER, "sourceType", "old name of 'type': scheduler"},
	{CONFIG_TRIGGER, "sourceDetails", "old name of 'scheduledDetails'"},

	{CONFIG_SCHEDULE, "cron", "minute hour day month weekday, in UTC"},
	{CONFIG_SCHEDULE, "body", "event that the function gets"},

	{CONFIG_SOURCE, "cron", "minute hour day month weekday, in UTC"},
	{CONFIG_SOURCE, "withBody", "event that the function gets"},
};

const char *schema_about(const struct config_key *key)
{
	size_t i;

	for (i = 0; i < countof(lines); i++)
		if (lines[i].level == key->level && strcmp(lines[i].name, key->name) == 0)
			return lines[i].text;
	bug("nothing is known about the key '%s'", key->name);
}
