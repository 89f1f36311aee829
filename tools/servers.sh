#!/bin/sh
# Installs the Debian packages that tests marked `server` need, where they are missing, and starts none of them: a
# Postfix that listens on this machine's port 25 is the last thing somebody wants who only ran the tests.
# "tools/servers.sh peers" installs what the heavy peers of `make test-peers` need instead.
# Without the rights it prints the line to type and leaves; the tests then skip (and fail where CI=true).
set -eu
here=$(dirname "$0")
policy=${POLICY_RC_D:-/usr/sbin/policy-rc.d} # invoke-rc.d(8): 101 forbids; the variable is for tests
mark="put here by slawatch's tools/servers.sh for the length of one apt-get"

missing=
while read -r package; do
    if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
        missing="$missing $package"
    fi
done <"$here/debian-packages${1:+-$1}"
if [ -z "$missing" ]; then
    exit 0
fi

line="apt-get install --no-install-recommends$missing"
give_up() {
    echo "tools/servers.sh: $1; the tests on real servers need: sudo $line" >&2
    if [ "${CI:-}" = true ]; then
        exit 1
    fi
    exit 0
}

if ! command -v apt-get >/dev/null; then
    give_up "this machine has no apt-get"
fi
if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        give_up "no rights to install packages"
    fi
    exec sudo -n CI="${CI:-}" sh "$0" "$@"
fi

# A policy of somebody else's is theirs: it is asked, never changed.
if [ -e "$policy" ] && ! grep -q "$mark" "$policy"; then
    answer=0
    "$policy" postfix start >/dev/null 2>&1 || answer=$?
    if [ "$answer" != 101 ]; then
        give_up "$policy would let the servers start as services"
    fi
else
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    printf '#!/bin/sh\n# %s\nexit 101\n' "$mark" >"$policy"
    chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
case $missing in
*postfix*) echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections ;;
esac
echo "tools/servers.sh: installing$missing" >&2
log=$(mktemp)
# --no-remove: a mail server that is already here (exim4, say) is not thrown out for the sake of tests.
if ! { apt-get update && apt-get install --yes --no-install-recommends --no-remove $missing; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    give_up "apt-get failed (its last lines are above)"
fi
rm -f "$log"

# What was installed for tests alone is not to come up with the next boot either.
if command -v systemctl >/dev/null; then
    case $missing in
    *dovecot*) systemctl --quiet disable dovecot.service dovecot.socket >/dev/null 2>&1 || true ;;
    esac
    case $missing in
    *postfix*) systemctl --quiet disable postfix.service >/dev/null 2>&1 || true ;;
    esac
    case $missing in
    *postgresql*) systemctl --quiet disable postgresql.service >/dev/null 2>&1 || true ;;
    esac
    case $missing in
    *prosody*) systemctl --quiet disable prosody.service >/dev/null 2>&1 || true ;;
    esac
    case $missing in
    *redis-server*) systemctl --quiet disable redis-server.service >/dev/null 2>&1 || true ;;
    esac
fi
