#!/bin/bash
# The main job, from nothing: build a Python function with a package from the
# index, deploy it to the local platform, call it over HTTP, read its log lines.
# Everything happens in a folder of its own that is removed at the end.
set -euo pipefail
exec 2>&1 # one story, in order

dofn=${DOFN:?the path of the program}
here=$(cd "$(dirname "$0")/../.." && pwd)
home=$(mktemp -d)
unset CI DOFN_APIHOST DOFN_AUTH DIGITALOCEAN_ACCESS_TOKEN DIGITALOCEAN_TOKEN
export XDG_CONFIG_HOME=$home/config XDG_DATA_HOME=$home/data XDG_CACHE_HOME=$home/cache

finish() {
	"$dofn" local stop -q || true
	rm -rf "$home"
}
trap finish EXIT

run() {
	printf '\n$ %s\n' "$*" | sed "s|$dofn|dofn|; s|$home|~|"
	"$@"
}

cp -r "$here/testdata/projects/cow" "$home/cow"
cd "$home"
run "$dofn" deploy ./cow
url=$("$dofn" functions get sample/moo --url)
printf '\n$ dofn functions get sample/moo --url\n%s\n' "$url"
run curl -sS --fail "$url?name=Sammy"
run curl -sS --fail -d name=Sammy "$url"
run "$dofn" activations logs --function sample/moo --limit 2
printf '\nThe demo used a folder of its own.  To go on yourself:\n'
printf '  %s deploy testdata/projects/cow\n' "build/dofn"
