#!/bin/sh
# Each library is included by one module of internal/.  A header of the module may
# do so only when no other module includes that header: the types stay inside.
set -eu
status=0

check() { # module, pattern of the header's name
	users=$(grep -rlE "#include <$2" cmd internal pkg tests/unit --include='*.[ch]' || true)
	for file in $users; do
		case $file in
		"internal/$1/"*.c) ;;
		"internal/$1/"*.h)
			if grep -rlE "#include \"$1/${file##*/}\"" cmd internal pkg --include='*.[ch]' |
				grep -v "^internal/$1/"; then
				echo "$file shows <$2...> to another module"
				status=1
			fi
			;;
		*)
			echo "$file: only internal/$1/ may include <$2...>"
			status=1
			;;
		esac
	done
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
