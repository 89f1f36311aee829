#!/bin/sh
# Makes a virtual environment: tools/venv.sh FOLDER [PYTHON]. Without PYTHON the oldest supported interpreter is taken
# (the one the suite is promised to pass on), or what $PYTHON names. An environment that runs is kept.
set -eu
folder=$1
here=$(dirname "$0")
pip_min=25.1 # the first that knows --group (PEP 735)

if [ -x "$folder/bin/python" ] && "$folder/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
then
    python=
else
    python=${2:-${PYTHON:-$("$here/pythons.sh" | head -n 1 | cut -d' ' -f2-)}}
    if [ -z "$python" ]; then
        echo "tools/venv.sh: no Python 3.11 or newer was found; install one, or name one: make PYTHON=/path/to/python3" >&2
        exit 1
    fi
    # Debian's python3 comes without ensurepip; then pip itself, from outside, fills the environment.
    if ! "$python" -m venv --clear "$folder" >/dev/null 2>&1; then
        "$python" -m venv --clear --without-pip "$folder"
    fi
fi

if ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    "${python:-python3}" -m pip --python "$folder/bin/python" install -qq --no-input --disable-pip-version-check \
        "pip>=$pip_min"
fi
"$folder/bin/python" -m pip install -qq --no-input --disable-pip-version-check "pip>=$pip_min"
