#!/bin/sh
# clang-tidy over every source, one a process (its analyzer carries va_list state from file to
# file and then finds what is not there); prints only findings.
set -eu
# shellcheck disable=SC2016 # $1 is for the inner shell
find cmd internal pkg -name '*.c' -print0 | sort -z |
	xargs -0 -n 1 -P "$(nproc)" sh -c 'clang-tidy --quiet "$1" -- -std=gnu17 -D_GNU_SOURCE -Iinternal -Ipkg 2>/dev/null' sh
