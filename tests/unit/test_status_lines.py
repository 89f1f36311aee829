"""`status` says first what goes wrong, then what waits for a person, then how things go; a terminal sees it set off."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from slawatch.cli.dressed import show_lines
from slawatch.cli.lines import table
from slawatch.cli.status import PROBLEM, STATES, WAITS, lines_of
from slawatch.store import Alert
from slawatch.usecases.status import Status

LOOKED = datetime(2026, 3, 2, 9, tzinfo=UTC)
WELL = Status(
    looks={"main": LOOKED, "public": LOOKED},
    troubles={},
    halted="",
    paused={},
    open=(),
    our_turn=(),
    to_post=(),
    next_slot=None,
    review=0,
    audit=None,
    audit_running=False,
)
ILL = replace(
    WELL,
    troubles={"public": "the token was taken back"},
    paused={"shop": "holidays"},
    review=1,
    audit=4,
    not_mailed=("report weekly: it could not be made: store: busy",),
)


class Terminal(io.StringIO):
    """A terminal that keeps what it was shown."""

    def isatty(self) -> bool:
        return True


def lines(found: Status) -> list[tuple[str, str]]:
    return list(lines_of(found, "UTC", {"shop": "Shop"}, everything=False))


def test_what_goes_wrong_stands_first_and_then_what_waits_for_a_person() -> None:
    assert [(line.partition(":")[0], style) for line, style in lines(ILL)][:7] == [
        ("paused", PROBLEM),
        ("public", PROBLEM),
        ("public", PROBLEM),
        ("report weekly", PROBLEM),
        ("1 message waits for a person; decide about it with", WAITS),
        ("audit 4 is open; go on with", WAITS),
        ("main", ""),
    ]


def test_where_all_is_well_nothing_is_set_off() -> None:
    assert {style for _, style in lines(WELL)}.isdisjoint({PROBLEM, WAITS})


def test_a_terminal_gets_problems_in_colour_and_no_column_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TERM": "xterm-256color", "COLUMNS": "40"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    rows = list(table(("Request", "State"), [("P" * 60, "used up"), ("P" * 60, "near it")], whole=("Request", "State")))
    there = Terminal()
    monkeypatch.setattr(sys, "stdout", there)

    show_lines([("paused: Shop", PROBLEM), *((row, "") for row in rows)], STATES)

    shown = there.getvalue().splitlines()
    assert shown == [
        "\x1b[1;31mpaused: Shop\x1b[0m",
        rows[0],
        "P" * 60 + "  \x1b[31mused up\x1b[0m",
        "P" * 60 + "  \x1b[33mnear it\x1b[0m",
    ]


def test_a_pipe_gets_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    show_lines(lines(ILL), STATES)

    assert capsys.readouterr().out == "".join(f"{line}\n" for line, _ in lines(ILL))


def test_what_was_noticed_says_since_when_and_on_whose_side() -> None:
    failing = Alert(
        id=1,
        key="account:main",
        kind="account",
        severity="error",
        ours=True,
        passing=False,
        words="account main cannot be read: login refused",
        raised_at=LOOKED,
        resolved_at=None,
    )
    broken = replace(failing, passing=True, ours=False, words="Shop (email): a promise was broken")

    found = [line for line, style in lines(replace(WELL, alerts=(failing, broken))) if style == PROBLEM]

    assert found == [
        "wrong since Mon 2026-03-02 09:00, on our side: account main cannot be read: login refused",
        "noticed Mon 2026-03-02 09:00: Shop (email): a promise was broken",
    ]
