"""Does tools/servers.sh leave a machine as it found it? Stand-ins for apt-get and its kin write down what they see."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.servers.local import eventually

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "servers.sh"
STAND_INS = {
    "id": "echo ${RIGHTS:-0}",
    "sudo": "exit 1",
    "dpkg-query": 'case "$*" in *chromium*) echo installed ;; *) exit 1 ;; esac',
    "apt-get": (
        'echo "apt-get $*: $(tail -n 1 "$POLICY_RC_D" 2>&1)" >>"$SEEN"\nsleep "${APT_SECONDS:-0}"; exit ${APT_FAILS:-0}'
    ),
    "debconf-set-selections": "cat >/dev/null",
    "systemctl": 'echo "systemctl $*" >>"$SEEN"',
}


class Machine:
    """A machine of stand-ins: what apt-get saw is in `seen`, the policy lies in `policy`."""

    def __init__(self, folder: Path) -> None:
        self.policy = folder / "policy-rc.d"
        self._seen = folder / "seen"
        self._seen.touch()
        programs = folder / "bin"
        programs.mkdir()
        for name, what in STAND_INS.items():
            program = programs / name
            program.write_text(f"#!/bin/sh\n{what}\n")
            program.chmod(0o755)
        self._env = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "POLICY_RC_D": str(self.policy),
            "SEEN": str(self._seen),
        }

    @property
    def seen(self) -> list[str]:
        return self._seen.read_text().splitlines()

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["sh", str(SCRIPT), *arguments],
            env={**self._env, **env},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **env: str) -> tuple[int, str]:
        process = self.start(*arguments, **env)
        _, words = process.communicate(timeout=60)
        return process.returncode, words


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_only_what_is_missing_is_installed_and_nothing_is_started(machine: Machine) -> None:
    code, _ = machine.run()

    assert code == 0
    update, install, *disabled = machine.seen
    assert (update, install.split(": ")[1]) == ("apt-get update: exit 101", "exit 101")
    assert "postfix" in install
    assert "chromium" not in install
    assert "--no-remove" in install
    assert any("disable postfix" in line for line in disabled)
    assert any("disable dovecot" in line for line in disabled)
    assert not machine.policy.exists()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_policy_goes_even_where_the_installation_is_broken_off(machine: Machine, end: signal.Signals) -> None:
    process = machine.start(APT_SECONDS="2")
    eventually(lambda: any("install" in line for line in machine.seen), what="apt-get install")
    assert machine.policy.exists()

    os.killpg(process.pid, end)
    process.communicate(timeout=60)

    assert process.returncode != 0
    assert not machine.policy.exists()


def test_what_heavy_peers_need_is_installed_for_them_alone(machine: Machine) -> None:
    code, _ = machine.run("peers")

    assert code == 0
    _, install, *disabled = machine.seen
    assert {"postgresql", "redis-server"} <= set(install.partition(":")[0].split())
    assert "postfix" not in install
    assert any("disable redis-server" in line for line in disabled)
    assert any("disable postgresql" in line for line in disabled)
    before = len(machine.seen)
    machine.run()
    assert not any("redis-server" in line for line in machine.seen[before:])


def test_somebody_elses_policy_stays_as_it_is(machine: Machine) -> None:
    machine.policy.write_text("#!/bin/sh\n# mine\nexit 101\n")
    machine.policy.chmod(0o755)

    code, _ = machine.run()

    assert code == 0
    assert len(machine.seen) > 1
    assert machine.policy.read_text() == "#!/bin/sh\n# mine\nexit 101\n"


def test_where_somebody_elses_policy_lets_servers_start_nothing_is_installed(machine: Machine) -> None:
    machine.policy.write_text("#!/bin/sh\nexit 0\n")
    machine.policy.chmod(0o755)

    code, words = machine.run()

    assert (code, machine.seen) == (0, [])
    assert "sudo apt-get install" in words
    assert machine.policy.exists()


def test_a_policy_left_behind_by_a_killed_run_is_cleared_away(machine: Machine) -> None:
    process = machine.start(APT_SECONDS="2")
    eventually(machine.policy.exists, what="the policy")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert machine.policy.exists()

    machine.run()

    assert not machine.policy.exists()


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
@pytest.mark.parametrize("trouble", [{"RIGHTS": "1000"}, {"APT_FAILS": "100"}])
def test_without_rights_or_packages_the_line_to_type_is_printed(
    machine: Machine, trouble: dict[str, str], ci: str, code: int
) -> None:
    found, words = machine.run(CI=ci, **trouble)

    assert found == code
    assert "sudo apt-get install --no-install-recommends dovecot-imapd" in words
    assert not machine.policy.exists()
