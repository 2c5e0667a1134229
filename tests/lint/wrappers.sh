#!/bin/sh
# Each library is included by one module of internal/, and by no header: its types stay inside.
set -eu
status=0

check() { # module, pattern of the header's name
	if grep -rnE "#include <$2" cmd internal pkg --include='*.[ch]' | grep -v "^internal/$1/[a-z0-9_]*\.c:" |
		grep -v "^internal/$1/internal\.h:"; then
		echo "only the sources of internal/$1/ may include <$2...>"
		status=1
	fi
}

check base 'openssl/'
check json 'cjson/'
check yaml 'yaml\.h'
check loop 'uv'
check zip 'archive'
check http 'curl/'
check httpd 'microhttpd'
check store 'sqlite3'
exit $status
