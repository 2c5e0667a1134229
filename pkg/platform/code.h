/*
 * code.h - a function's code on disk
 *
 * Source text becomes main__.py; an archive (base64 of a zip) is unpacked.
 * Both may be large and happen on a worker thread.
 */
#ifndef PLATFORM_CODE_H
#define PLATFORM_CODE_H
#include "base/err.h"
#include "base/strbuf.h"
#include "loop/loop.h"

/*
 * Takes the contents of *code. dir is the caller's and stays open until done,
 * which gets an error with code ERR_OK when all went well.
 */
void code_unpack(struct loop *l, int dir, struct strbuf *code, bool binary,
		 void (*done)(void *arg, const struct err *e), void *arg);
#endif
