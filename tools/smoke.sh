#!/bin/sh
# Does the wheel install and start on every newer Python that runs here? tools/smoke.sh WHEEL
# The whole suite runs on the oldest; here only what breaks between versions is of interest: installing and importing.
set -eu
wheel=$(realpath "$1")
here=$(realpath "$(dirname "$0")")

"$here/pythons.sh" | tail -n +2 | while read -r version python; do
    folder=.make/smoke-$version
    "$here/venv.sh" "$folder" "$python" </dev/null
    bin=$(realpath "$folder/bin")
    "$bin/python" -m pip uninstall -qq --no-input --yes slawatch </dev/null 2>/dev/null
    "$bin/python" -m pip install -qq --no-input --disable-pip-version-check "$wheel" </dev/null
    # From an empty folder, so that nothing of the checkout can stand in for what the wheel lacks.
    nowhere=$(mktemp -d)
    for command in "--version" "--help" "demo --help"; do
        # shellcheck disable=SC2086 # two words on purpose
        if ! said=$(cd "$nowhere" && "$bin/python" -W error -m slawatch $command 2>&1 </dev/null); then
            printf '%s\n' "$said" >&2
            echo "smoke: Python $version: \"slawatch $command\" failed" >&2
            exit 1
        fi
    done
    rmdir "$nowhere"
    echo "smoke: Python $version: installs and starts"
done
