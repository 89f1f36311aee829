"""Texts on a terminal are dressed, folded and without colour where that is wanted; in a pipe they stay as they are."""

from __future__ import annotations

import io
import re
import sys

import pytest

from slawatch.cli.dressed import show

TEXT = "Shop by e-mail\n  Proof: proven met: " + "with 95 % confidence " * 6 + "\n\nThe end"
STYLES = {"proven met": "bold blue"}


class Terminal(io.StringIO):
    """A terminal that keeps what it was shown."""

    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, text: str = TEXT, **variables: str) -> str:
    for name, value in {"TERM": "xterm-256color", "COLUMNS": "80", **variables}.items():
        monkeypatch.setenv(name, value)
    if "NO_COLOR" not in variables:
        monkeypatch.delenv("NO_COLOR", raising=False)
    there = Terminal()
    monkeypatch.setattr(sys, "stdout", there)
    show(text, STYLES)
    return there.getvalue()


def test_a_pipe_gets_the_text_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    show(TEXT, STYLES)

    assert capsys.readouterr().out == TEXT + "\n"


def test_a_terminal_gets_names_and_proofs_set_off(monkeypatch: pytest.MonkeyPatch) -> None:
    out = shown(monkeypatch)

    assert "\x1b[1mShop by e-mail\x1b[0m" in out
    assert "\x1b[1;34mproven met\x1b[0m" in out


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "34m" not in shown(monkeypatch, NO_COLOR="1")


def test_long_lines_are_folded_below_their_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, TERM="dumb").splitlines()
    assert max(map(len, lines)) > 80  # a terminal that can nothing gets it plain

    lines = shown(monkeypatch, NO_COLOR="1").replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[2].startswith("      ")


def test_no_line_is_folded_between_a_number_and_its_unit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sentence = "  " + " ".join(["proven met: 12 Min.".replace("2 ", "2\N{NO-BREAK SPACE}")] * 40)

    for columns in range(40, 60):
        lines = shown(monkeypatch, sentence, NO_COLOR="1", COLUMNS=str(columns)).splitlines()
        assert [line for line in lines if line.rstrip("\x1b[0m").endswith("12")] == []
        assert max(len(re.sub(r"\x1b\[\d*m", "", line)) for line in lines) <= columns
    assert "12 Min." in lines[0]
    monkeypatch.undo()
    show(sentence, STYLES)
    assert capsys.readouterr().out == sentence.replace("\N{NO-BREAK SPACE}", " ") + "\n"
