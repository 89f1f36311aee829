"""Where secrets come from, and that they are never shown."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from slawatch import secret as secret_room
from slawatch.errors import ConfigError
from slawatch.mail.wire import one_line
from slawatch.secret import Secret, Source

PYTHON = f"'{sys.executable}' -c"


def secret(given: str, source: Source, folder: Path = Path()) -> Secret:
    return Secret(given, source, folder=folder, place=lambda: "config.toml:7: account.main.key")


def told(given: str, source: Source, folder: Path = Path()) -> str:
    with pytest.raises(ConfigError) as error:
        secret(given, source, folder).resolve()
    (line,) = error.value.problems
    assert line.startswith("config.toml:7: account.main.key: ")
    return line.removeprefix("config.toml:7: account.main.key: ")


def test_a_written_secret_is_itself() -> None:
    assert secret("hunter2", Source.WRITTEN).resolve() == "hunter2"


def test_it_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLAWATCH_TEST", "hunter2")
    assert secret("SLAWATCH_TEST", Source.ENVIRONMENT).resolve() == "hunter2"

    monkeypatch.delenv("SLAWATCH_TEST")
    assert told("SLAWATCH_TEST", Source.ENVIRONMENT) == (
        '"SLAWATCH_TEST" is not set in the environment; set it or name another variable'
    )


@pytest.mark.parametrize("written", ["hünter 2", "hünter 2\n", "hünter 2\r\n"])
def test_it_comes_from_a_file_without_the_line_break_at_its_end(tmp_path: Path, written: str) -> None:
    (tmp_path / "key.txt").write_bytes(written.encode())

    assert secret("key.txt", Source.FILE, tmp_path).resolve() == "hünter 2"


def test_all_lines_of_a_file_belong_to_the_secret(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text("-----\nabc\n\n", encoding="utf-8")

    assert secret("key.txt", Source.FILE, tmp_path).resolve() == "-----\nabc\n"


def test_a_file_may_lie_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "key.txt").write_text("hunter2", encoding="utf-8")

    assert secret("~/key.txt", Source.FILE, Path("/elsewhere")).resolve() == "hunter2"


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n", encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes(b"h\xfcnter2")

    assert told("no.txt", Source.FILE, tmp_path) == '"no.txt" does not exist; write the secret into it'
    assert told(".", Source.FILE, tmp_path) == '"." cannot be read: Is a directory; make it a text file you may read'
    assert told("empty.txt", Source.FILE, tmp_path) == '"empty.txt" gave an empty secret; put the secret there'
    assert told("latin.txt", Source.FILE, tmp_path) == (
        '"latin.txt" cannot be read: it is not UTF-8; make it a text file you may read'
    )


def test_it_comes_from_the_first_line_a_command_prints(tmp_path: Path) -> None:
    command = f"{PYTHON} \"import os; print('hunter2'); print('user: anna'); print(os.getcwd())\""

    assert secret(command, Source.COMMAND, tmp_path).resolve() == "hunter2"


def test_a_command_is_run_in_the_configs_folder_and_by_no_shell(tmp_path: Path) -> None:
    assert secret(f'{PYTHON} "import os; print(os.getcwd())"', Source.COMMAND, tmp_path).resolve() == str(tmp_path)
    assert secret("echo $HOME;", Source.COMMAND, tmp_path).resolve() == "$HOME;"


def test_a_command_is_run_once_a_process(tmp_path: Path) -> None:
    counting = secret(f"{PYTHON} \"print(1, file=open('runs', 'a')); print('hunter2')\"", Source.COMMAND, tmp_path)

    assert [counting.resolve(), counting.resolve()] == ["hunter2", "hunter2"]
    assert (tmp_path / "runs").read_text(encoding="utf-8") == "1\n"


def test_a_command_that_fails_is_told_with_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = f"{PYTHON} \"import sys; print('hunter2'); sys.exit('locked')\""

    assert told(failing, Source.COMMAND).endswith('" failed with exit code 1: "locked"; run it by hand to see why')
    assert "hunter2" not in told(failing, Source.COMMAND).removeprefix(f'"{failing}"')
    assert told("false", Source.COMMAND) == '"false" failed with exit code 1; run it by hand to see why'
    assert told("true", Source.COMMAND) == '"true" gave an empty secret; put the secret there'
    assert told("/no/such/program", Source.COMMAND) == (
        '"/no/such/program" cannot be run: No such file or directory; write a program and its arguments'
    )
    assert told("echo 'open", Source.COMMAND) == (
        '"echo \'open" cannot be run: No closing quotation; write a program and its arguments'
    )
    assert "cannot be run" in told(" ", Source.COMMAND)
    monkeypatch.setattr(secret_room, "COMMAND_SECONDS", 0)
    assert told("sleep 5", Source.COMMAND) == '"sleep 5" did not end within 0 s; unlock your password manager first'


@pytest.mark.parametrize("source", list(Source))
def test_no_secret_is_ever_shown(source: Source) -> None:
    hidden = secret("hunter2", source)

    assert "hunter2" not in f"{hidden} {hidden!r} {[hidden]}"


def test_a_file_that_others_can_read_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    path.write_text("hunter2", encoding="utf-8")
    key = secret("key.txt", Source.FILE, tmp_path)

    path.chmod(0o644)
    assert key.exposure() == (
        'config.toml:7: account.main.key: "key.txt" can be read by every user of this machine; '
        f"run: chmod 600 {tmp_path}/key.txt"
    )
    path.chmod(0o640)
    assert key.exposure() is None
    assert secret("no.txt", Source.FILE, tmp_path).exposure() is None
    assert secret("hunter2", Source.WRITTEN).exposure() is None


@pytest.mark.parametrize("form", [str, lambda one: quote(one, safe=""), lambda one: b64encode(one.encode()).decode()])
def test_what_a_server_repeats_is_left_out_of_its_words(form: Callable[[str], str]) -> None:
    password = secret("repeated/pass word", Source.WRITTEN).resolve()

    assert one_line(f"535 not you, {form(password)}!") == "535 not you, (secret)!"


def test_a_short_secret_may_be_a_word_and_is_not_given_away_by_hiding_it() -> None:
    password = secret("login", Source.WRITTEN).resolve()

    assert one_line(f"{password} failed") == "login failed"
