#!/bin/sh
# Fetches what is known of mail programs, for the test of mailed reports: tools/caniemail.sh FOLDER. Starts nothing.
# Without npm it says so and leaves; the test then skips (and fails where CI=true).
set -eu
folder=$1
from=$(cd "$(dirname "$0")/../tests/servers/caniemail" && pwd)

give_up() {
    echo "tools/caniemail.sh: $1; the test of mailed reports in mail programs needs it" >&2
    if [ "${CI:-}" = true ]; then
        exit 1
    fi
    exit 0
}

if ! command -v npm >/dev/null; then
    give_up "this machine has no npm: sudo apt-get install npm"
fi
mkdir -p "$folder"
cp "$from/package.json" "$from/package-lock.json" "$from/check.mjs" "$folder"
cd "$folder"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "tools/caniemail.sh: fetching what mail programs support into $folder (once) ..." >&2
# The versions of the lock file, by their digests; no package's own scripts.
if ! npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    give_up "npm failed (its last lines are above)"
fi
touch .made
