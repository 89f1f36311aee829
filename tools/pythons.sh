#!/bin/sh
# Prints the Python interpreters that really run here, one a line: "3.12 /usr/bin/python3.12", the oldest first, one of
# each version from 3.11 on. A pyenv shim that only explains itself is not an interpreter and is left out.
set -eu

candidates() {
    for minor in 11 12 13 14 15; do
        command -v "python3.$minor" || true
    done
    command -v python3 || true
    command -v python || true
    for found in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/python3 \
        "$HOME"/.local/share/uv/python/*/bin/python3 /opt/python*/bin/python3 /usr/local/bin/python3.*; do
        if [ -x "$found" ]; then
            echo "$found"
        fi
    done
}

# sys.executable is asked for, since a shim changes its mind with the folder it is called in. Pre-releases and builds
# without the standard library's own parts (venv, ssl, sqlite3) would fail later with a message nobody understands.
candidates | while read -r python; do
    "$python" -c '
import sqlite3, ssl, sys, venv
if sys.version_info >= (3, 11) and sys.version_info.releaselevel == "final" and sys.implementation.name == "cpython":
    print(f"{sys.version_info.major}.{sys.version_info.minor}", sys.executable)
' 2>/dev/null </dev/null || true
done | sort -s -t. -k1,1n -k2,2n | awk '!seen[$1]++'
