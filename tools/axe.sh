#!/bin/sh
# Fetches what reads a page as a screen reader would, for the report's tests: tools/axe.sh FOLDER. Runs nothing of it.
# Without npm it says so and leaves; the tests then skip (and fail where CI=true).
set -eu
folder=$1
package=axe-core
version=4.14.1 # MPL-2.0: a peer of tests only, no part of what users get
sha512=FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==

give_up() {
    echo "tools/axe.sh: $1; the tests of the report's accessibility need it" >&2
    if [ "${CI:-}" = true ]; then
        exit 1
    fi
    exit 0
}

for needed in npm openssl; do
    if ! command -v "$needed" >/dev/null; then
        give_up "this machine has no $needed: sudo apt-get install $needed"
    fi
done
mkdir -p "$folder"
cd "$folder"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "tools/axe.sh: fetching $package into $folder (once) ..." >&2
if ! npm pack "$package@$version" --ignore-scripts --loglevel=error >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    give_up "npm failed (its last lines are above)"
fi
tarball=$package-$version.tgz
if [ "$(openssl dgst -sha512 -binary "$tarball" | openssl base64 -A)" != "$sha512" ]; then
    rm -f "$tarball"
    give_up "what came is not the $package $version that the tests were written on"
fi
tar -xzf "$tarball" package/axe.min.js package/LICENSE
rm -f "$tarball"
touch .made
