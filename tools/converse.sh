#!/bin/sh
# Fetches the chat for websites that tests ask in: tools/converse.sh FOLDER. Starts nothing and runs nothing of it.
# Without npm it says so and leaves; the tests then skip (and fail where CI=true).
set -eu
folder=$1
package=converse.js
version=10.1.2 # 14.0.0 logs in and shows no chat box (tried 2026-11-22)
sha512=L6yQL6znCCAn1MI6iJam2G1Ucj/uGN2mCP6xg1u/AeIULUrXAi7p8BgU0aG2UvwGu5rAALC8LpR/ytnQ4TqMNA==

give_up() {
    echo "tools/converse.sh: $1; the tests in a real website chat need it" >&2
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
echo "tools/converse.sh: fetching $package into $folder (once) ..." >&2
# The package alone, not what it is built from: its dist/ holds all that a page needs.
if ! npm pack "$package@$version" --ignore-scripts --loglevel=error >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    give_up "npm failed (its last lines are above)"
fi
tarball=$package-$version.tgz
if [ "$(openssl dgst -sha512 -binary "$tarball" | openssl base64 -A)" != "$sha512" ]; then
    rm -f "$tarball"
    give_up "what came is not the $package $version that the tests were written on"
fi
tar -xzf "$tarball" package/dist package/LICENSE
rm -f "$tarball"
touch .made
