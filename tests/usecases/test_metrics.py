"""Metrics as Prometheus reads them: the form of the text, names and units by its rules, and what they say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

import pytest

from slawatch.usecases import metrics
from slawatch.usecases.tick import tick
from tests.stages import ACCOUNT, Opening, company

# https://prometheus.io/docs/instrumenting/exposition_formats/ (text-based format), read as strictly as it is written.
HELP = re.compile(r"# HELP (?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?P<text>(?:[^\\\n]|\\\\|\\n)+)")
TYPE = re.compile(r"# TYPE (?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?P<type>counter|gauge|histogram|summary|untyped)")
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
SAMPLE = re.compile(
    rf"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?P<labels>\{{{LABEL}(?:,{LABEL})*\}})? (?P<value>-?[0-9.e+-]+)"
)
# https://prometheus.io/docs/practices/naming/: base units as suffixes; never the type, nor a unit that is no base unit.
UNITS = re.compile(r"_(?:milliseconds|minutes|hours|days|kilobytes|megabytes|percent|ms|mb|kb|gauge|counter)(?:_|$)")


def parsed(text: str) -> Mapping[str, list[tuple[str, float]]]:
    """Return samples by metric, or fail where Prometheus would, or its linter would complain."""
    assert text.endswith("\n")
    found: dict[str, list[tuple[str, float]]] = {}
    lines = text.splitlines()
    for name, some in groupby(lines, key=lambda line: re.split(r"[ {]", re.sub("^# (HELP|TYPE) ", "", line))[0]):
        head, kind, *samples = list(some)
        assert name not in found, f"{name} is split"
        assert HELP.fullmatch(head), head
        typed = TYPE.fullmatch(kind)
        assert typed, kind
        assert name.startswith("slawatch_")
        assert not UNITS.search(name), name
        assert (typed["type"] == "counter") == name.endswith("_total"), name
        assert not re.search(r"_(?:sum|count|bucket|info)$", name) or name == "slawatch_build_info"
        read = [SAMPLE.fullmatch(line) for line in samples]
        assert all(read), samples
        found[name] = [(one["labels"] or "", float(one["value"])) for one in read if one]
        assert len({labels for labels, _ in found[name]}) == len(found[name]), f"{name} has a series twice"
    return found


def test_all_of_it_is_read_and_named_by_the_rules(stage: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.stages.ACCOUNT", 'metrics = "slawatch.prom"\n' + ACCOUNT + 'canary = "6 h"\n')
    here = stage(company(schedule='every = "1 d"', relationship="own"))
    for _ in range(3):
        here.forward(minutes=5)
        tick(here.world)
    left_at = here.world.store.canaries("main")[0].intended_at

    found = parsed(metrics.text(here.world))

    assert found["slawatch_last_pass_timestamp_seconds"] == [("", here.clock.now().timestamp())]
    assert found["slawatch_account_observed_timestamp_seconds"] == [('{account="main"}', here.clock.now().timestamp())]
    assert found["slawatch_canary_back_timestamp_seconds"] == [('{account="main"}', left_at.timestamp())]
    assert found["slawatch_account_up"] == [('{account="main"}', 1)]
    assert {value for _, value in found["slawatch_alerts"]} == {0}
    assert found["slawatch_slots_planned"][0][1] > 0
    assert found["slawatch_paused"] == [("", 0)]


def test_what_goes_wrong_shows(stage: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.stages.ACCOUNT", 'metrics = "slawatch.prom"\n' + ACCOUNT)
    here = stage(company())
    here.far.go_away()
    for _ in range(5):
        tick(here.world)
        here.forward(minutes=5)
    here.world.store.pause("*", "")

    found = parsed(metrics.text(here.world))

    assert found["slawatch_account_up"] == [('{account="main"}', 0)]
    assert ('{kind="account",severity="error"}', 1) in found["slawatch_alerts"]
    assert found["slawatch_paused"] == [("", 1)]


def test_the_names_of_the_guides_rules_are_there(stage: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.stages.ACCOUNT", 'metrics = "slawatch.prom"\n' + ACCOUNT)
    here = stage(company() + '\n[[alert]]\nmail = ["me@example.org"]\n')
    tick(here.world)

    guide = Path(__file__).parents[2] / "docs/how-to/get-alerts.md"
    named = set(re.findall(r"slawatch_[a-z_]+", guide.read_text(encoding="utf-8")))

    assert named
    assert named <= parsed(metrics.text(here.world)).keys()
