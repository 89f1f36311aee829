#!/bin/sh
# Sets up the Bluesky network that `make test-peers` talks to: tools/atproto.sh FOLDER. Starts nothing.
# Node comes along from the same registry as the rest: that of Debian is too old. Without npm it says so and leaves; the
# tests then skip (and fail where CI=true).
set -eu
folder=$1
from=$(dirname "$0")/../tests/servers/atproto

give_up() {
    echo "tools/atproto.sh: $1; the tests on a Bluesky network need it" >&2
    if [ "${CI:-}" = true ]; then
        exit 1
    fi
    exit 0
}

if ! command -v npm >/dev/null; then
    give_up "this machine has no npm: sudo apt-get install npm"
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() {
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        give_up "\"$*\" failed (its last lines are above)"
    fi
}

mkdir -p "$folder"
cp "$from/package.json" "$from/package-lock.json" "$folder"
cd "$folder"
echo "tools/atproto.sh: installing a Bluesky network into $folder (a few minutes, once) ..." >&2
# No package's own scripts: they would fetch what they bring from elsewhere.
run npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
for node in node_modules/node-linux-*; do
    PATH=$PWD/$node/bin:$PATH
    nodedir=$PWD/$node
done
export PATH
# The one that has to be compiled, with the headers that Node brings. Tests do not feel how fast SQLite is, but all of
# them wait for the compiler: 45 s instead of two minutes.
export npm_config_nodedir="$nodedir" npm_config_build_from_source=true CFLAGS=-O0 CXXFLAGS=-O0
run npm rebuild better-sqlite3 --loglevel=error
run node -e 'require("better-sqlite3")(":memory:").exec("SELECT 1")'
touch .made
