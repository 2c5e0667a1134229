#!/bin/sh
# Functions: at most 100 lines, complexity 20. Files: at most 900 lines. Limits only go down.
set -eu
status=0
sources=$(find cmd internal pkg tests -name '*.c')
# It grumbles about structs with array macros on stderr, and counts right all the same.
# shellcheck disable=SC2086 # a list of names without spaces
if ! pmccabe $sources 2>/dev/null | awk '$1 > 20 || $5 > 100 { print "too long or too complex:", $0; bad = 1 } END { exit bad }'; then
	status=1
fi
find cmd internal pkg tests -name '*.[ch]' -exec awk 'END { if (NR > 900) print FILENAME ": " NR " lines" }' {} \; |
	grep . && status=1
exit $status
