#!/bin/sh
# clang-tidy over every source, two at a time; prints only findings.
set -eu
find cmd internal pkg -name '*.c' -print0 | sort -z |
	xargs -0 -n 4 -P "$(nproc)" sh -c 'clang-tidy --quiet "$@" -- -std=gnu17 -D_GNU_SOURCE -Iinternal -Ipkg 2>/dev/null' sh
