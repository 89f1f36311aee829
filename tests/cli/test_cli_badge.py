"""`slawatch badge`: files for a page of one's own."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Call, Demo


def test_every_company_and_channel_has_a_picture_and_a_file_for_shields(demo: Demo, tmp_path: Path, call: Call) -> None:
    done = call("badge", "-c", demo.config, "--out", tmp_path / "b")

    printed = [Path(line) for line in done.out.splitlines()]
    assert done.code == 0
    assert printed == [path for path in printed if path.is_file() and path.suffix == ".svg"]
    assert sorted(path.stem for path in printed) == sorted(path.stem for path in (tmp_path / "b").glob("*.json"))
    for path in (tmp_path / "b").glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8")).keys() == {"schemaVersion", "label", "message", "color"}


def test_badges_of_one_company_come_in_the_language_asked_for(demo: Demo, tmp_path: Path, call: Call) -> None:
    done = call("badge", "-c", demo.config, "--out", tmp_path, "--company", "morgentau-tee", "--lang", "de")

    assert done.code == 0
    assert {json.loads(path.read_text())["label"].split()[0] for path in tmp_path.glob("*.json")} == {"Erstreaktion"}


def test_a_language_without_words_is_refused(demo: Demo, call: Call) -> None:
    assert call("badge", "-c", demo.config, "--lang", "fr").code == 2
