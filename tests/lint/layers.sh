#!/bin/sh
# Includes go downward only: cmd -> pkg -> internal; inside a layer the modules form a DAG.
set -eu
status=0

modules_of() { find "$1" -mindepth 1 -maxdepth 1 -type d -exec basename {} \; | sort | paste -sd "|"; }

pkg=$(modules_of pkg)
if grep -rnE "#include \"($pkg)/" internal --include='*.[ch]'; then
	echo "internal/ includes pkg/"
	status=1
fi
if grep -rnE '#include "(\.\./)*cmd/|#include "command.h"' internal pkg --include='*.[ch]'; then
	echo "a lower layer includes cmd/"
	status=1
fi
for layer in internal pkg; do
	edges=$(grep -rhoE --include='*.[ch]' '^#include "[a-z0-9_]+/' -H "$layer" |
		sed -E "s|^$layer/([a-z0-9_]+)/[^:]*:#include \"([a-z0-9_]+)/|\1 \2|" |
		while read -r from to; do
			if [ "$from" != "$to" ] && [ -d "$layer/$to" ]; then echo "$from $to"; fi
		done | sort -u)
	if ! printf '%s\n' "$edges" | tsort >/dev/null; then
		echo "the modules of $layer/ include each other in a circle"
		status=1
	fi
done
exit $status
