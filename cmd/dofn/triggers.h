/* triggers.h - what the files of `dofn triggers` share */
#ifndef DOFN_TRIGGERS_H
#define DOFN_TRIGGERS_H
#include "command.h"

extern const struct command cmd_triggers_create, cmd_triggers_delete, cmd_triggers_disable,
	cmd_triggers_enable, cmd_triggers_update;

/* A connection, and the API for its triggers. */
struct trigger_api {
	struct connection to;
	struct doapi *doapi;
};

int trigger_api_open(struct context *c, const struct connection_flags *flags,
		     struct trigger_api *api, struct err *e) NODISCARD;
void trigger_api_close(struct trigger_api *api);
/* One trigger, as the API shows it. */
struct json *trigger_api_get(struct trigger_api *api, const char *name,
			     struct err *e) NODISCARD;
#endif
