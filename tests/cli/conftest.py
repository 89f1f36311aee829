"""What tests of the command line share: commands in this process, a demo that has been run, a town to ask."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from slawatch import cli
from tests.cli.running import Done, terminal
from tests.cli.town import Town

SIGNALS = (signal.SIGTERM, signal.SIGHUP)

Call = Callable[..., Done]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    """Run a command line in this process; for those where neither signals nor a terminal matter."""
    monkeypatch.delenv("SLAWATCH_CONFIG", raising=False)
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def run(*words: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["slawatch", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return Done(code, out, err)

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


class Demo(Done):
    """A demo that has been run in a terminal: its folder, and everything it showed there."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Return the demo of this test run, shared by its workers; tests that change its folder take a copy."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    screen, code = base / "demo.screen", base / "demo.code"
    with (base / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not code.exists():
            with terminal("demo", "--quick", "--out", base / "demo", cwd=base) as shown:
                done = shown.end()
            screen.write_text(done.out, encoding="utf-8")
            code.write_text(str(done.code), encoding="ascii")
    demo = Demo(int(code.read_text()), screen.read_text(encoding="utf-8"))
    object.__setattr__(demo, "folder", base / "demo")
    return demo


@pytest.fixture
def demo_copy(demo: Demo, tmp_path: Path) -> Path:
    """Return the config of a copy of the demo's folder that the test may change."""
    shutil.copytree(demo.folder, tmp_path / "demo")
    return tmp_path / "demo" / "config.toml"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A post office on the machine's clock, and companies that answer when the test says so."""
    with Town(tmp_path) as town:
        yield town
