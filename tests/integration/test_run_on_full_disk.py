"""A disk that is full, or may not be written, for real: a small file system of the process's own."""

from __future__ import annotations

import contextlib
import errno
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch import app
from slawatch.usecases import audit
from slawatch.usecases.world import STOP_FILE
from tests.cli.daemon import Daemon
from tests.cli.running import environment
from tests.servers import asking
from tests.servers.local import eventually
from tests.servers.mail import MailServers

SIZE = "4m"
IN_A_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
MOUNT = f'mount -t tmpfs -o size={SIZE} tmpfs "$0" && '


def possible() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*IN_A_NAMESPACE, f"{MOUNT}true", "/mnt"], capture_output=True, check=False).returncode == 0


pytestmark = [
    pytest.mark.server,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not possible(), reason="this machine gives nobody a file system of their own"),
]


class Ballast:
    """What fills the disk up to its last octet."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ballast"

    def fill(self) -> None:
        for size in (1 << 16, 1 << 10, 1):
            with contextlib.suppress(OSError), self._path.open("ab", buffering=0) as file:
                while file.write(b"x" * size):
                    pass
        with pytest.raises(OSError, match="No space left") as caught, self._path.open("ab", buffering=0) as file:
            file.write(b"x")
        assert caught.value.errno == errno.ENOSPC

    def remove(self) -> None:
        self._path.unlink()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small").mkdir()
    return tmp_path


def config(folder: Path, servers: MailServers) -> tuple[Path, dict[str, str], str]:
    mailbox = servers.mailbox()
    address = f"shop@{mailbox.name}.example"
    path = folder / "config.toml"
    path.write_text(f'store = "small/slawatch.db"\n{asking.config(mailbox, {"shop": address})}', encoding="utf-8")
    return path, {asking.PASSWORD_VARIABLE: mailbox.password}, address


def test_on_a_full_disk_nothing_leaves_and_it_goes_on_by_itself_when_there_is_room(
    folder: Path, mail_servers: MailServers
) -> None:
    path, env, address = config(folder, mail_servers)
    loaded = app.load_config(path)
    planned = folder / "planned.db"
    with app.world(path, loaded=(replace(loaded[0], store=planned), loaded[1])) as world:
        targets = [target for company in world.config.companies.values() for target in company.targets]
        audit.start(world, targets, over=timedelta(0), until=None, name="all")
    stop = folder / STOP_FILE
    stop.touch()
    script = f'{MOUNT}cp "{planned}" "$0/slawatch.db" && exec "$@"'
    with Daemon(path, "--every", "1 s", env=env, within=[*IN_A_NAMESPACE, script, str(folder / "small")]) as daemon:
        daemon.says("not sent: a file STOP")
        ballast = Ballast(Path(f"/proc/{daemon.pid}/root{folder}/small"))
        ballast.fill()
        stop.unlink()

        # SQLite has some room in its log: either a pass fails, or it finds out before it sends.
        daemon.says("full: make room")
        assert mail_servers.companies.letters(address) == []
        ballast.remove()
        daemon.says("asked shop")
        daemon.send(signal.SIGTERM)
        assert daemon.end() == 0
        assert daemon.text.count("pass failed") <= 1
        assert "Traceback" not in daemon.text
    assert len(eventually(lambda: mail_servers.companies.letters(address), what="the request")) == 1


@pytest.mark.parametrize(
    ("between", "words"),
    [
        ('dd if=/dev/zero of="$0/ballast" bs=1k 2>/dev/null;', "the disk is full: make room and run it again"),
        ('mount -o remount,ro "$0";', "cannot be opened (Read-only file system): choose a place that can be written"),
    ],
)
def test_a_pass_that_cannot_write_is_one_line_and_failed(
    folder: Path, mail_servers: MailServers, between: str, words: str
) -> None:
    path, env, address = config(folder, mail_servers)
    script = f'{MOUNT}"$@" && {between} "$@"'
    tick = [sys.executable, "-m", "slawatch", "tick", "-c", str(path)]

    done = subprocess.run(
        [*IN_A_NAMESPACE, script, str(folder / "small"), *tick],
        env=environment(env),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 1, done
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert mail_servers.companies.letters(address) == []
