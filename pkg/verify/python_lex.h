/*
 * python_lex.h - Python source to words; private to verify/
 *
 * Enough of the language reference's chapter 2 to tell code from strings and
 * comments, and one logical line from the next.
 */
#ifndef VERIFY_PYTHON_LEX_H
#define VERIFY_PYTHON_LEX_H
#include "base/str.h"
#include "base/vec.h"

enum python_kind {
	PYTHON_NAME,    /* also keywords and numbers */
	PYTHON_STRING,  /* with its quotes */
	PYTHON_OP,      /* "(", ".", "=", "==", ":=" ... */
	PYTHON_NEWLINE, /* end of a logical line */
};

struct python_token {
	enum python_kind kind;
	struct str text;
	uint32_t line, column; /* from 1; characters */
	uint32_t indent; /* of the line that it is the first of; a tab goes to the next eighth
			    column */
};

struct python_tokens {
	VEC(struct python_token) list; /* ends with a PYTHON_NEWLINE unless empty */
};

/* False for text that no Python takes: an unfinished string, brackets that do not pair. */
bool python_lex(struct str text, struct python_tokens *out) NODISCARD;
void python_tokens_release(struct python_tokens *t);
#endif
