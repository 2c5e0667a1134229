#!/bin/sh
# Functions that are not used here, and allocation outside internal/base/.
set -eu
status=0
banned='strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|strtok|atoi|atol|sscanf|fscanf|scanf|alloca|system|popen|tmpnam|mktemp|rand|signal|gmtime|localtime|readdir_r'
if grep -rnE "(^|[^a-zA-Z0-9_.>\"])($banned) ?\(" cmd internal pkg tests --include='*.[ch]'; then
	echo "banned functions (CONTRIBUTING.md)"
	status=1
fi
if grep -rnE '(^|[^a-zA-Z0-9_])(malloc|calloc|realloc|reallocarray|strdup|strndup|asprintf|vasprintf) ?\(' cmd internal pkg \
	--include='*.[ch]' | grep -v '^internal/base/'; then
	echo "only internal/base/ allocates; use the x functions, an arena or a strbuf"
	status=1
fi
if grep -rnE '(^|[^a-zA-Z0-9_])(printf|puts|putchar|fprintf|fputs|perror) ?\(' internal pkg --include='*.c' |
	grep -vE '^internal/base/base\.c:'; then
	echo "nothing below cmd/ prints"
	status=1
fi
exit $status
