/*
 * creds.h - which namespace commands talk to, and the key for it
 *
 * Looked up in this order: --apihost and --auth; DOFN_APIHOST and DOFN_AUTH;
 * what `dofn connect` stored; else the local platform, unless CI is set or a
 * DigitalOcean token is in the environment (design decision 8).
 * The file is $XDG_CONFIG_HOME/dofn/credentials.json, 0600 in a folder 0700,
 * in doctl's form (functions.md 4.1).
 */
#ifndef CREDS_CREDS_H
#define CREDS_CREDS_H
#include "base/err.h"

enum creds_from {
	CREDS_FLAGS,
	CREDS_ENVIRONMENT,
	CREDS_STORED,
	CREDS_LOCAL,         /* `dofn connect local` */
	CREDS_LOCAL_DEFAULT, /* nothing connected */
};

/* Strings on the heap. api_host and auth are NULL for the two local ones: the caller asks
 * platform/. */
struct creds {
	enum creds_from from;
	char *api_host;  /* "https://faas-nyc1-....doserverless.co" */
	char *auth;      /* "uuid:key" or "dof_v1_id:secret" */
	char *namespace; /* or NULL when not known yet */
	char *label;     /* or NULL */
	char *api_url; /* of the DigitalOcean API that knows the namespace; NULL: the usual one
			*/
};

/* apihost and auth: the flags, or NULL; only one of them is ERR_USAGE. ERR_AUTH says how to
 * connect. */
int creds_find(const char *apihost, const char *auth, struct creds *c, struct err *e) NODISCARD;
int creds_store(const struct creds *c, struct err *e) NODISCARD;
int creds_store_local(struct err *e) NODISCARD;
void creds_release(struct creds *c);
/* 0, or ERR_USAGE: the form must be dof_v1_<id>:<secret> (functions.md 4.3). */
int creds_check_access_key(const char *key, struct err *e) NODISCARD;
/* DIGITALOCEAN_API_URL, or NULL. */
const char *creds_api_url(void);
/* DIGITALOCEAN_ACCESS_TOKEN or DIGITALOCEAN_TOKEN, or NULL. */
const char *creds_token(void);
#endif
