"""--log-format json: one object a line on standard error, without bodies, secrets or who stands before the "@"."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from slawatch import cli
from slawatch.cli.logs import Log, shy
from slawatch.usecases.world import News
from tests.stages import ACCOUNT, company


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(ACCOUNT.replace("per_minute", "imap_port = 1\nper_minute") + company(), encoding="utf-8")
    monkeypatch.setenv("UNSET_IN_TESTS", "planted-password-47")
    return path


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level


def run(*arguments: str) -> tuple[Result, list[dict[str, Any]]]:
    done = CliRunner().invoke(cli.group, list(arguments))
    return done, [json.loads(line) for line in done.stderr.splitlines()]


@pytest.mark.parametrize("command", ["tick", "collect"])
def test_a_pass_that_cannot_look_says_so_as_json_alone(config: Path, command: str) -> None:
    done, said = run(command, "-c", str(config), "--log-format", "json")

    assert done.exit_code == 4
    assert done.stdout == ""
    passed = ["pass"] if command == "tick" else []
    assert [one["event"] for one in said] == ["new-store", "not-observed", *passed]
    assert [one["level"] for one in said] == ["warning", "warning", *("info" for _ in passed)]
    assert "planted-password-47" not in done.output


def test_the_environment_chooses_it_as_well(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLAWATCH_LOG_FORMAT", "json")

    done, said = run("tick", "-c", str(config))

    assert said[-1]["exit_code"] == 4
    assert done.stdout == ""


def test_an_error_is_an_object_too(tmp_path: Path) -> None:
    done, (said,) = run("send", "-c", str(tmp_path / "none.toml"), "--log-format", "json")

    assert (said["event"], said["level"], said["exit_code"]) == ("failed", "error", done.exit_code)


def test_without_it_people_get_lines(config: Path) -> None:
    done = CliRunner().invoke(cli.group, ["tick", "-c", str(config)])

    assert "cannot look" in done.stdout
    assert done.stderr == ""


def test_who_stands_before_the_at_and_what_follows_a_host_is_left_out() -> None:
    assert shy("to anna.b+k7f3@example.org: https://me:pw@hooks.example/T0/secret?x=1, gone") == (
        "to …@example.org: https://hooks.example/…, gone"
    )
    assert shy("two\nlines\x1b[31m") == "two lines [31m" or "\n" not in shy("two\nlines\x1b[31m")


def test_what_somebody_wrote_is_no_part_of_it() -> None:
    lines: list[str] = []
    Log("tick", lines.append).tell(News(what="opted-out", words='it asks us to stop: "leave me, Bob"', ref="shop"))

    assert "Bob" not in lines[0]
    assert json.loads(lines[0])["ref"] == "shop"


def test_warnings_of_libraries_are_objects_too(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("tick", "-c", str(config), "--log-format", "json")

    logging.getLogger("stove").warning("low on coal of %s", "bob@example.org")

    said = json.loads(capsys.readouterr().err)
    assert (said["event"], said["level"], said["library"]) == ("library", "warning", "stove")
    assert said["message"] == "low on coal of …@example.org"
